/** OpenSSH's own client against a sandbox host. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { HostEntry } from '../../infra/sandbox/cluster-file.ts';

export type Ssh = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Login = { readonly keyPath: string; readonly knownHosts: string };
/** Where and as whom one logs in. */
export type Address = Pick<HostEntry, 'address' | 'port' | 'user'>;

/** Runs the command there and answers when the client has ended; 255 is the client's own trouble. */
export async function runSsh(entry: Address, login: Login, command: string): Promise<Ssh> {
  return endOf(startSsh(entry, login, command));
}

/** Starts the client and leaves it to the caller. */
export function startSsh(entry: Address, { keyPath, knownHosts }: Login, command: string): ChildProcess {
  const options = [
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'LogLevel=ERROR',
  ];
  const words = options.flatMap((option) => ['-o', option]);
  return spawn('ssh', ['-F', 'none', ...words, '-i', keyPath, '-p', String(entry.port), `${entry.user}@${entry.address}`, command]);
}

export async function endOf(child: ChildProcess): Promise<Ssh> {
  const chunks: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] };
  child.stdout?.on('data', (chunk: Buffer) => chunks.out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.err.push(chunk));
  child.stdin?.end();
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout: Buffer.concat(chunks.out).toString(), stderr: Buffer.concat(chunks.err).toString() };
}
