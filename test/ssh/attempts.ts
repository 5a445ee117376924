/** Attempts as tests make and follow them. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptSpec, Ended, StillRunning, Watch } from '../../src/ssh/attempt.ts';
import type { Target } from '../../src/ssh/target.ts';
import type { Layer, Sshd } from './support.ts';

/** Test files run side by side on one machine, and a cancel finds processes by the attempt's name. */
const run = `run-${randomBytes(4).toString('hex')}`;
let steps = 0;

/** A new attempt of a new step. */
export function spec(script: string, more: Partial<AttemptSpec> = {}): AttemptSpec {
  steps += 1;
  const id = { run, step: `S${steps}`, host: 'alpha', attempt: 1 };
  return { id, sequence: steps, script, env: {}, timeoutSeconds: 60, graceSeconds: 1, secrets: [], mayHaveBegun: false, ...more };
}

/** The same attempt, for whoever comes after the first call. */
export function again(what: AttemptSpec): AttemptSpec {
  return { ...what, mayHaveBegun: true };
}

export async function toTheEnd(on: Layer, target: Target, what: AttemptSpec): Promise<Ended> {
  let given = what;
  for (let calls = 0; calls < 50; calls += 1) {
    const result = await on.attempts.carryOut(target, given, { budgetMs: 20_000 });
    if (result.kind === 'ended') return result;
    given = again(given);
  }
  throw new Error('it never ended');
}

/** Starts it or follows on, and comes back when what it printed since holds the word. */
export function untilItSays(word: string, on: Layer, target: Target, what: AttemptSpec): Promise<Ended | StillRunning> {
  const stop = new AbortController();
  let seen = '';
  const watch: Watch = {
    budgetMs: 20_000,
    signal: stop.signal,
    onOutput(chunk) {
      seen += chunk.toString();
      if (seen.includes(word)) stop.abort();
    },
  };
  return on.attempts.carryOut(target, what, watch);
}

/** Where the host's store is. */
export function storeOf(sshd: Sshd): string {
  const root = join(sshd.home, '.keyturn');
  return join(root, readdirSync(root)[0] ?? '');
}

/** A file of an attempt in the host's store. */
export function markOf(sshd: Sshd, what: AttemptSpec, name: string): string {
  const { run, step, host, attempt } = what.id;
  return join(storeOf(sshd), 'runs', run, `${step}.${host}.${attempt}.${name}`);
}

/** The process of an attempt's supervisor. */
export function supervisorOf(sshd: Sshd, what: AttemptSpec): number {
  return Number(readFileSync(markOf(sshd, what, 'go'), 'utf8').split(' ')[1]);
}

/** Whether a process is there and not only waiting to be buried. */
export function alive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
