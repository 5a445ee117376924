/** Going round a rule with open eyes: a freeze window overridden, an approval given by break-glass. What speaks against it, and what is recorded. Pure. */
import { utcClock } from '../utc.ts';
import { type Standing, standsOf } from './authorise.ts';
import { whyNotApprovable } from './checks.ts';
import type { RunEvent } from './events.ts';
import { whyNotProved } from './stand.ts';
import type { Approval, Hold, RunState } from './state.ts';

export type Emergency =
  /** `hold`: of the window that the person was shown. */
  | { readonly kind: 'override'; readonly hold: string; readonly reason: string }
  /** `digest`: of what the person was shown; another one is not what is asked for now. */
  | { readonly kind: 'breakGlass'; readonly request: string; readonly digest: string; readonly reason: string };

/** The hold that an override is about, or why there is nothing to override. */
export function heldBy(state: RunState, id: string, now: number): Hold | string {
  const { hold } = state;
  if (state.cancel !== undefined) return `${state.run} is being cancelled by ${state.cancel.by.name}; nothing was overridden.`;
  if (hold === undefined || hold.hold !== id)
    return `This button does not belong to what holds ${state.run} now; see the newest message in its thread.`;
  const { status } = hold;
  if (status.kind === 'overridden') return `Already overridden by ${status.by.name} at ${utcClock(status.at)}; your click changed nothing.`;
  if (status.kind === 'ended') return `The run is not held any more since ${utcClock(status.at)}: ${status.why}.`;
  return now < hold.expiresAt ? hold : 'The time to override it is just over; the run ends.';
}

export const OTHER_DIGEST = 'This button was made for another version of the request; open the newest card in the thread.';

/** Why an open request cannot be given by break-glass, whoever asks; nothing where it can. */
export function whyNoGlass(approval: Approval, digest: string): string | undefined {
  if (approval.needs !== 'second') return 'This request needs no second person, so there is no glass to break: press its own button.';
  if (digest !== approval.digest) return OTHER_DIGEST;
  const red = whyNotApprovable(approval);
  return red === undefined ? undefined : `A broken glass changes nothing about this. ${red}`;
}

/** What is missing of the person's own part: a reason, and a code where the cluster wants one for exactly this. */
export function whyIncomplete(state: RunState, standing: Standing, about: string, reason: string): string | undefined {
  if (reason.trim() === '') return 'A reason is needed, so nothing was done.';
  return whyNotProved(state, standing, about);
}

export function overriding({ hold }: Hold, standing: Standing, reason: string): RunEvent {
  return { kind: 'holdOverridden', hold, by: standing.person, reason, stands: standsOf(standing) };
}

export function breaking(state: RunState, { request }: Approval, standing: Standing, reason: string): RunEvent {
  const channel = state.cluster.breakGlass?.channel ?? '';
  return { kind: 'glassBroken', request, by: standing.person, reason, stands: standsOf(standing), channel };
}
