/** A real OpenSSH server on loopback, with keys of its own and a home folder that a test can look into. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createOutputStore } from '../../src/record/output.ts';
import { type Attempts, createAttempts } from '../../src/ssh/attempt.ts';
import { type Connections, createConnections } from '../../src/ssh/connections.ts';
import { createFiles, type Files } from '../../src/ssh/files.ts';
import type { Target } from '../../src/ssh/target.ts';

export type Sshd = {
  readonly port: number;
  readonly folder: string;
  readonly home: string;
  readonly knownHosts: string;
  readonly target: Target;
  /** A known_hosts file for this server behind another port. */
  knownFor(port: number): string;
  stop(): Promise<void>;
};

/** Starts sshd with these further lines of configuration (the first of a kind wins), these host keys, and this PATH for commands. */
export async function startSshd(
  extra: readonly string[] = [],
  keyTypes: readonly string[] = ['ed25519'],
  path = '/usr/bin:/bin',
): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-sshd-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  for (const type of keyTypes) keygen(join(folder, `host_${type}`), type);
  keygen(join(folder, 'id'), 'ed25519');
  const port = await freePort();
  const own = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...keyTypes.map((type) => `HostKey ${folder}/host_${type}`),
    `AuthorizedKeysFile ${folder}/id.pub`,
    'StrictModes no',
    'UsePAM no',
    `PidFile ${folder}/pid`,
    'PermitRootLogin yes',
    `SetEnv HOME=${home} PATH=${path}`,
    'AllowTcpForwarding yes',
  ];
  writeFileSync(join(folder, 'sshd_config'), `${[...extra, ...own].join('\n')}\n`);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  const knownHosts = join(folder, 'known_hosts');
  const lines = keyTypes.map((type) => `[127.0.0.1]:${port} ${readFileSync(join(folder, `host_${type}.pub`), 'utf8')}`);
  writeFileSync(knownHosts, lines.join(''));
  const target: Target = {
    host: 'alpha',
    address: '127.0.0.1',
    port,
    user: userInfo().username,
    identity: { kind: 'key', path: join(folder, 'id') },
  };
  const knownFor = (other: number): string => {
    const path = join(folder, `known_${other}`);
    writeFileSync(path, readFileSync(knownHosts, 'utf8').replaceAll(`:${port} `, `:${other} `));
    return path;
  };
  const stop = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, folder, home, knownHosts, target, knownFor, stop };
}

function keygen(path: string, type: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path]);
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
      if (/listening on/.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error(`sshd did not start: ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A worker's SSH layer, with its own connections and data folder. */
export type Layer = {
  readonly connections: Connections;
  readonly attempts: Attempts;
  readonly files: Files;
  readonly data: string;
  close(): Promise<void>;
};

export function createLayer(sshd: Sshd, options: { readonly knownHosts?: string; readonly maxOutputBytes?: number } = {}): Layer {
  const log = pino({ level: 'silent' });
  const data = mkdtempSync(join(tmpdir(), 'keyturn-data-'));
  const connections = createConnections({ knownHostsPath: options.knownHosts ?? sshd.knownHosts, log });
  const limit = options.maxOutputBytes === undefined ? {} : { maxOutputBytes: options.maxOutputBytes };
  const attempts = createAttempts({ connections, outputs: createOutputStore(data), log, ...limit });
  const close = async (): Promise<void> => {
    await attempts.close();
    await connections.close();
    rmSync(data, { recursive: true, force: true });
  };
  return { connections, attempts, files: createFiles({ connections }), data, close };
}

/** A TCP proxy that a test can cut, or let stand still. */
export type Proxy = { readonly port: number; cut(): void; stall(): void; flow(): void; close(): Promise<void> };

export async function startProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const stall = (): void => {
    for (const socket of sockets) socket.pause();
  };
  const flow = (): void => {
    for (const socket of sockets) socket.resume();
  };
  const close = async (): Promise<void> => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: portOf(server), cut, stall, flow, close };
}

/** Comes back when it is so; fails after ten seconds. */
export async function until(state: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 10_000; !state(); ) {
    if (performance.now() > deadline) throw new Error('it never came to that');
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
