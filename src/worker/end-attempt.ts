/** Ends what runs when a run is cancelled, and writes the proof that nothing is left. */
import { findHost } from '../inventory/hosts.ts';
import { assertNever } from '../run/assert-never.ts';
import type { Outcome, RunEvent } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { storeKey } from '../run/state.ts';
import { withdrawn } from './conclude.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import type { Session } from './session.ts';
import { follow } from './start.ts';
import { targetOf } from './target.ts';
import { stageKey } from './transfer.ts';

const GRACE_SECONDS = 10;
/** A host that cannot be reached is tried for this long after the cancel; then the run ends and says that it does not know. */
const TRY_MS = 60_000;

/** Sends the end to the host's process group; idempotent, so that a killed worker's successor does it again. */
export async function endAttempt(
  hands: Hands,
  session: Session,
  decision: Extract<Decision, { kind: 'endAttempt' }>,
  signal: AbortSignal,
): Promise<Move> {
  const state = session.state();
  const { step, start, since } = decision;
  const host = findHost(state.cluster, start.host);
  if (host === undefined) return write(hands, session, decision, { kind: 'lost', why: 'its host is not in the cluster file' });
  const id = { run: state.run, step: step.id, ...start };
  const target = targetOf(state.cluster, host, hands.login, step.become);
  const anchor = state.anchors[storeKey(start.host, target.become)];
  hands.stager.abandon(stageKey(state.run, step, start));
  const answer = await hands.attempts.cancel(target, id, {
    graceSeconds: GRACE_SECONDS,
    ...(anchor === undefined ? {} : { anchor }),
  });
  switch (answer.kind) {
    case 'fenced':
      return write(hands, session, decision, { kind: 'cancelled', remaining: [] });
    case 'ended':
    case 'over':
      // The host has the whole story (status, output, what remained): following an ended attempt returns it at once.
      return follow(hands, session, { kind: 'follow', step, start, since }, signal);
    case 'lost':
      return write(hands, session, decision, { kind: 'lost', why: answer.why });
    case 'refused':
      if (hands.now() < since + TRY_MS) return { kind: 'later', ms: 2_000, key: `end-${step.id}-${start.host}-${start.attempt}` };
      return write(hands, session, decision, { kind: 'lost', why: `the host could not be reached to end it: ${answer.why.message}` });
    default:
      return assertNever(answer);
  }
}

async function write(hands: Hands, session: Session, decision: Extract<Decision, { kind: 'endAttempt' }>, outcome: Outcome): Promise<Move> {
  const { step, start } = decision;
  const ended: RunEvent = { kind: 'attemptEnded', step: step.id, ...start, outcome };
  await session.append([...withdrawn(session.state(), step, start), ended], hands.now());
  return AGAIN;
}
