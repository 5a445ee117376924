/** The cluster file of the sandbox hosts, in the format of docs/clusters.md. */
import { dump } from 'js-yaml';

/** How one reaches a sandbox host, and what it is. */
export type HostEntry = {
  readonly name: string;
  readonly fqdn: string;
  readonly role: 'coordinator' | 'engine' | 'query_engine';
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The same path on every host: `AtscaleCluster.productHome`. */
  readonly productHome: string;
};

export type ClusterFileOptions = {
  readonly name?: string;
  readonly title?: string;
  readonly hosts: readonly HostEntry[];
  readonly keyPath: string;
  /** Ids of Slack users and user groups. */
  readonly start: readonly string[];
  readonly approve: readonly string[];
  /** Ids of channels. */
  readonly announce?: readonly string[];
  readonly channels?: readonly string[];
};

/** The text of `<name>.yaml`. */
export function clusterFile({ name = 'atscale-prod', title = 'AtScale production', ...rest }: ClusterFileOptions): string {
  const homes = new Set(rest.hosts.map((host) => host.productHome));
  const [home] = homes;
  if (home === undefined || homes.size !== 1)
    throw new Error(`One product home must be valid on every host; there are ${[...homes].join(', ') || 'none'}.`);
  return dump({
    cluster: name,
    product: 'atscale',
    title,
    defaults: { key: rest.keyPath },
    hosts: rest.hosts.map(({ name: host, address, port, user, fqdn, role }) => ({
      name: host,
      address,
      port,
      user,
      aliases: [fqdn],
      roles: [role],
    })),
    variables: { atscale_home: home },
    may: { start: [...rest.start], approve: [...rest.approve] },
    channels: [...(rest.channels ?? [])],
    announce: [...(rest.announce ?? [])],
  });
}

/** The demo's: Dana of the sandbox workspace starts, the group of the approvers approves, the stakeholders' channel hears of it. */
export function demoClusterFile(demo: { readonly hosts: readonly HostEntry[]; readonly keyPath: string }): string {
  return clusterFile({
    hosts: demo.hosts,
    keyPath: demo.keyPath,
    start: ['U0DANA0001'],
    approve: ['S0APPROVE1'],
    announce: ['C0STAKE001'],
  });
}
