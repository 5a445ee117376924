/** The server processes of one sandbox, found by their command line: whoever started them, and also those that no pid.txt names any more. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ServerProcess = { readonly pid: number; readonly host: string };

/** What bin/start runs on its way, and what it leaves behind. */
type Script = 'launch.mjs' | 'amp-server.mjs';

const LOOK_AGAIN_MS = 20;

/** Those that live; a zombie has no command line and is none. */
export function processesOf(dir: string, hosts: readonly string[], scripts: readonly Script[] = ['amp-server.mjs']): ServerProcess[] {
  const known = hosts.flatMap((host) => scripts.map((script) => ({ host, path: join(dir, host, 'opt', 'amp', 'lib', script) })));
  return commandLines().flatMap(({ pid, command }) => {
    const found = known.find(({ path }) => command.endsWith(` ${path}`));
    return found === undefined ? [] : [{ pid, host: found.host }];
  });
}

type Find = () => readonly ServerProcess[];

/** Sends the signal to all that `find` tells, now and while it waits; true when none is left, false where some live on after the time. */
export function endAll(find: Find, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  const told = new Set<number>();
  const findAndTell: Find = () => {
    const left = find();
    for (const { pid } of left.filter((process) => !told.has(process.pid))) kill(pid, signal);
    for (const { pid } of left) told.add(pid);
    return left;
  };
  return waitForEnd(findAndTell, timeoutMs);
}

/** True when `find` tells none any more, false where some live on after the time. They are no children of ours: nothing tells us of their end. */
export async function waitForEnd(find: Find, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  while (find().length > 0) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return true;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

type CommandLine = { readonly pid: number; readonly command: string };

function commandLines(): CommandLine[] {
  return existsSync('/proc/self/cmdline') ? fromProc() : fromPs();
}

function fromProc(): CommandLine[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => ({ pid: Number(pid), command: readCommand(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trimEnd() }));
}

function readCommand(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function fromPs(): CommandLine[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line.trimEnd() }));
}
