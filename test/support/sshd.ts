/** One real OpenSSH server on loopback that stands for one host: its own host key, its own HOME, one client key let in. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './redis.ts';

export type HostSshdOptions = {
  /** Where its configuration and its keys lie; made if missing. */
  readonly dir: string;
  /** HOME of every login. */
  readonly home: string;
  /** Path of the only public key that is let in; see `clientKey`. */
  readonly publicKey: string;
  /** Further environment of every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of sshd_config; the first of a kind wins. */
  readonly config?: readonly string[];
};

export type HostSshd = {
  readonly port: number;
  /** The line of known_hosts for this server under that address. */
  hostKeyLine(address: string): string;
  pid(): number;
  /** As `stop` and `start`, with another host key in between if asked for. */
  restart(options?: { readonly newHostKey?: boolean }): Promise<void>;
  /** Ends the server and every connection to it; the commands that run go on. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** Makes one key pair for all hosts of a test and answers the private key's path; the public one lies beside it as `.pub`. */
export function clientKey(dir: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'id_ed25519');
  keygen(path);
  return path;
}

/** Starts sshd and resolves when it listens. */
export async function startHostSshd(options: HostSshdOptions): Promise<HostSshd> {
  const { dir } = options;
  const hostKey = join(dir, 'host_ed25519');
  mkdirSync(dir, { recursive: true });
  // sshd insists on this folder only when it runs as root, and only root can make it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  keygen(hostKey);
  const port = await freePort();
  writeFileSync(join(dir, 'sshd_config'), configOf(options, port, hostKey));
  let child = await launch(dir);
  const stop = async (): Promise<void> => {
    await end(child);
  };
  const start = async (): Promise<void> => {
    child = await launch(dir);
  };
  const restart = async ({ newHostKey = false }: { readonly newHostKey?: boolean } = {}): Promise<void> => {
    await stop();
    if (newHostKey) keygen(hostKey);
    await start();
  };
  return {
    port,
    hostKeyLine: (address) => `[${address}]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8').trim()}\n`,
    pid: () => child.pid ?? 0,
    restart,
    stop,
    start,
    close: stop,
  };
}

function configOf({ dir, home, publicKey, env = {}, config = [] }: HostSshdOptions, port: number, hostKey: string): string {
  const words = Object.entries({ HOME: home, PATH: '/usr/bin:/bin', ...env }).map(([name, value]) => `"${name}=${value}"`);
  const own = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${publicKey}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    `PidFile ${join(dir, 'pid')}`,
    `SetEnv ${words.join(' ')}`,
  ];
  return `${[...config, ...own].join('\n')}\n`;
}

async function launch(dir: string): Promise<ChildProcess> {
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const connections = childrenOf(child.pid ?? 0);
  const gone = once(child, 'exit');
  child.kill();
  await gone;
  for (const pid of connections) killIfAlive(pid);
}

/** The processes in which sshd serves its connections; a command's own processes are further down and go on. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It ended by itself.
  }
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
      if (said.includes('Server listening on')) resolve();
    });
    child.once('exit', () => reject(new Error(`sshd did not start: ${said}`)));
  });
}

function keygen(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}.pub`, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
}
