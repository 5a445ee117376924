/**
 * What ties the server to its sandbox: the log, the faults, what the tests hear of it, and whether the sandbox still exists.
 *
 * @import { State } from './plane.mjs'
 * @typedef {{ pid: number, nodeId: string, state: State, persistenceDir: string }} Said What a server says of itself.
 * @typedef {ReturnType<typeof joinSandbox>} Sandbox
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LONGEST_WORDS = 400;

export function joinSandbox() {
  const folder = process.env.SANDBOX ?? '';
  const host = process.env.HOST ?? '';
  const log = join(folder, 'executed.log');
  const record = (/** @type {string} */ event, /** @type {string} */ code, /** @type {string} */ words) => {
    const line = [new Date().toISOString(), host, 'amp-server', '', process.pid, event, code, plain(words)].join('\t');
    if (existsSync(log)) appendFileSync(log, `${line}\n`);
    console.log(`${new Date().toISOString()} ${event} ${plain(words)}`);
  };
  return {
    host,
    begin: () => record('begin', '-', 'amp-server'),
    note: (/** @type {string} */ words) => record('note', '-', words),
    violation: (/** @type {string} */ words, code = 1) => record('violation', String(code), `VIOLATION on ${host}: ${words}`),
    end: (/** @type {number} */ code) => record('end', String(code), code === 0 ? 'ok' : `failed with exit code ${code}`),
    /** What the fault holds, or undefined where it is not set. */
    fault: (/** @type {string} */ kind, place = host) => readFault(join(folder, 'faults', place, kind)),
    exists: () => existsSync(log),
    isAlive,
    say: (/** @type {Said} */ said) => {
      const path = join(folder, 'state', host);
      writeFileSync(`${path}.new`, `${JSON.stringify(said)}\n`);
      renameSync(`${path}.new`, path);
    },
    /** The hosts whose server runs and says that it is the master of a plane in that folder. */
    mastersElsewhere: (/** @type {string} */ persistenceDir) =>
      readdirSync(join(folder, 'state')).filter((other) => {
        if (other === host || other.endsWith('.new')) return false;
        /** @type {Said} */
        const said = JSON.parse(readFileSync(join(folder, 'state', other), 'utf8'));
        return said.state === 'MASTER' && said.persistenceDir === persistenceDir && serverRuns(said.pid);
      }),
    /** Each host's name and the home of its account amp. */
    hosts: () => {
      const lines = readFileSync(join(folder, 'hosts'), 'utf8').trim().split('\n');
      return lines.map((line) => {
        const [name = '', ampHome = ''] = line.split('\t');
        return { name, ampHome };
      });
    },
  };
}

/** @param {string} path */
function readFault(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** One line of the log, whatever a client has sent. @param {string} words */
function plain(words) {
  return words.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?').slice(0, LONGEST_WORDS);
}

/** @param {number} pid */
function serverRuns(pid) {
  return commandOf(pid)?.includes('amp-server.mjs') ?? isAlive(pid);
}

/** A process that was killed can stay as a zombie, which has no command line. @param {number} pid */
function isAlive(pid) {
  const command = commandOf(pid);
  if (command !== undefined) return command !== '';
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Empty where there is no such process; undefined where this system does not tell. @param {number} pid */
function commandOf(pid) {
  if (!existsSync('/proc/self/cmdline')) return undefined;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
