/**
 * Starts an attempt.
 *
 * Invariants
 * A1 The intent is in the journal before the host hears of the attempt.
 * A2 An unsafe start happens only with an approval whose digest equals that of what is resolved again here, roles read again included. Where it does
 *    not, the approval is void and what would start now is asked for.
 * A6 Those who approved are looked up again, unless they clicked a moment ago (worker/approvers.ts).
 */
import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import { whyNotReady } from '../run/checks.ts';
import { differenceOf, inOneLine } from '../run/difference.ts';
import type { RunEvent, Subject } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { next } from '../run/next.ts';
import { trouble } from '../run/trouble.ts';
import type { Start } from '../run/start.ts';
import type { Approval, RunState } from '../run/state.ts';
import { stepsIn, subjectDigest, subjectOf, withMine } from '../run/subject.ts';
import type { StillGood } from './approvers.ts';
import { carryOut } from './carry-out.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { lookFor } from './look.ts';
import { type Prepared, prepare } from './prepare.ts';
import { recheckRoles } from './recheck.ts';
import { checksOf } from './requires.ts';
import type { Session } from './session.ts';

/** Writes the intent, if what was approved is what would start; then follows. */
export async function start(
  hands: Hands,
  session: Session,
  decision: Extract<Decision, { kind: 'start' }>,
  signal: AbortSignal,
): Promise<Move> {
  const { step, start: due, approval } = decision;
  const { events, prepared } = await intend(hands, session.state(), step, due, approval);
  const still: StillGood = approval === undefined ? { kind: 'good' } : await hands.approvers(session.state(), approval);
  // Other hosts of the step, and people, may have been heard of meanwhile: what is no longer due is not begun.
  if (!isStillDue(session.state(), decision, hands.now())) return AGAIN;
  if (approval !== undefined && still.kind !== 'good') return putOff(hands, session, approval, still);
  const appended = await session.append(events, hands.now());
  if (!appended || prepared === undefined) return AGAIN;
  return carryOut(hands, session, { step, due, prepared, since: hands.now() }, signal);
}

/** Slack is asked again in so many milliseconds, where it did not answer. */
const ASK_AGAIN_MS = 5_000;

/** Those who approved it may not do so any more, and what they gave is void; or Slack does not say, and is asked again later. */
async function putOff(hands: Hands, session: Session, { request }: Approval, still: Exclude<StillGood, { kind: 'good' }>): Promise<Move> {
  switch (still.kind) {
    case 'bad':
      await session.append([{ kind: 'approvalVoided', request, why: still.why }], hands.now());
      return AGAIN;
    case 'unknown':
      hands.log.warn({ run: session.state().run, request, reason: still.why }, 'a start waits: who approved it cannot be confirmed');
      return { kind: 'later', ms: ASK_AGAIN_MS, key: `approvers-${request}` };
    default:
      return assertNever(still);
  }
}

/** Goes on with an attempt that this or another worker intended. */
export async function follow(
  hands: Hands,
  session: Session,
  decision: Extract<Decision, { kind: 'follow' }>,
  signal: AbortSignal,
): Promise<Move> {
  const { step, start: due, since } = decision;
  return carryOut(hands, session, { step, due, prepared: undefined, since }, signal);
}

function isStillDue(state: RunState, { step, start: due, approval }: Extract<Decision, { kind: 'start' }>, now: number): boolean {
  const decision = next(state, now);
  const all = decision.kind === 'together' ? decision.decisions : [decision];
  return all.some(
    (each) =>
      each.kind === 'start' &&
      each.step.id === step.id &&
      each.start.host === due.host &&
      each.start.attempt === due.attempt &&
      each.approval?.request === approval?.request,
  );
}

/** `prepared` where the intent is among the events. */
type Intended = { readonly events: readonly RunEvent[]; readonly prepared?: Prepared };

async function intend(hands: Hands, state: RunState, step: CommandStep, due: Start, approval: Approval | undefined): Promise<Intended> {
  if (!starts(step)) return { events: [{ kind: 'watchBegan', step: step.id, ...due }] };
  const refused = (why: string): Intended => ({
    events: [...voided(approval, why), trouble(state, step, due, { kind: 'blocked', why })],
  });
  const recheck = await recheckRoles(hands, state, step.recheck);
  if (recheck.kind === 'changed') {
    const changed = trouble(state, step, due, { kind: 'rolesChanged', why: recheck.why, roles: recheck.roles });
    return { events: [...voided(approval, recheck.why), changed] };
  }
  if (recheck.kind === 'unseen') return refused(`the roles could not be read again just before the start: ${recheck.why}`);
  const mine = await prepare(hands, state, step, due);
  if (mine.kind === 'blocked') return refused(mine.why);
  // Of what was approved, each start looks at its own part: its item and the roles that its step reads again.
  const observed = { ...approval?.subject.roles, ...(recheck.kind === 'same' ? recheck.roles : {}) };
  const subject = subjectOf(stepsIn(state, approval?.subject, step), withMine(approval?.subject, mine.value.item), observed);
  const digest = subjectDigest(state.run, state, subject);
  // It is asked for again by itself, and the new request shows the difference.
  if (approval !== undefined && approval.digest !== digest) return { events: voided(approval, whatChanged(approval.subject, subject)) };
  const notReady = whyNotReady(await checksOf(lookFor(hands, state), state, step, [due.host]));
  // Asked for again by itself as well: the new request shows the checks as they are then.
  if (approval !== undefined && notReady !== undefined)
    return { events: voided(approval, `just before the start it was not as it must be: ${notReady}`) };
  const confirmed: RunEvent[] =
    recheck.kind === 'same' ? [{ kind: 'rolesConfirmed', step: step.id, roles: recheck.roles, by: recheck.by }] : [];
  const intent: RunEvent = { kind: 'attemptIntended', step: step.id, ...due, digest, ...(approval && { approval: approval.request }) };
  return { events: [...confirmed, intent], prepared: mine.value };
}

function whatChanged(approved: Subject, now: Subject): string {
  const changes = differenceOf(approved, now);
  return `something has changed since it was approved: ${changes.length === 0 ? 'its digest is another one' : inOneLine(changes)}`;
}

/** A step that only waits has nothing to start. */
function starts(step: CommandStep): boolean {
  return step.run !== undefined || step.copy !== undefined || step.edit !== undefined;
}

function voided(approval: Approval | undefined, why: string): RunEvent[] {
  return approval === undefined ? [] : [{ kind: 'approvalVoided', request: approval.request, why }];
}
