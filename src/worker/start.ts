/**
 * Starts an attempt.
 *
 * Invariants
 * A1 The intent is in the journal before the host hears of the attempt.
 * A6 Those who approved are looked up again, unless they clicked a moment ago (worker/approvers.ts).
 * A2 An unsafe start happens only with an approval whose digest equals that of what is resolved again here, roles read again included.
 */
import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import type { RunEvent } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { next } from '../run/next.ts';
import { trouble } from '../run/trouble.ts';
import type { Start } from '../run/start.ts';
import type { Approval, RunState } from '../run/state.ts';
import { subjectDigest, subjectOf, withMine } from '../run/subject.ts';
import { carryOut } from './carry-out.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { type Prepared, prepare } from './prepare.ts';
import { recheckRoles } from './recheck.ts';
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
  const unwanted = await whyNotNow(hands, session, approval);
  if (unwanted !== undefined) return unwanted;
  // Other hosts of the step, and people, may have been heard of meanwhile: what is no longer due is not begun.
  if (!isStillDue(session.state(), decision, hands.now())) return AGAIN;
  const appended = await session.append(events, hands.now());
  if (!appended || prepared === undefined) return AGAIN;
  return carryOut(hands, session, { step, due, prepared, since: hands.now() }, signal);
}

/** Slack is asked again in so many milliseconds, where it did not answer. */
const ASK_AGAIN_MS = 5_000;

/** Those who approved it may still do so, or it is not started: what they gave is void, or Slack is asked again later. */
async function whyNotNow(hands: Hands, session: Session, approval: Approval | undefined): Promise<Move | undefined> {
  if (approval === undefined) return undefined;
  const still = await hands.approvers(session.state(), approval);
  switch (still.kind) {
    case 'good':
      return undefined;
    case 'bad':
      await session.append([{ kind: 'approvalVoided', request: approval.request, why: still.why }], hands.now());
      return AGAIN;
    case 'unknown':
      hands.log.warn(
        { run: session.state().run, request: approval.request, reason: still.why },
        'a start waits: who approved it cannot be confirmed',
      );
      return { kind: 'later', ms: ASK_AGAIN_MS, key: `approvers-${approval.request}` };
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
  const recheck = await recheckRoles(hands, state, step);
  if (recheck.kind === 'changed') {
    const changed = trouble(state, step, due, { kind: 'rolesChanged', why: recheck.why, roles: recheck.roles });
    return { events: [...voided(approval, recheck.why), changed] };
  }
  if (recheck.kind === 'unseen') return refused(`the roles could not be read again just before the start: ${recheck.why}`);
  const mine = await prepare(hands, state, step, due);
  if (mine.kind === 'blocked') return refused(mine.why);
  const observed = recheck.kind === 'same' ? recheck.roles : {};
  const digest = subjectDigest(state.run, state, subjectOf(step, withMine(approval?.subject, mine.value.item), observed));
  if (approval !== undefined && approval.digest !== digest) {
    return refused(`what would start now (digest ${digest.slice(0, 12)}) is not what was approved (${approval.digest.slice(0, 12)})`);
  }
  const confirmed: RunEvent[] =
    recheck.kind === 'same' ? [{ kind: 'rolesConfirmed', step: step.id, roles: recheck.roles, by: recheck.by }] : [];
  const intent: RunEvent = { kind: 'attemptIntended', step: step.id, ...due, digest, ...(approval && { approval: approval.request }) };
  return { events: [...confirmed, intent], prepared: mine.value };
}

/** A step that only waits has nothing to start. */
function starts(step: CommandStep): boolean {
  return step.run !== undefined || step.copy !== undefined || step.edit !== undefined;
}

function voided(approval: Approval | undefined, why: string): RunEvent[] {
  return approval === undefined ? [] : [{ kind: 'approvalVoided', request: approval.request, why }];
}
