/** Whether a step may be opened anew, on other hosts perhaps: not while anything of it may still run, for that would be lost sight of. Pure. */
import type { Choice } from './events.ts';
import { type OpenTrouble, openTroubles, type RunState } from './state.ts';

/** Why a choice that opens the whole step anew has to wait; undefined where it need not, or where it is another choice. */
export function whyNotReopened(state: RunState, trouble: OpenTrouble, choice: Choice): string | undefined {
  if (trouble.what.kind !== 'rolesChanged' || choice !== 'askAgain') return undefined;
  const { step } = trouble;
  const at = state.steps[step];
  const running =
    at?.kind === 'open' ? at.order.filter((host) => at.hosts[host]?.kind === 'began' || at.hosts[host]?.kind === 'ended') : [];
  if (running.length > 0)
    return `${step} still runs on ${running.join(', ')} and is followed to its end; ask again when that is over. Nothing was done.`;
  const others = openTroubles(state).filter((each) => each.step === step && each.trouble !== trouble.trouble);
  if (others.length === 0) return undefined;
  const where = others.map(({ host }) => host ?? step).join(', ');
  return `${step} is in trouble on ${where} too: settle that first, then ask again. Nothing was done.`;
}
