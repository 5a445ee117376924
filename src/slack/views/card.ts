/** The one message in the channel: how the run stands, whom it waits for, and the buttons that stop it. Pure. */
import type { Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import { controls } from './buttons.ts';
import { type Draft, type Part, sayLines } from './compose.ts';
import { emergencyLines } from './glass.ts';
import { person } from './people.ts';
import { current, statusWords, waitLines } from './standing.ts';
import { duration, slackTime } from './times.ts';
import { about, heading, name, stepName, words } from './words.ts';

const TOP = { kind: 'top' } as const;

export function cardDraft(state: RunState, recorded: readonly Recorded[]): Draft {
  const status = statusWords(state);
  const asked = `Requested by ${person(state.requester)}, ${progress(state)}.`;
  const lines = [asked, ...waitLines(state), ...emergencyLines(state, recorded), ...parameters(state), times(state)];
  return {
    key: 'card',
    place: TOP,
    seq: 1,
    final: state.ended !== undefined,
    text: [`${heading(state)}: ${status}`, about(state), ...lines],
    parts: [sayLines([`*${heading(state)}*`, `*Status:* ${status}`, ...lines]), ...stopping(state)],
  };
}

/** `step 4 of 12: S4 Stop the engine`. */
function progress(state: RunState): string {
  const { steps } = state.procedure;
  const id = current(state);
  if (id === undefined) return `all ${steps.length} steps done`;
  const place = steps.findIndex((step) => step.id === id) + 1;
  return `${state.ended === undefined ? 'step' : 'ended at step'} ${place} of ${steps.length}: ${stepName(state, id)}`;
}

function parameters(state: RunState): readonly string[] {
  const all = Object.entries(state.params);
  if (all.length === 0) return [];
  const shown = all.slice(0, 15).map(([key, value]) => `${name(key)}=${words(value, 100)}`);
  return [`With ${shown.join(', ')}${all.length > 15 ? ` and ${all.length - 15} more` : ''}`];
}

function times(state: RunState): string {
  const started = `Started ${slackTime(state.startedAt)}`;
  if (state.ended === undefined) return `${started}.`;
  return `${started}, ended ${slackTime(state.ended.at)}, took ${duration(state.ended.at - state.startedAt)}.`;
}

function stopping(state: RunState): readonly Part[] {
  if (state.ended !== undefined || state.cancel !== undefined) return [];
  return [{ kind: 'buttons', id: `control-${state.run}`, buttons: controls(state.run, state.paused !== undefined) }];
}
