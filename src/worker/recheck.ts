import { findHost } from '../inventory/hosts.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { Roles } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import type { Hands } from './hands.ts';
import { type Ask, observeRoles } from './observe.ts';
import { targetOf } from './target.ts';

/** What the roles are just now, against what the run bound. */
export type Recheck =
  | { readonly kind: 'notNeeded' }
  | { readonly kind: 'same'; readonly roles: Roles; readonly by: string }
  | { readonly kind: 'changed'; readonly roles: Roles; readonly why: string }
  | { readonly kind: 'unseen'; readonly why: string };

/** Reads the roles that the step wants to be sure of. Read-only. */
export async function recheckRoles(hands: Hands, state: RunState, step: CommandStep): Promise<Recheck> {
  if (step.recheck.length === 0) return { kind: 'notNeeded' };
  const observed = await observeRoles(state, step.recheck, askOn(hands, state));
  if (observed.kind === 'unseen') return observed;
  const differences = step.recheck.filter((role) => observed.roles[role] !== state.roles[role]);
  if (differences.length === 0) return { kind: 'same', roles: observed.roles, by: observed.by };
  const why = differences
    .map((role) => `${role} was ${state.roles[role] ?? 'unknown'} and is now ${observed.roles[role] ?? 'unknown'}`)
    .join('; ');
  return { kind: 'changed', roles: observed.roles, why: `${why} (read on ${observed.by})` };
}

/** Probes hosts of the run's cluster. */
export function askOn(hands: Pick<Hands, 'probe' | 'login'>, state: Pick<RunState, 'cluster'>): Ask {
  return (host, script, env, timeoutSeconds) => {
    const known = findHost(state.cluster, host.name) ?? host;
    return hands.probe(targetOf(state.cluster, known, hands.login), { script, env, timeoutSeconds });
  };
}
