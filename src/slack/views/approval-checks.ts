/** What was looked at just before asking: on the card, what is not so first. Pure. */
import { whyNotApprovable } from '../../run/checks.ts';
import type { Check } from '../../run/events.ts';
import type { Approval } from '../../run/state.ts';
import { name, words } from './words.ts';

const MOST = 10;

/** Each with a word beside its sign, so that it reads without colour and without the sign too. */
export function checkLines({ checks }: Approval): readonly string[] {
  if (checks.length === 0) return [];
  const sorted = [...checks.filter(({ ok }) => !ok), ...checks.filter(({ ok }) => ok)];
  const rest = sorted.length - MOST;
  return ['*Checks, made just now:*', ...sorted.slice(0, MOST).map(line), ...(rest > 0 ? [`• and ${rest} more`] : [])];
}

function line({ ok, what, host, seen }: Check): string {
  return `${ok ? '✓ ok' : '✗ NOT OK'}: ${words(what, 200)}, on ${name(host)}. Seen: ${words(seen, 150)}`;
}

export function isApprovable(approval: Approval): boolean {
  return whyNotApprovable(approval) === undefined;
}

/** Stands where it says otherwise who may approve. */
export const NOT_READY = '*Nobody can approve it while a check is NOT OK.* Put it right and press Check Again, or reject it.';
