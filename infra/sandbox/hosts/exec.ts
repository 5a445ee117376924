/** One command over one SSH channel, with the channel's flow control all the way to the process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Connection, ServerChannel } from 'ssh2';

export type Login = {
  readonly home: string;
  readonly user: string;
  /** Further environment; its PATH is searched before this process's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly connection: Connection;
};

/** Starts the command in the host's HOME and answers its process group; undefined where it could not be started. */
export function runOver(channel: ServerChannel, command: string, login: Login): number | undefined {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: login.home,
    env: environmentOf(login),
    detached: true,
  });
  connectStreams(channel, child);
  reportEnding(channel, child);
  // A connection that breaks does not close a channel whose input was not read to its end.
  const over = (): void => {
    login.connection.off('close', over);
    letGo(child);
  };
  channel.once('close', over);
  login.connection.once('close', over);
  return child.pid;
}

function environmentOf({ home, user, env }: Login): NodeJS.ProcessEnv {
  const path = [env.PATH, process.env.PATH ?? '/usr/bin:/bin'].filter((part) => part !== undefined).join(':');
  return { USER: user, LOGNAME: user, SHELL: '/bin/sh', ...env, HOME: home, PATH: path };
}

function connectStreams(channel: ServerChannel, child: ChildProcessWithoutNullStreams): void {
  // A process that reads nothing more, or a client that is gone, breaks a pipe: neither is ours to complain about.
  for (const stream of [channel, channel.stderr, child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  channel.pipe(child.stdin);
}

/** The exit at once, the end of the channel only when nothing holds the outputs open any longer: sshd does the same. */
function reportEnding(channel: ServerChannel, child: ChildProcessWithoutNullStreams): void {
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => {
      channel.exit(127);
      resolve();
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) channel.exit(signal.replace(/^SIG/, ''), false, '');
      else channel.exit(code ?? 255);
      resolve();
    });
  });
  const inTurn = createTurns();
  const outputs = [forward(child.stdout, channel, channel, inTurn), forward(child.stderr, channel.stderr, channel, inTurn)];
  Promise.allSettled([ended, ...outputs]).then(() => channel.end());
}

type InTurn = (work: () => Promise<void>) => Promise<void>;

/** Works given to it are done one after the other. */
function createTurns(): InTurn {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work);
    return last;
  };
}

async function forward(from: Readable, to: Writable, channel: ServerChannel, inTurn: InTurn): Promise<void> {
  for await (const chunk of from) await inTurn(() => writeOut(to, chunk, channel));
}

/**
 * Resolves when the client's window has taken the chunk. ssh2 1.17 keeps a chunk that waited for the window after it was sent: when the
 * other output waits next, the old chunk goes out again and the new one never. So the outputs take turns, and the old chunk is forgotten.
 */
function writeOut(to: Writable, chunk: Buffer, channel: ServerChannel): Promise<void> {
  return new Promise((resolve) => {
    to.write(chunk, () => {
      Object.assign(channel, { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined });
      resolve();
    });
  });
}

/** The process goes on; its next write meets a broken pipe, as with a real sshd. */
function letGo(child: ChildProcessWithoutNullStreams): void {
  child.stdin.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

/** Sends a signal of the SSH protocol (`TERM`, not `SIGTERM`) to the whole group; false where there is no such signal or group. */
export function signalGroup(group: number, name: string): boolean {
  const number = Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1];
  if (number === undefined) return false;
  try {
    return process.kill(-group, number);
  } catch {
    return false;
  }
}
