/** The demo's hosts: a sandbox AtScale cluster, each host behind an SSH server of its own, with the same keys and ports at every start. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { z } from 'zod';
import type { HostEntry } from '../cluster-file.ts';
import { type AtscaleCluster, type AtscaleOptions, createAtscaleCluster } from './atscale.ts';
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
  close(): Promise<void>;
};

/** Starts the hosts, or starts them again as they were. Throws a KeyturnError where a port that they had is taken by now. */
export async function startDemoHosts(dir: string, options: AtscaleOptions = {}): Promise<DemoHosts> {
  const cluster = createAtscaleCluster(dir, { seconds: SECONDS, queryEngines: 2, ...options });
  const keys = join(dir, 'ssh');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const keyPath = join(keys, 'id_ed25519');
  const clientKey = keyPair(keyPath);
  const ports = readPorts(keys);
  const servers = new Map<string, SshServer>();
  const close = async (): Promise<void> => {
    await Promise.all([...servers.values()].map((server) => server.close()));
  };
  const hosts: HostEntry[] = [];
  let knownHosts = '';
  try {
    for (const host of cluster.hosts) {
      const hostKey = keyPair(join(keys, `host_${host.name}`));
      const server = await startSshServer({
        port: ports[host.name] ?? 0,
        hostKey: hostKey.private,
        user: USER,
        clientKey: clientKey.public,
        home: host.home,
      });
      servers.set(host.name, server);
      const { name, fqdn, role } = host;
      hosts.push({ name, fqdn, role, address: ADDRESS, port: server.port, user: USER, productHome: cluster.productHome });
      knownHosts += `[${ADDRESS}]:${server.port} ${hostKey.public}\n`;
    }
  } catch (error) {
    await close();
    throw error;
  }
  const kept = Object.fromEntries([...servers].map(([name, server]) => [name, server.port]));
  writeFileSync(portsFile(keys), `${JSON.stringify({ ...ports, ...kept }, null, 2)}\n`);
  return { hosts, keyPath, knownHosts, cluster, close };
}

function portsFile(keys: string): string {
  return join(keys, 'ports.json');
}

function readPorts(keys: string): Readonly<Record<string, number>> {
  if (!existsSync(portsFile(keys))) return {};
  return z.record(z.string(), z.number().int()).parse(JSON.parse(readFileSync(portsFile(keys), 'utf8')));
}

type KeyPair = { readonly private: string; readonly public: string };

/** The pair in `path` and `path.pub`, made where there is none. */
function keyPair(path: string): KeyPair {
  if (!existsSync(`${path}.pub`)) {
    const made = ssh2.utils.generateKeyPairSync('ed25519');
    writeFileSync(path, made.private, { mode: 0o600 });
    chmodSync(path, 0o600);
    writeFileSync(`${path}.pub`, `${made.public}\n`);
  }
  return { private: readFileSync(path, 'utf8'), public: readFileSync(`${path}.pub`, 'utf8').trim() };
}
