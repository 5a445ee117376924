/** The chained list of runs: in Redis, in files, cut, tampered with, and lost. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { moveRuns } from '../../src/archive/move-runs.ts';
import { segmentsIn } from '../../src/archive/segments.ts';
import { keys } from '../../src/journal/keys.ts';
import type { RunsEvent } from '../../src/journal/runs.ts';
import type { TestRedis } from '../support/redis.ts';
import { DAY, eachWithStore, openStore, type Store, THEN } from './support.ts';

let server: TestRedis;
let store: Store;

eachWithStore((fresh, redis) => {
  store = fresh;
  server = redis;
});

const began = (run: string): RunsEvent => ({ kind: 'runBegan', run, procedure: 'p', cluster: 'c', requester: 'U1', first: 'f'.repeat(64) });
const fill = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1) await store.runs.note(began(`run${at}`), { at: THEN + at });
};
const seqs = async (from: Store = store): Promise<readonly number[]> => {
  const found: number[] = [];
  for await (const { seq } of from.runs.everything()) found.push(seq);
  return found;
};
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1);
const faults = async (from: Store = store): Promise<readonly string[]> =>
  (await from.runs.verify()).map(({ kind, seq }) => `${kind} ${seq}`);
const another = (): Promise<Store> => openStore({ url: server.url, record: store.record, data: store.data });
const segment = async (): Promise<string> => join(store.record, (await segmentsIn(store.record))[0]?.path ?? '');

test('the same thing noted twice is one entry', async () => {
  expect(await store.runs.note(began('run1'), { at: THEN })).toEqual({ kind: 'appended', seq: 1 });
  expect(await (await another()).runs.note(began('run1'), { at: THEN + 1 })).toEqual({ kind: 'known', seq: 1 });
  expect(await seqs()).toEqual([1]);
});

describe('the older part in files', () => {
  const move = (least = 1): Promise<number> => moveRuns({ ...store, folder: store.record }, THEN + 7, least);

  test('the chain goes on from the files into Redis', async () => {
    await fill(10);
    expect(await move()).toBe(7);
    expect(await store.redis.xlen(keys.runs)).toBe(3);
    expect(await seqs()).toEqual(upTo(10));
    expect(await faults()).toEqual([]);
    expect(await store.runs.note(began('run10'), { at: THEN + 10 })).toEqual({ kind: 'appended', seq: 11 });
    expect(await faults()).toEqual([]);
    expect(await store.runs.lost()).toBeUndefined();
  });

  test('the last entry stays, and few are not worth a file', async () => {
    await fill(5);
    expect(await moveRuns({ ...store, folder: store.record }, THEN + DAY)).toBe(0);
    expect(await move()).toBe(4);
    expect(await move()).toBe(0);
    expect(await seqs()).toEqual(upTo(5));
  });

  test('what was moved of a run that is still in Redis is not noted again', async () => {
    await store.end('run0');
    await fill(10);
    await move();
    expect(await store.runs.note(began('run0'), { at: THEN })).toEqual({ kind: 'known', seq: 1 });
    expect(await store.redis.hkeys(keys.runsIds)).toHaveLength(4);
    expect(await seqs()).toEqual(upTo(10));
  });

  test('a file of a process that died before it trimmed is no second copy', async () => {
    await fill(10);
    const entries = await store.redis.xrange(keys.runs, '-', '+');
    const ids = await store.redis.hgetall(keys.runsIds);
    await move();
    // As if the last script had never run.
    await store.redis.del(keys.runs);
    for (const [place, fields] of entries) await store.redis.xadd(keys.runs, place, ...fields);
    await store.redis.hdel(keys.runsHead, 'base');
    await store.redis.hset(keys.runsIds, ids);
    expect(await seqs()).toEqual(upTo(10));
    expect(await faults()).toEqual([]);
    await move();
    expect(await seqs()).toEqual(upTo(10));
  });

  test('an edited file is named, and never given out', async () => {
    await fill(10);
    await move();
    const text = gunzipSync(readFileSync(await segment())).toString('utf8');
    writeFileSync(await segment(), gzipSync(text.replace('run3', 'run9')));
    expect(await faults()).toEqual(['edited 4']);
    await expect(seqs()).rejects.toMatchObject({ code: 'RUNS_FORGED' });
    const told: number[] = [];
    await store.runs.verify({ tell: ({ seq }) => told.push(seq) });
    expect(told).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
  });

  test('a file that is gone is a gap', async () => {
    await fill(10);
    await move();
    rmSync(await segment());
    expect(await faults()).toEqual(['missing 1']);
  });

  test('a file that is no longer one is named', async () => {
    await fill(10);
    await move();
    writeFileSync(await segment(), 'x');
    expect(await faults()).toContain('edited 1');
  });
});

describe('cut while no process ran', () => {
  const cut = async (last: number): Promise<void> => {
    const [entry] = await store.redis.xrange(keys.runs, `${last}-0`, `${last}-0`);
    const hash = entry?.[1][9] ?? '';
    for (let seq = last + 1; seq <= 10; seq += 1) await store.redis.xdel(keys.runs, `${seq}-0`);
    await store.redis.hset(keys.runsHead, 'seq', String(last), 'hash', hash);
  };

  test('a process that starts sees it, and goes on behind the gap', async () => {
    await fill(10);
    await cut(6);
    const fresh = await another();
    expect(await fresh.runs.lost()).toMatch(/entry 10, the last is now 6/);
    expect(await faults(fresh)).toEqual(['cut 7']);
    expect(await fresh.runs.note(began('new'), { at: THEN })).toEqual({ kind: 'appended', seq: 11 });
    expect(await faults(fresh)).toEqual(['missing 7']);
    await fresh.close();
  });

  test('a list that is gone altogether is seen too', async () => {
    await fill(3);
    await store.redis.del(keys.runs, keys.runsHead, keys.runsIds);
    const fresh = await another();
    expect(await fresh.runs.lost()).toMatch(/entry 3, the last is now none/);
    await fresh.close();
  });

  test('a list that was replaced by another one is seen too', async () => {
    await fill(3);
    await store.redis.del(keys.runs, keys.runsHead, keys.runsIds);
    const elsewhere = await openStore({ url: server.url });
    for (const run of ['a', 'b', 'c', 'd']) await elsewhere.runs.note(began(run), { at: THEN });
    const fresh = await another();
    expect(await fresh.runs.lost()).toMatch(/Entry 3 is not the one/);
    await Promise.all([fresh.close(), elsewhere.close()]);
  });

  test('a list that is whole is told so', async () => {
    expect(await store.runs.lost()).toBeUndefined();
    await fill(3);
    const fresh = await another();
    expect(await fresh.runs.lost()).toBeUndefined();
    await fresh.close();
  });

  test('a witness that cannot be read keeps nobody from noting', async () => {
    writeFileSync(join(store.data, 'runs-head.json'), 'nonsense');
    await fill(2);
    expect(await seqs()).toEqual([1, 2]);
  });
});

test('a list that takes no entry keeps no run from its journal', async () => {
  await store.redis.set(keys.runs, 'x');
  await store.end('run1');
  await store.listing.ensure('run1', 'ended');
  expect(await store.journal.read('run1')).toHaveLength(2);
  expect(store.damaged).toContain('RUNS_FORGED');
});
