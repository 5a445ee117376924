/** What happens to the machines of a sandbox cluster from outside, without anybody logging in. */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { put } from '../layout.ts';
import { readLeader, readRoles, stateOfHost } from './state.ts';

/** The other engine leads the database from now on. Throws where there is none. */
export function switchover(shared: string): void {
  const { leader } = readLeader(shared);
  const next = readRoles(shared).find(({ name, role }) => role === 'engine' && name !== leader);
  if (next === undefined) throw new Error('There is no other engine.');
  lead(shared, next.name, 'switchover');
}

/** The machine loses its power: nothing runs there any longer, and a leader's replica takes over. Its files stay. */
export function powerOff(shared: string, host: string): void {
  writePhase(shared, host, 'stopped');
  note(shared, host, 'the machine is off');
  failOver(shared, host);
}

/** Behind this name there is a new machine from now on: no AtScale, and nothing in the home. */
export function replaceMachine(dir: string, shared: string, host: string): void {
  for (const folder of ['opt', 'home']) rmSync(join(dir, host, folder), { recursive: true, force: true });
  mkdirSync(join(dir, host, 'home'));
  writePhase(shared, host, 'absent');
  rmSync(markOf(shared, host), { force: true });
  note(shared, host, 'a new machine');
  failOver(shared, host);
}

/** From now on the host may be stopped by itself, without the order of a restart. */
export function toBeReplaced(shared: string, host: string): void {
  put(markOf(shared, host), '');
}

function markOf(shared: string, host: string): string {
  return join(shared, 'state', host, 'to-be-replaced');
}

function failOver(shared: string, gone: string): void {
  if (readLeader(shared).leader !== gone) return;
  const engines = readRoles(shared).filter(({ name, role }) => role === 'engine' && name !== gone);
  const next = engines.find(({ name }) => stateOfHost(shared, name) === 'running');
  if (next !== undefined) lead(shared, next.name, 'failover');
}

function lead(shared: string, host: string, why: string): void {
  put(join(shared, 'state', 'leader'), `${host} ${readLeader(shared).timeline + 1}\n`);
  note(shared, host, `${why}: ${host} is the leader now`);
}

function writePhase(shared: string, host: string, phase: string): void {
  put(join(shared, 'state', host, 'phase'), `${phase}\n`);
}

function note(shared: string, host: string, words: string): void {
  const line = [new Date().toISOString(), host, 'sandbox', '', process.pid, 'note', '-', words];
  appendFileSync(join(shared, 'executed.log'), `${line.join('\t')}\n`);
}
