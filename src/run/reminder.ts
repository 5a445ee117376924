/** When whoever may approve is called once more. Pure. */
import { whyNotApprovable } from './checks.ts';
import type { Approval } from './state.ts';

const LEAST_MS = 60_000;
const MOST_MS = 600_000;

/**
 * A third of a request's time before it expires, but at least one minute and at most ten. Undefined where nobody is to be called: once it was done,
 * for a gate, which the requester can press, for a request that lives too short, and while nobody could approve it anyway. Milliseconds.
 */
export function remindAt(approval: Approval): number | undefined {
  const { needs, reminded, askedAt, expiresAt, status } = approval;
  if (needs !== 'second' || reminded || status.kind !== 'open' || whyNotApprovable(approval) !== undefined) return undefined;
  const before = Math.min(Math.max((expiresAt - askedAt) / 3, LEAST_MS), MOST_MS);
  const at = Math.ceil(expiresAt - before);
  return at > askedAt ? at : undefined;
}
