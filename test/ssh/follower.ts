/** Another process that follows an attempt, so that a test can kill it. It runs what `npm run build` made. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AttemptSpec } from '../../src/ssh/attempt.ts';
import type { Sshd } from './support.ts';

const BUILT = resolve(import.meta.dirname, '../../dist/src');

const program = `
const { SRC, KNOWN, DATA, TARGET, SPEC } = process.env;
const { createConnections } = await import(SRC + '/ssh/connections.js');
const { createAttempts } = await import(SRC + '/ssh/attempt.js');
const { createOutputStore } = await import(SRC + '/record/output.js');
const { pino } = await import('pino');
const log = pino({ level: 'silent' });
const connections = createConnections({ knownHostsPath: KNOWN, log });
const attempts = createAttempts({ connections, outputs: createOutputStore(DATA), log });
await attempts.carryOut(JSON.parse(TARGET), JSON.parse(SPEC), { budgetMs: 60_000, onOutput: (chunk) => process.stdout.write(chunk) });
`;

export type Follower = {
  /** Comes back when what it showed holds the word. */
  says(word: string): Promise<void>;
  /** kill -9, and comes back when it is gone. */
  kill(): Promise<void>;
};

export function startFollower(sshd: Sshd, what: AttemptSpec): Follower {
  const data = mkdtempSync(join(tmpdir(), 'keyturn-data-'));
  const given = { SRC: BUILT, KNOWN: sshd.knownHosts, DATA: data, TARGET: JSON.stringify(sshd.target), SPEC: JSON.stringify(what) };
  // In this folder, so that the packages are found.
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...given },
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { says: (word) => saying(child, word), kill: () => killing(child).finally(() => rmSync(data, { recursive: true })) };
}

function saying(child: ChildProcess, word: string): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      if (said.includes(word)) resolve();
    });
    child.once('exit', () => reject(new Error(`the follower ended; it had shown: ${said}`)));
  });
}

async function killing(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
