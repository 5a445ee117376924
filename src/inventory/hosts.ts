/** Hosts by role and by name. */

import type { Selector } from '../procedure/model.ts';
import { findNamed } from '../procedure/names.ts';
import type { Cluster, Host } from './model.ts';

export type Resolved =
  | { readonly kind: 'hosts'; readonly hosts: readonly Host[] }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'ambiguous'; readonly why: string };

/** In inventory order. */
export function hostsIn(cluster: Cluster, role: string): readonly Host[] {
  return cluster.hosts.filter((host) => host.roles.includes(role));
}

/** By name, alias or address, whatever the case, with a product's `:port` left off; undefined also for an address that several hosts share. */
export function findHost(cluster: Cluster, nameOrAlias: string): Host | undefined {
  return findNamed(cluster.hosts, nameOrAlias);
}

/**
 * The hosts of a selector. A role bound at run time goes before the inventory's. `each`: all of them; `any`: all of them, to be tried in this
 * order; `one`: the bound one or the only one.
 */
export function resolve(selector: Selector, cluster: Cluster, roles: Readonly<Record<string, string>>): Resolved {
  const { role } = selector;
  const bound = Object.hasOwn(roles, role) ? roles[role] : undefined;
  if (bound !== undefined) {
    const host = findHost(cluster, bound);
    return host === undefined ? none(`${role} is ${bound}, which ${cluster.name} does not have`) : { kind: 'hosts', hosts: [host] };
  }
  const hosts = hostsIn(cluster, role);
  if (hosts.length === 0) return none(`${cluster.name} has no host in the role ${role}`);
  if (selector.kind !== 'one' || hosts.length === 1) return { kind: 'hosts', hosts };
  const names = hosts.map(({ name }) => name).join(', ');
  return { kind: 'ambiguous', why: `${cluster.name} has ${hosts.length} hosts in the role ${role} (${names}); one was wanted` };
}

function none(why: string): Resolved {
  return { kind: 'none', why };
}
