/** Words that the sections of an export share. Pure; nothing here is escaped, the renderers do that. */
import { anyHost, fillFor } from '../run/context.ts';
import type { Outcome, Person, Stands } from '../run/events.ts';
import type { Backer, RunState } from '../run/state.ts';
import { assertNever } from '../run/assert-never.ts';
import { duration } from '../slack/views/times.ts';
import type { Inline } from './model.ts';

/** The furthest a `Date` reaches, in milliseconds (ECMAScript, time values). */
const FURTHEST = 8.64e15;

/** ISO 8601 in UTC, to the second. */
export function iso(ms: number): string {
  return `${isoMs(ms).replace(/\.\d+Z$/, '')}Z`;
}

/** To the millisecond, as it stands in the journal. */
export function isoMs(ms: number): string {
  return new Date(Number.isFinite(ms) ? Math.min(Math.max(ms, 0), FURTHEST) : 0).toISOString();
}

/** `0.4 s`, `3 min 5 s`: a record tells short times apart, which a thread need not. */
export function took(ms: number): string {
  if (!(ms >= 100)) return 'under 0.1 s';
  return ms < 10_000 ? `${(Math.round(ms / 100) / 10).toFixed(1)} s` : duration(ms);
}

/** Mentions as Slack writes them, `<@U1>` and the like, as the ids that they stand for. */
export function plainMentions(text: string): string {
  return text.replace(/<(@|#|!subteam\^)([A-Z0-9_]{1,41})>/g, (_whole, sign: string, id: string) => `${sign === '#' ? '#' : '@'}${id}`);
}

/** The name as it was then, and the id that its owner cannot change. */
export function person({ name, user }: Person): Inline {
  return [`${name} (`, { code: user }, ')'];
}

/** Who stood, with everything the policy was judged by. */
export function backerLine({ by, at, stands }: Backer): Inline {
  return [person(by), ', ', { time: at }, ...standWords(stands)];
}

export function standWords(stands: Stands | undefined): readonly Inline[] {
  if (stands === undefined) return ['; on what it was judged was not recorded (an earlier release)'];
  const { identity, accounts, memberOf, factor } = stands;
  return [
    ...(identity === undefined ? [] : [`; the person “${identity}”`]),
    ...(accounts.length > 1 ? [`; the same person’s accounts: ${accounts.join(', ')}`] : []),
    ...(memberOf.length > 0 ? [`; member of ${memberOf.join(', ')}`] : []),
    factor === undefined ? '; no second factor' : `; second factor: ${factor}`,
  ];
}

/** A name of the page and what it is about: `S4 Stop the engine`. */
export function stepTitle(state: RunState, id: string): string {
  const step = state.procedure.steps.find((each) => each.id === id);
  return step === undefined ? id : `${id} ${fillFor(state, step.title)}`;
}

export function filled(state: RunState, text: string, hostName?: string): string {
  const host = state.cluster.hosts.find(({ name }) => name === hostName) ?? anyHost(state.cluster);
  return fillFor(state, text, host);
}

/** How a command ended, and what that leaves. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'finished':
      return `exit status ${outcome.status}${outcome.signal === undefined ? '' : `, ended by signal ${outcome.signal}`}`;
    case 'refused':
      return `it never began: ${outcome.message} (${outcome.code})`;
    case 'timedOut':
      return `it took longer than its limit and was ended; ${left(outcome.remaining)}`;
    case 'cancelled':
      return `it was ended by a cancel; ${left(outcome.remaining)}`;
    case 'lost':
      return `it began, and its end was not seen: ${outcome.why}`;
    default:
      return assertNever(outcome);
  }
}

function left(remaining: readonly string[]): string {
  return remaining.length === 0 ? 'nothing of it was left running' : `still running: ${remaining.join(', ')}`;
}
