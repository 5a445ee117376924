/** The demo's hosts of one product: each behind an SSH server of its own, with the same keys and ports at every start. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { z } from 'zod';
import { entryOf, type HostEntry } from '../cluster-file.ts';
import { createGroups } from './groups.ts';
import type { SandboxHost, SandboxProduct } from './product.ts';
import { type SecretSources, writeSecrets } from './secrets.ts';
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.ts';

const ADDRESS = '127.0.0.1';

export type DemoHosts<Product extends SandboxProduct = SandboxProduct> = {
  readonly product: Product;
  readonly hosts: readonly HostEntry[];
  /** The private key that all hosts let in. */
  readonly keyPath: string;
  /** The text of a known_hosts file with the keys of all hosts. */
  readonly knownHosts: string;
  readonly secrets: SecretSources;
  /** The process groups of the commands that run just now. */
  readonly groups: () => readonly number[];
  close(): Promise<void>;
};

/**
 * Starts the hosts of a product, or starts them again as they were; keys and ports are kept in `<dir>/ssh`. People log in under the name of the
 * product. Throws a KeyturnError where a port that they had is taken by now; then the product is closed as well.
 */
export async function startDemoHosts<Product extends SandboxProduct>(product: Product): Promise<DemoHosts<Product>> {
  const keys = join(product.dir, 'ssh');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const keyPath = join(keys, 'id_ed25519');
  const groups = createGroups();
  const login = { clientKey: keyPair(keyPath).public, user: product.product, env: product.env, onGroup: groups.add };
  const ports = readPorts(keys);
  const started: Started[] = [];
  const close = async (): Promise<void> => {
    groups.close();
    await Promise.all(started.map(({ server }) => server.close()));
    await product.close();
  };
  try {
    for (const host of product.hosts) started.push(await startHost(keys, host, ports[host.name] ?? 0, login));
  } catch (error) {
    await close();
    throw error;
  }
  const hosts = started.map(({ entry }) => entry);
  writePorts(keys, { ...ports, ...Object.fromEntries(hosts.map(({ name, port }) => [name, port])) });
  const knownHosts = started.map(({ knownHost }) => knownHost).join('');
  return { product, hosts, keyPath, knownHosts, secrets: writeSecrets(product), groups: groups.alive, close };
}

type Started = { readonly server: SshServer; readonly entry: HostEntry; readonly knownHost: string };

async function startHost(
  keys: string,
  host: SandboxHost,
  wanted: number,
  login: Pick<SshServerOptions, 'clientKey' | 'user' | 'env' | 'onGroup'>,
): Promise<Started> {
  const hostKey = keyPair(join(keys, `host_${host.name}`));
  const server = await startSshServer({ port: wanted, hostKey: hostKey.private, home: host.home, ...login });
  const { port } = server;
  return {
    server,
    entry: entryOf(host, { address: ADDRESS, port, user: login.user }),
    knownHost: `[${ADDRESS}]:${port} ${hostKey.public}\n`,
  };
}

type Ports = Readonly<Record<string, number>>;

function writePorts(keys: string, ports: Ports): void {
  writeFileSync(portsFile(keys), `${JSON.stringify(ports, null, 2)}\n`);
}

function portsFile(keys: string): string {
  return join(keys, 'ports.json');
}

function readPorts(keys: string): Ports {
  if (!existsSync(portsFile(keys))) return {};
  return z.record(z.string(), z.number().int()).parse(JSON.parse(readFileSync(portsFile(keys), 'utf8')));
}

type KeyPair = { readonly private: string; readonly public: string };

/** The pair in `path` and `path.pub`, made where there is none. */
function keyPair(path: string): KeyPair {
  if (!existsSync(`${path}.pub`)) {
    const made = soundPair();
    writeFileSync(path, made.private, { mode: 0o600 });
    chmodSync(path, 0o600);
    writeFileSync(`${path}.pub`, `${made.public}\n`);
  }
  return { private: readFileSync(path, 'utf8'), public: readFileSync(`${path}.pub`, 'utf8').trim() };
}

/** ssh2 1.17 drops a zero byte in one of some 300 pairs and neither half can be read then: such a pair is made anew. */
function soundPair(): KeyPair {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519');
    const readable = [made.private, made.public].every((half) => !(ssh2.utils.parseKey(half) instanceof Error));
    if (readable) return made;
  }
}
