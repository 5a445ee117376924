/** The cluster file of a sandbox product, in the format of docs/clusters.md. */
import { dump } from 'js-yaml';
import type { SandboxHost, SandboxProduct } from './hosts/product.ts';
import type { SecretSources } from './hosts/secrets.ts';

/** How one reaches a sandbox host, and what it is. */
export type HostEntry = Pick<SandboxHost, 'name' | 'fqdn' | 'roles' | 'variables'> & {
  readonly address: string;
  readonly port: number;
  readonly user: string;
};

/** The entry of a host that is reached there. */
export function entryOf({ name, fqdn, roles, variables }: SandboxHost, at: Pick<HostEntry, 'address' | 'port' | 'user'>): HostEntry {
  return { name, fqdn, roles, ...(variables === undefined ? {} : { variables }), ...at };
}

export type ClusterFileOptions = {
  readonly name: string;
  readonly title: string;
  readonly product: Pick<SandboxProduct, 'product' | 'variables'>;
  readonly hosts: readonly HostEntry[];
  readonly secrets?: SecretSources;
  readonly keyPath: string;
  /** Ids of Slack users and user groups. */
  readonly start: readonly string[];
  readonly approve: readonly string[];
  /** Ids of channels. */
  readonly announce?: readonly string[];
  readonly channels?: readonly string[];
  /** Further keys, or others in place of these, as they are to stand in the file. */
  readonly more?: Readonly<Record<string, unknown>>;
};

/** The text of `<name>.yaml`. */
export function clusterFile({ name, title, product, ...rest }: ClusterFileOptions): string {
  return dump({
    cluster: name,
    product: product.product,
    title,
    defaults: { key: rest.keyPath },
    hosts: rest.hosts.map(hostOf),
    ...given('variables', product.variables),
    ...given('secrets', rest.secrets),
    may: { start: [...rest.start], approve: [...rest.approve] },
    channels: [...(rest.channels ?? [])],
    announce: [...(rest.announce ?? [])],
    ...rest.more,
  });
}

function hostOf({ name, address, port, user, fqdn, roles, variables }: HostEntry): object {
  return { name, address, port, user, aliases: [fqdn], roles: [...roles], ...given('variables', variables) };
}

/** The key only where there is something to say under it. */
function given(key: string, values: Readonly<Record<string, unknown>> = {}): object {
  return Object.keys(values).length === 0 ? {} : { [key]: { ...values } };
}
