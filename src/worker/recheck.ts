import type { Roles } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import type { Hands } from './hands.ts';
import { lookFor } from './look.ts';
import { observeRoles } from './observe.ts';

/** What the roles are just now, against what the run bound. */
export type Recheck =
  | { readonly kind: 'notNeeded' }
  | { readonly kind: 'same'; readonly roles: Roles; readonly by: string }
  | { readonly kind: 'changed'; readonly roles: Roles; readonly why: string }
  | { readonly kind: 'unseen'; readonly why: string };

/** Reads the roles that a step wants to be sure of. Read-only. */
export async function recheckRoles(hands: Hands, state: RunState, roles: readonly string[]): Promise<Recheck> {
  if (roles.length === 0) return { kind: 'notNeeded' };
  const observed = await observeRoles(state, roles, lookFor(hands, state));
  if (observed.kind === 'unseen') return observed;
  const differences = roles.filter((role) => observed.roles[role] !== state.roles[role]);
  if (differences.length === 0) return { kind: 'same', roles: observed.roles, by: observed.by };
  const why = differences
    .map((role) => `${role} was ${state.roles[role] ?? 'unknown'} and is now ${observed.roles[role] ?? 'unknown'}`)
    .join('; ');
  return { kind: 'changed', roles: observed.roles, why: `${why} (read on ${observed.by})` };
}
