/** Roles that follow from the parameters alone. Pure. */
import { variablesFor } from '../inventory/fit.ts';
import { findHost } from '../inventory/hosts.ts';
import type { Cluster } from '../inventory/model.ts';
import { contextOf } from '../procedure/context.ts';
import { evaluateText } from '../procedure/expression.ts';
import type { Procedure } from '../procedure/model.ts';
import type { Roles } from './events.ts';

export type FixedRoles = { readonly kind: 'found'; readonly roles: Roles } | { readonly kind: 'failed'; readonly why: string };

/** In the order in which they stand: a later one may speak of an earlier one. */
export function fixedRoles(of: {
  readonly procedure: Procedure;
  readonly cluster: Cluster;
  readonly params: Readonly<Record<string, string>>;
}): FixedRoles {
  const { procedure, cluster, params } = of;
  const given = variablesFor(procedure, cluster);
  const variables = given.kind === 'ok' ? given.values : {};
  const roles: Record<string, string> = {};
  for (const [role, expression] of Object.entries(procedure.roles)) {
    const named = evaluateText(expression, contextOf({ cluster, procedure, params, variables, roles }), { hosts: cluster.hosts });
    if (named.kind === 'failed') return { kind: 'failed', why: `the ${role} cannot be found: ${named.why}` };
    const host = findHost(cluster, named.value);
    if (host === undefined) return { kind: 'failed', why: `the ${role} is "${named.value}", which ${cluster.name} does not have` };
    roles[role] = host.name;
  }
  return { kind: 'found', roles };
}
