/** The clock of an attempt: it stands still on the host itself while it is held. */
import { readFileSync } from 'node:fs';
import type { AttemptSpec } from '../../src/ssh/attempt.ts';
import { again, markOf, spec, toTheEnd, untilItSays } from './attempts.ts';
import { createLayer, type Layer, type Sshd, startSshd, until } from './support.ts';

let sshd: Sshd;
let layer: Layer;

beforeAll(async () => {
  sshd = await startSshd();
  layer = createLayer(sshd);
});
afterAll(async () => {
  await layer.close();
  await sshd.stop();
});

const asking = (script: string, timeoutSeconds: number): AttemptSpec => spec(script, { interactive: true, timeoutSeconds });
const untilItAsks = (what: AttemptSpec) => untilItSays('? ', layer, sshd.target, what);
const theEnd = (what: AttemptSpec) => toTheEnd(layer, sshd.target, again(what));
const hold = (what: AttemptSpec, on = layer) => on.attempts.hold(sshd.target, what.id);
const release = (what: AttemptSpec, on = layer) => on.attempts.release(sshd.target, what.id);
/** How many seconds the host has had since the attempt began. */
const ran = (what: AttemptSpec): number => {
  const began = Number(readFileSync(markOf(sshd, what, 'go'), 'utf8').split(' ')[8]);
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - began;
};

test('held longer than the limit, it finishes after release', async () => {
  const what = asking('printf "? "; read -r answer; exit 7', 3);
  await untilItAsks(what);
  expect([await hold(what), await hold(what)]).toEqual([{ kind: 'held' }, { kind: 'held' }]);
  const second = createLayer(sshd);
  await until(() => ran(what) > 6);
  expect(await layer.attempts.look(sshd.target, what.id)).toEqual({ kind: 'running' });
  expect(await release(what, second)).toEqual({ kind: 'released' });
  expect(await release(what)).toEqual({ kind: 'released' });
  expect(await layer.attempts.give(sshd.target, what.id, { number: 1, text: 'thought about it' })).toEqual({ kind: 'given' });
  await second.close();
  expect(await theEnd(what)).toMatchObject({ outcome: { kind: 'finished', status: 7 } });
  expect([await hold(what), await release(what)]).toEqual([{ kind: 'over' }, { kind: 'over' }]);
});

test('the limit still ends it after release', async () => {
  const what = asking('printf "? "; cat', 2);
  await untilItAsks(what);
  await hold(what);
  await until(() => ran(what) > 4);
  await release(what);
  await hold(what);
  await until(() => ran(what) > 6);
  await release(what);
  expect((await theEnd(what)).outcome).toEqual({ kind: 'timedOut', remaining: [], detached: [] });
  expect(ran(what)).toBeGreaterThan(6);
});

test('a cancel ends what is held', async () => {
  const what = asking('printf "? "; cat', 1);
  await untilItAsks(what);
  expect(await hold(what)).toEqual({ kind: 'held' });
  expect(await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'ended', remaining: [], detached: [] });
  expect((await theEnd(what)).outcome.kind).toBe('cancelled');
});

test('what never began has no clock', async () => {
  const what = asking('true', 1);
  expect([await hold(what), await release(what)]).toEqual([{ kind: 'none' }, { kind: 'none' }]);
});
