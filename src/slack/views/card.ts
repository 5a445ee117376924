/** The one message in the channel: how the run stands, whom it waits for, and the buttons that stop it. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import { isFinished } from '../../run/next.ts';
import type { Approval, HostState, RunState } from '../../run/state.ts';
import { controls } from './buttons.ts';
import { type Draft, type Part, sayLines } from './compose.ts';
import { people, person } from './people.ts';
import { duration, slackTime } from './times.ts';
import { about, commandOf, filled, heading, name, stepName, troubleWord, words } from './words.ts';

const TOP = { kind: 'top' } as const;

export function cardDraft(state: RunState): Draft {
  const status = statusWords(state);
  const waits = waitsFor(state);
  const lines = [
    `Requested by ${person(state.requester)}, ${progress(state)}.`,
    ...(waits === undefined ? [] : [waits]),
    ...parameters(state),
    times(state),
  ];
  return {
    key: 'card',
    place: TOP,
    seq: 1,
    final: state.ended !== undefined,
    text: [`${heading(state)}: ${status}`, about(state), ...lines],
    parts: [sayLines([`*${heading(state)}*`, `*Status:* ${status}`, ...lines]), ...stopping(state)],
  };
}

/** How a run stands, in words; escaped. */
export function statusWords(state: RunState): string {
  if (state.ended !== undefined) return state.ended.outcome;
  if (state.cancel !== undefined) return `cancelling, asked by ${person(state.cancel.by)}`;
  if (state.trouble !== undefined) return `stopped: ${troubleWord(state.trouble.what)} at ${name(state.trouble.step)}`;
  const going = atWork(state);
  if (state.paused !== undefined) return `paused by ${person(state.paused.by)}${going === undefined ? '' : `, ${going} to its end`}`;
  return going ?? waitingWords(openApproval(state)) ?? beginning(state);
}

function waitingWords(approval: Approval | undefined): string | undefined {
  if (approval === undefined) return undefined;
  return `waiting for ${approval.needs === 'second' ? 'a second person' : 'a press'} on ${name(approval.step)}`;
}

function beginning(state: RunState): string {
  const step = current(state);
  return step === undefined ? 'finishing' : `preparing ${name(step)}`;
}

/** What runs or is awaited on a host now. */
function atWork(state: RunState): string | undefined {
  for (const { id } of state.procedure.steps) {
    const step = state.steps[id];
    if (step?.kind !== 'open') continue;
    for (const [host, at] of Object.entries(step.hosts)) {
      const doing = doingWord(at);
      if (doing !== undefined) return `${doing} ${name(id)} on ${name(host)}`;
    }
  }
  return undefined;
}

function doingWord(host: HostState): string | undefined {
  switch (host.kind) {
    case 'began':
      return 'running';
    case 'watching':
      return 'checking';
    case 'waiting':
    case 'ended':
    case 'passed':
    case 'passedOver':
    case 'troubled':
    case 'settledFailed':
    case 'skipped':
    case 'notNeeded':
      return undefined;
    default:
      return assertNever(host);
  }
}

export function openApproval(state: RunState): Approval | undefined {
  return Object.values(state.approvals).find((approval) => approval.status.kind === 'open');
}

function current(state: RunState): string | undefined {
  return state.procedure.steps.find((step) => !isFinished(step, state.steps[step.id] ?? { kind: 'pending' }))?.id;
}

/** `step 4 of 12: S4 Stop the engine`. */
function progress(state: RunState): string {
  const { steps } = state.procedure;
  const id = current(state);
  if (id === undefined) return `all ${steps.length} steps done`;
  const place = steps.findIndex((step) => step.id === id) + 1;
  return `${state.ended === undefined ? 'step' : 'ended at step'} ${place} of ${steps.length}: ${stepName(state, id)}`;
}

function waitsFor(state: RunState): string | undefined {
  if (state.ended !== undefined) return `Why: ${words(state.ended.why)}`;
  if (state.cancel !== undefined) return 'Waits for: what runs to be ended on its host.';
  if (state.trouble !== undefined)
    return `*Trouble:* ${words(state.trouble.what.why, 300)}\nWaits for: ${person(state.requester)}, or whoever may start or approve runs here, to choose what to do.`;
  const until = watched(state);
  if (until !== undefined) return `Waits for: ${until}`;
  const approval = openApproval(state);
  if (approval !== undefined) {
    const whom = approval.needs === 'second' ? people(state.cluster.may.approve) : person(state.requester);
    return `Waits for: ${whom}, until ${slackTime(approval.expiresAt)}.`;
  }
  return state.paused === undefined ? undefined : 'Waits for: somebody to resume it.';
}

function watched(state: RunState): string | undefined {
  const id = current(state);
  const step = id === undefined ? undefined : state.steps[id];
  if (id === undefined || step?.kind !== 'open') return undefined;
  const [host] = Object.entries(step.hosts).find(([, at]) => at.kind === 'watching') ?? [];
  const waiting = commandOf(state, id)?.until?.waiting;
  return host === undefined || waiting === undefined ? undefined : filled(state, waiting, host);
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
