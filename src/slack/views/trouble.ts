/** The card that says what went wrong and asks people what to do, and what they chose. Pure. */
import type { EventOf } from '../../run/events.ts';
import { settlingNeedsSecond } from '../../run/second.ts';
import type { RunState } from '../../run/state.ts';
import { troubleValue } from './actions.ts';
import { settleButton } from './buttons.ts';
import { type Draft, type Part, sayLines } from './compose.ts';
import { person } from './people.ts';
import { saidSoFar, wanted } from './second.ts';
import { slackTime } from './times.ts';
import { about, certainty, choiceLabel, commandOf, filled, name, roleLines, stepName, troubleWord, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;

export type Settled = { readonly event: EventOf<'troubleSettled'>; readonly at: number };

export function troubleDraft(state: RunState, event: EventOf<'troubleRaised'>, seq: number, settled: Settled | undefined): Draft {
  const first = headline(state, event);
  const closed = closing(state, event, settled);
  const lines = [...facts(state, event), ...(closed === undefined ? [whoMay(state, event)] : [closed])];
  return {
    key: `trouble:${event.trouble}`,
    place: REPLY,
    seq,
    final: closed !== undefined,
    text: [`${first}. ${about(state)}`, ...lines],
    parts: [sayLines([`*${first}*`, ...lines]), ...(closed === undefined ? [choices(state, event)] : [])],
  };
}

function headline(state: RunState, event: EventOf<'troubleRaised'>): string {
  const where = event.host === undefined ? '' : ` on ${name(event.host)}`;
  return `${stepName(state, event.step)}${where}: ${troubleWord(event.what)}`;
}

function facts(state: RunState, event: EventOf<'troubleRaised'>): readonly string[] {
  const step = commandOf(state, event.step);
  const forbidden = step?.retry.kind === 'forbidden' ? [`It is not retried: ${filled(state, step.retry.instead, event.host, 900)}`] : [];
  return [
    `What happened: ${words(event.what.why, 900)}`,
    certainty(event.what),
    ...(event.what.kind === 'rolesChanged' ? ['Roles as they are now:', roleLines(event.what.roles)] : []),
    ...(step?.advice === undefined ? [] : [`Advice: ${filled(state, step.advice, event.host, 900)}`]),
    ...forbidden,
  ];
}

function choices(state: RunState, event: EventOf<'troubleRaised'>): Part {
  const buttons = [...new Set(event.choices)].map((choice) =>
    settleButton(choice, choiceLabel(choice, event.what), troubleValue(state.run, event.trouble, choice)),
  );
  return { kind: 'buttons', id: `trouble-${event.trouble}`, buttons };
}

function whoMay(state: RunState, event: EventOf<'troubleRaised'>): string {
  const second = event.choices.filter((choice) => settlingNeedsSecond(state, event.step, choice));
  const others = event.choices.length - second.length;
  const anyone = others === 0 ? '' : `Waits for ${person(state.requester)} or anybody who may start or approve runs here.`;
  if (second.length === 0) return anyone;
  const labels = second.map((choice) => choiceLabel(choice, event.what)).join(' and ');
  const who = `${labels}: only a second person, never the requester: ${wanted(state, [event.step])}.`;
  const label = (said: string): string => choiceLabel(second.find((choice) => choice === said) ?? 'settleDone', event.what);
  return [...(anyone === '' ? [] : [anyone]), who, ...saidSoFar(state, event.step, event.trouble, label)].join('\n');
}

function closing(state: RunState, event: EventOf<'troubleRaised'>, settled: Settled | undefined): string | undefined {
  if (settled !== undefined) {
    const { by, choice, reason } = settled.event;
    const why = reason.trim() === '' ? '' : `: ${words(reason, 800)}`;
    return `Settled by ${person(by)}, ${slackTime(settled.at)}: ${choiceLabel(choice, event.what)}${why}`;
  }
  return state.ended === undefined ? undefined : `Closed ${slackTime(state.ended.at)}: the run ${state.ended.outcome} first.`;
}
