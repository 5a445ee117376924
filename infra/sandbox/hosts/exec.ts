/** One command over one SSH channel, with the channel's flow control all the way to the process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ServerChannel } from 'ssh2';

/** Starts the command in the host's HOME and answers its process group; undefined where it could not be started. */
export function runOver(
  channel: ServerChannel,
  command: string,
  login: { readonly home: string; readonly user: string },
): number | undefined {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: login.home,
    env: { HOME: login.home, PATH: process.env.PATH ?? '/usr/bin:/bin', USER: login.user, LOGNAME: login.user, SHELL: '/bin/sh' },
    detached: true,
  });
  connectStreams(channel, child);
  reportEnding(channel, child);
  channel.once('close', () => letGo(child));
  return child.pid;
}

function connectStreams(channel: ServerChannel, child: ChildProcessWithoutNullStreams): void {
  // A process that reads nothing more, or a client that is gone, breaks a pipe: neither is ours to complain about.
  for (const stream of [channel, channel.stderr, child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
}

/** The exit at once, the end of the channel only when nothing holds the output open any longer: sshd does the same. */
function reportEnding(channel: ServerChannel, child: ChildProcessWithoutNullStreams): void {
  child.once('error', () => {
    channel.exit(127);
    channel.end();
  });
  child.once('exit', (code, signal) => {
    if (signal !== null) channel.exit(signal.replace(/^SIG/, ''), false, '');
    else channel.exit(code ?? 255);
  });
  // The last write of stderr goes out before the channel's end, which does not wait for it by itself.
  child.once('close', () => channel.stderr.end(() => channel.end()));
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
