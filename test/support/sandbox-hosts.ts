/** A sandbox AtScale cluster with a real sshd for every host, in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostEntry } from '../../infra/sandbox/cluster-file.ts';
import {
  type AtscaleCluster,
  type AtscaleHost,
  type AtscaleOptions,
  createAtscaleCluster,
} from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { clientKey, type HostSshd, startHostSshd } from './sshd.ts';

const ADDRESS = '127.0.0.1';

export type AtscaleHosts = {
  readonly cluster: AtscaleCluster;
  readonly dir: string;
  readonly keyPath: string;
  /** The text of a known_hosts file with every host's key as it was at the start. */
  readonly knownHosts: string;
  readonly hostEntries: readonly HostEntry[];
  /** By host name. */
  readonly sshds: ReadonlyMap<string, HostSshd>;
  /** The server of that host; throws for a name that there is not. */
  sshd(name: string): HostSshd;
  /** The entry of that host; throws for a name that there is not. */
  entry(name: string): HostEntry;
  close(): Promise<void>;
};

/** Starts the hosts, one sshd each. `env` is the further environment of every login. */
export async function startAtscaleHosts(
  options: AtscaleOptions & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<AtscaleHosts> {
  const dir = mkdtempSync(join(tmpdir(), 'keyturn-hosts-'));
  const cluster = createAtscaleCluster(dir, options);
  const keyPath = clientKey(join(dir, 'ssh'));
  const { env = {} } = options;
  const started = await Promise.all(
    cluster.hosts.map(async (host) => {
      const sshd = await startHostSshd({ dir: join(dir, 'ssh', host.name), home: host.home, publicKey: `${keyPath}.pub`, env });
      return { host, sshd, entry: entryOf(host, sshd.port, cluster.productHome) };
    }),
  );
  const of = (name: string) => {
    const found = started.find(({ host }) => host.name === name);
    if (found === undefined) throw new Error(`There is no sandbox host ${name}.`);
    return found;
  };
  const close = async (): Promise<void> => {
    await Promise.all(started.map(({ sshd }) => sshd.close()));
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    cluster,
    dir,
    keyPath,
    knownHosts: started.map(({ sshd }) => sshd.hostKeyLine(ADDRESS)).join(''),
    hostEntries: started.map(({ entry }) => entry),
    sshds: new Map(started.map(({ host, sshd }) => [host.name, sshd])),
    sshd: (name) => of(name).sshd,
    entry: (name) => of(name).entry,
    close,
  };
}

function entryOf({ name, fqdn, role }: AtscaleHost, port: number, productHome: string): HostEntry {
  return { name, fqdn, role, address: ADDRESS, port, user: userInfo().username, productHome };
}
