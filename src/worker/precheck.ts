/** Before anybody is asked: the hosts on which the step is not needed are left out. */
import type { RunEvent } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { trouble } from '../run/trouble.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { lookFor } from './look.ts';
import { needOn } from './need.ts';
import type { Session } from './session.ts';

/** Appends which hosts are left out and which were looked at; one that should answer and does not is a trouble. */
export async function precheck(hands: Hands, session: Session, decision: Extract<Decision, { kind: 'precheck' }>): Promise<Move> {
  const { step, starts } = decision;
  const state = session.state();
  const seen = await Promise.all(
    starts.map(async (start) => ({ start, verdict: await needOn(lookFor(hands, state), state, step, start.host) })),
  );
  const unclear = seen.find(({ verdict }) => verdict.kind === 'unclear');
  if (unclear?.verdict.kind === 'unclear') {
    const why = `whether it is needed could not be seen: ${unclear.verdict.why}`;
    await session.append([trouble(state, step, unclear.start, { kind: 'blocked', why })], hands.now());
    return AGAIN;
  }
  const skipped = seen.flatMap(({ start, verdict }): RunEvent[] =>
    verdict.kind === 'notNeeded' ? [{ kind: 'hostSkipped', step: step.id, ...start, why: verdict.why }] : [],
  );
  const needed = seen.flatMap(({ start, verdict }) => (verdict.kind === 'needed' ? [start.host] : []));
  const looked: RunEvent[] = needed.length === 0 ? [] : [{ kind: 'hostsLookedAt', step: step.id, hosts: needed }];
  await session.append([...skipped, ...looked], hands.now());
  return AGAIN;
}
