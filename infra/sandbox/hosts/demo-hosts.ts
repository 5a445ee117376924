/** The demo's hosts: a sandbox AtScale cluster, each host behind an SSH server of its own, with the same keys and ports at every start. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { z } from 'zod';
import type { HostEntry } from '../cluster-file.ts';
import { type AtscaleCluster, type AtscaleHost, type AtscaleOptions, createAtscaleCluster } from './atscale/cluster.ts';
import { createGroups } from './groups.ts';
import { type SshServer, startSshServer } from './ssh-server.ts';

const USER = 'atscale';
const ADDRESS = '127.0.0.1';
/** Slow enough to be watched. */
const SECONDS = { stop: 4, start: 4, services: 5 } as const;

export type DemoHosts = {
  readonly hosts: readonly HostEntry[];
  /** The private key that all hosts let in. */
  readonly keyPath: string;
  /** The text of a known_hosts file with the keys of all hosts. */
  readonly knownHosts: string;
  readonly cluster: AtscaleCluster;
  /** The process groups of the commands that run just now. */
  readonly groups: () => readonly number[];
  close(): Promise<void>;
};

/** Starts the hosts, or starts them again as they were. Throws a KeyturnError where a port that they had is taken by now. */
export async function startDemoHosts(dir: string, options: AtscaleOptions = {}): Promise<DemoHosts> {
  const cluster = createAtscaleCluster(dir, { seconds: SECONDS, ...options });
  const keys = join(dir, 'ssh');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const keyPath = join(keys, 'id_ed25519');
  const groups = createGroups();
  const login = { clientKey: keyPair(keyPath).public, productHome: cluster.productHome, onGroup: groups.add };
  const ports = readPorts(keys);
  const started: Started[] = [];
  const close = async (): Promise<void> => {
    groups.close();
    await Promise.all(started.map(({ server }) => server.close()));
  };
  try {
    for (const host of cluster.hosts) started.push(await startHost(keys, host, ports[host.name] ?? 0, login));
  } catch (error) {
    await close();
    throw error;
  }
  const hosts = started.map(({ entry }) => entry);
  writePorts(keys, { ...ports, ...Object.fromEntries(hosts.map(({ name, port }) => [name, port])) });
  return { hosts, keyPath, knownHosts: started.map(({ knownHost }) => knownHost).join(''), cluster, groups: groups.alive, close };
}

type Started = { readonly server: SshServer; readonly entry: HostEntry; readonly knownHost: string };

async function startHost(
  keys: string,
  { name, fqdn, role, home }: AtscaleHost,
  wanted: number,
  { productHome, ...login }: { readonly clientKey: string; readonly productHome: string; readonly onGroup: (group: number) => unknown },
): Promise<Started> {
  const hostKey = keyPair(join(keys, `host_${name}`));
  const server = await startSshServer({ port: wanted, hostKey: hostKey.private, user: USER, home, ...login });
  const { port } = server;
  return {
    server,
    entry: { name, fqdn, role, address: ADDRESS, port, user: USER, productHome },
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
