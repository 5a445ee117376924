/** Polls what must hold after a command (`until`), with a read-only script, until it holds or time is up. The clock counts from `watchBegan`. */
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep, Until } from '../procedure/model.ts';
import { fillFor } from '../run/context.ts';
import type { RunEvent } from '../run/events.ts';
import { examineUntil } from '../run/judge.ts';
import { limitOf } from '../run/limit.ts';
import type { Decision } from '../run/decision.ts';
import { trouble } from '../run/trouble.ts';
import type { Start } from '../run/start.ts';
import type { RunState } from '../run/state.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { lookFor, whyNot } from './look.ts';
import type { Session } from './session.ts';
import { pauseOf, watchKey } from './watch-times.ts';

/** One poll may take this long. */
const POLL_SECONDS = 30;

/** Looks once; appends the pass or the failure, else says when to look again. */
export async function watch(hands: Hands, session: Session, decision: Extract<Decision, { kind: 'watch' }>): Promise<Move> {
  const { step, start, since } = decision;
  if (step.until === undefined)
    return record(hands, session, { kind: 'hostPassed', step: step.id, ...start, seen: 'nothing was to be awaited' });
  const look = await lookOnce(hands, session.state(), step, step.until, start);
  if (look.holds) {
    const seen = look.values === undefined ? look.seen : saidOf(session.state(), step, start, look, hands.now() - since);
    return record(hands, session, { kind: 'hostPassed', step: step.id, ...start, seen });
  }
  const limit = limitOf(session.state(), step.until, start.host);
  if (limit.kind === 'blocked') return record(hands, session, trouble(session.state(), step, start, limit));
  if (hands.now() >= since + limit.value * 1000) {
    const waiting = fillFor(session.state(), step.until.waiting, findHost(session.state().cluster, start.host));
    const why = `${waiting}: not so within ${limit.value} s. Seen last: ${look.seen}`;
    return record(hands, session, trouble(session.state(), step, start, { kind: 'checkFailed', why }));
  }
  const { run } = session;
  await hands.live.set({ run, step: step.id, ...start, text: '', bytes: 0, at: hands.now(), seen: look.seen });
  return { kind: 'later', ms: pauseOf(step.until, hands.now() - since), key: watchKey(step.id, start) };
}

/** What the thread says of the last look: the procedure's own words, or what was seen. */
function saidOf(state: RunState, step: CommandStep, start: Start, look: Seen, waitedMs: number): string {
  if (step.says === undefined) return look.seen;
  const reading = { ...look.values, waited: Math.round(waitedMs / 1000) };
  return fillFor(state, step.says, findHost(state.cluster, start.host), reading);
}

async function record(hands: Hands, session: Session, event: RunEvent): Promise<Move> {
  await session.append([event], hands.now());
  return AGAIN;
}

type Seen = { readonly holds: boolean; readonly seen: string; readonly values?: Readonly<Record<string, unknown>> };

async function lookOnce(hands: Hands, state: RunState, step: CommandStep, until: Until, start: Start): Promise<Seen> {
  const host = findHost(state.cluster, start.host);
  if (host === undefined) return { holds: false, seen: `${start.host} is not in the cluster file` };
  const answer = await lookFor(hands, state)(host, step, until.run, POLL_SECONDS);
  return answer.kind === 'answered' ? examineUntil(state, until, host.name, answer) : { holds: false, seen: whyNot(answer) };
}
