/** A sandbox product with a real sshd for every host of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { entryOf, type HostEntry } from '../../infra/sandbox/cluster-file.ts';
import { type AtscaleCluster, type AtscaleOptions, createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import type { SandboxProduct } from '../../infra/sandbox/hosts/product.ts';
import { type SecretSources, writeSecrets } from '../../infra/sandbox/hosts/secrets.ts';
import { clientKey, type HostSshd, startHostSshd } from './sshd.ts';

const ADDRESS = '127.0.0.1';

export type Hosts<Product extends SandboxProduct = SandboxProduct> = {
  readonly product: Product;
  readonly dir: string;
  readonly keyPath: string;
  /** The text of a known_hosts file with every host's key as it was at the start. */
  readonly knownHosts: string;
  readonly hostEntries: readonly HostEntry[];
  /** Where the product's secrets lie, as the cluster file says it. */
  readonly secrets: SecretSources;
  /** By host name. */
  readonly sshds: ReadonlyMap<string, HostSshd>;
  /** The server of that host; throws for a name that there is not. */
  sshd(name: string): HostSshd;
  /** The entry of that host; throws for a name that there is not. */
  entry(name: string): HostEntry;
  /** Ends the servers and the product, and deletes its folder. */
  close(): Promise<void>;
};

/** Environment of every login, beside the product's own. */
export type HostsOptions = { readonly env?: Readonly<Record<string, string>> };

/** Starts one sshd for each host of the product; it is closed with them. */
export async function startHosts<Product extends SandboxProduct>(
  product: Product,
  { env = {} }: HostsOptions = {},
): Promise<Hosts<Product>> {
  const { dir } = product;
  const keyPath = clientKey(join(dir, 'ssh'));
  const login = { publicKey: `${keyPath}.pub`, env: { ...product.env, ...env } };
  const started = await Promise.all(
    product.hosts.map(async (host) => {
      const sshd = await startHostSshd({ dir: join(dir, 'ssh', host.name), home: host.home, ...login });
      return { host, sshd, entry: entryOf(host, { address: ADDRESS, port: sshd.port, user: userInfo().username }) };
    }),
  );
  const of = (name: string) => {
    const found = started.find(({ host }) => host.name === name);
    if (found === undefined) throw new Error(`There is no sandbox host ${name}.`);
    return found;
  };
  const close = async (): Promise<void> => {
    await Promise.all(started.map(({ sshd }) => sshd.close()));
    await product.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    product,
    dir,
    keyPath,
    knownHosts: started.map(({ sshd }) => sshd.hostKeyLine(ADDRESS)).join(''),
    hostEntries: started.map(({ entry }) => entry),
    secrets: writeSecrets(product),
    sshds: new Map(started.map(({ host, sshd }) => [host.name, sshd])),
    sshd: (name) => of(name).sshd,
    entry: (name) => of(name).entry,
    close,
  };
}

export type AtscaleHosts = Hosts<AtscaleCluster> & { readonly cluster: AtscaleCluster };

/** An AtScale cluster in a temporary folder. */
export async function startAtscaleHosts({ env = {}, ...options }: AtscaleOptions & HostsOptions = {}): Promise<AtscaleHosts> {
  const cluster = createAtscaleCluster(mkdtempSync(join(tmpdir(), 'keyturn-hosts-')), options);
  return { ...(await startHosts(cluster, { env })), cluster };
}
