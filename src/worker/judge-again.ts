/** What a command's end means, where that was not written with the end: another host's trouble was open, or the journal was cut short there. */
import { judge } from '../run/judge.ts';
import type { Decision } from '../run/decision.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import type { Session } from './session.ts';

/** Of an output this much is read. Bytes. */
export const READ_BYTES = 1024 * 1024;

export async function judgeAgain(hands: Hands, session: Session, { step, start }: Extract<Decision, { kind: 'judge' }>): Promise<Move> {
  const state = session.state();
  const at = state.steps[step.id];
  const host = at?.kind === 'open' ? at.hosts[start.host] : undefined;
  if (host?.kind !== 'ended') return AGAIN;
  const printed = host.output === undefined ? '' : await hands.outputText({ ...host.output, dropped: 0 }, READ_BYTES);
  await session.append(judge(session.state(), step, start, host.outcome, printed), hands.now());
  return AGAIN;
}
