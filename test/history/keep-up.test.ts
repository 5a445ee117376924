/** The history follows the journals: on a real Redis, with a real archive, through everything that may happen to either. */
import { ALL_RUNS } from '../../src/history/query.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { KeyturnError } from '../../src/errors.ts';
import { catchUp, type KeepUpParts, type KeepUpTimes, startKeepUp } from '../../src/history/keep-up.ts';
import { keepHistory, openHistory } from '../../src/history/open.ts';
import type { Page } from '../../src/history/index.ts';
import { keys } from '../../src/journal/keys.ts';
import { createLeases } from '../../src/journal/leases.ts';
import { createRegister } from '../../src/journal/register.ts';
import { createAfterwards } from '../../src/record/afterwards.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { keyFor, openStore, removeFolder, type Store, THEN } from '../archive/support.ts';
import { cluster, command, dana, procedure } from '../run/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let store: Store;
let logged: string[];
let closing: (() => Promise<void>)[];

beforeAll(async () => {
  server = await startRedis();
});

afterAll(() => server.stop());

beforeEach(async () => {
  store = await openStore({ url: server.url });
  await store.redis.flushall();
  logged = [];
  closing = [];
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await store.close();
  removeFolder(store.record);
  removeFolder(store.data);
});

const file = (): string => join(store.data, 'index', 'history.db');
const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
const register = () => createRegister({ redis: store.redis, key: keyFor('register') });
const base = (more: Partial<Store> = {}) => ({
  ...{ register: register(), afterwardsOf: createAfterwards({ register: register(), sealing: keyFor('register') }) },
  ...{ journal: store.journal, runs: store.runs, leases: createLeases(store.redis), owner: `owner-${Math.random()}`, log },
  ...{ config: { data: store.data, record: store.record }, ...more },
});
const parts = (more: Partial<Store> = {}): Promise<KeepUpParts> => openHistory(base(more));

async function found(word?: string): Promise<Page> {
  const { index } = await parts();
  return index.search({ ...ALL_RUNS, words: word === undefined ? [] : [word] }, { mayRead: () => true, accounts: [] }, 100);
}

const runs = async (word?: string): Promise<readonly string[]> => (await found(word)).rows.map(({ run }) => run).toSorted();

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + 15_000; !(await isSo()); await delay(20)) {
    if (Date.now() > limit) throw new Error(`it did not come about; logged: ${logged.join('')}`);
  }
}

/** A run that goes on. */
async function begin(run: string): Promise<void> {
  const requested = { kind: 'runRequested', requester: dana, procedure: procedure([command('S1')]), cluster, params: {} } as const;
  await store.journal.create(run, [{ ...requested, channel: { team: 'T1', id: 'C1' }, requestId: run }], {
    ...{ at: THEN, actor: { kind: 'keyturn' }, requestId: run },
  });
}

async function end(run: string): Promise<void> {
  const head = await store.journal.head(run);
  if (head === undefined) throw new Error(`no ${run}`);
  const over = { kind: 'runEnded', outcome: 'aborted', why: 'guava fell' } as const;
  await store.journal.append(run, head, [over], { at: THEN, actor: { kind: 'keyturn' }, closes: {} });
}

/** Alex writes, or changes or deletes what was written, after the end of the run. */
async function noteAfter(run: string, what: 'written' | 'edited' | 'deleted', text?: string): Promise<void> {
  const said = text === undefined ? {} : { by: dana, text };
  await register().append({ kind: 'lateNote', run, cluster: 'prod', what, ts: '9.1', ...said }, { id: `${run}:${what}`, at: THEN });
}

async function blocking(): Promise<RedisClient> {
  const redis = await connectRedis(server.url, { role: 'blocking', log });
  closing.push(() => disconnectRedis(redis));
  return redis;
}

async function keep(more: Partial<Store> = {}, redis?: RedisClient, times?: KeepUpTimes): Promise<void> {
  const kept = await keepHistory(base(more), redis ?? (await blocking()), times);
  closing.push(() => kept.close());
}

describe('while it is kept up', () => {
  test('what is written after the end of a run is found, as it reads now', async () => {
    await store.end('run1');
    await keep({}, undefined, { againMs: 3_600_000, lookMs: 50 });
    await until(async () => (await runs()).length === 1);
    await noteAfter('run1', 'written', 'papaya is fine');
    await until(async () => (await runs('papaya')).length === 1);
    await noteAfter('run1', 'edited', 'mango is fine');
    await until(async () => (await runs('mango')).length === 1);
    expect(await runs('papaya')).toEqual([]);
    await noteAfter('run1', 'deleted');
    await until(async () => (await runs('mango')).length === 0);
  });

  test('what was written after the end while no process kept it is found as well, also in a new file', async () => {
    await store.end('run1');
    await catchUp(await parts());
    await noteAfter('run1', 'written', 'papaya is fine');
    expect(await runs('papaya')).toEqual([]);
    await keep();
    await until(async () => (await runs('papaya')).length === 1);
    rmSync(file());
    await catchUp(await parts());
    expect(await runs('papaya')).toEqual(['run1']);
  });

  test('a run is found when it begins, and as it ended', async () => {
    await store.end('run1');
    await keep();
    await until(async () => (await runs()).length === 1);
    await begin('run2');
    await until(async () => (await runs()).includes('run2'));
    expect((await found()).rows.find(({ run }) => run === 'run2')).toMatchObject({ outcome: 'open' });
    await end('run2');
    await until(async () => (await runs('guava')).length === 1);
    expect((await found('guava')).rows).toMatchObject([{ run: 'run2', outcome: 'aborted', ended: THEN }]);
    expect(logged).toEqual([]);
  });

  test('nothing falls between the first look and the following', async () => {
    let looked = (): void => undefined;
    const look = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const journal = {
      ...store.journal,
      finishedRuns: async (page: Parameters<Store['journal']['finishedRuns']>[0]) => {
        const listed = await store.journal.finishedRuns(page);
        looked();
        return listed;
      },
    };
    const redis = await blocking();
    const { xrevrange } = redis;
    // The follower asks where the feed ends: late enough for a first look, and one run later than that.
    Object.defineProperty(redis, 'xrevrange', {
      configurable: true,
      value: async (...args: Parameters<typeof xrevrange>) => {
        Reflect.deleteProperty(redis, 'xrevrange');
        await Promise.race([look, delay(500)]);
        await store.end('run1');
        return redis.xrevrange(...args);
      },
    });
    await keep({ journal }, redis);
    await until(async () => (await runs()).length === 1);
  });

  test('a feed that was cut while nobody listened costs no run', async () => {
    const redis = await blocking();
    const { xread } = redis;
    let cut = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      cut = resolve;
    });
    // The connection breaks as it begins to listen, and is back when the feed is no more what it was.
    Object.defineProperty(redis, 'xread', {
      configurable: true,
      value: async (..._args: Parameters<typeof xread>) => {
        Reflect.deleteProperty(redis, 'xread');
        await gone;
        throw new Error('Connection is closed.');
      },
    });
    await store.end('run1');
    await keep({}, redis);
    await until(async () => (await found()).complete);
    await store.end('run2');
    await store.redis.xtrim(keys.feed, 'MAXLEN', 0);
    cut();
    await until(async () => (await runs()).length === 2);
    expect(logged.join('')).toMatch(/following the feed was interrupted/);
  });

  test('after a gap in the feed everything is looked at again, also one told during a look', async () => {
    let reads = 0;
    const journal = {
      ...store.journal,
      openRuns: async () => {
        reads += 1;
        const open = await store.journal.openRuns();
        if (reads === 1) {
          await begin('run1');
          keepUp.news({ kind: 'gap' });
        }
        return open;
      },
      finishedRuns: async () => [],
    };
    const keepUp = startKeepUp(await parts({ journal }));
    closing.push(() => keepUp.close());
    await until(async () => (await runs()).length === 1);
    await begin('run2');
    keepUp.news({ kind: 'gap' });
    await until(async () => (await runs()).length === 2);
    expect(reads).toBe(3);
  });

  test('a run that is deleted is forgotten, long before everything is compared again', async () => {
    for (const run of ['run1', 'run2']) await store.end(run, { at: THEN + (run === 'run1' ? 0 : 86_400_000 * 50) });
    await store.keep(31);
    await keep({}, undefined, { againMs: 3_600_000, lookMs: 50 });
    await until(async () => (await found()).complete);
    expect(await runs()).toEqual(['run1', 'run2']);
    await store.keep(101, 100);
    await until(async () => (await runs()).length === 1);
    expect(await runs()).toEqual(['run2']);
  });

  test('a file that is thrown away is filled again', async () => {
    await store.end('run1');
    const keepUp = startKeepUp(await parts(), { againMs: 3_600_000, lookMs: 50 });
    closing.push(() => keepUp.close());
    await until(async () => (await found()).complete);
    rmSync(file());
    expect(await found()).toMatchObject({ rows: [], complete: false });
    await until(async () => (await found()).complete);
    expect(await runs()).toEqual(['run1']);
  });

  test('what fails is tried again, and was taken for nothing else', async () => {
    await store.end('run1');
    let failing = true;
    const journal = {
      ...store.journal,
      read: (run: string) => {
        if (failing) throw new KeyturnError('REDIS_UNREACHABLE', 'Redis is away', 'it');
        return store.journal.read(run);
      },
    };
    const keepUp = startKeepUp(await parts({ journal }));
    closing.push(() => keepUp.close());
    await until(async () => logged.length === 1);
    expect(logged.join('')).toMatch(/Redis is away.*could not be kept up, trying again/);
    // Nothing was taken for unreadable, and nothing for complete.
    expect(await found()).toMatchObject({ rows: [], complete: false, unreadable: [] });
    failing = false;
    await until(async () => (await found()).complete);
    expect(await runs()).toEqual(['run1']);
  });
});

describe('one look at everything', () => {
  test('is not complete before the last journal was read', async () => {
    await store.end('run1');
    await catchUp(await parts());
    await store.end('run2');
    const seen: boolean[] = [];
    const journal = {
      ...store.journal,
      read: async (run: string) => {
        seen.push((await found()).complete);
        return store.journal.read(run);
      },
    };
    expect((await found()).complete).toBe(true);
    const told: (readonly [number, number])[] = [];
    expect(await catchUp({ ...(await parts({ journal })), onProgress: (...done) => void told.push(done) })).toBe(1);
    expect([seen, told, (await found()).complete]).toEqual([[false], [[1, 1]], true]);
  });

  test('goes on where it was stopped, the newest first', async () => {
    for (let at = 0; at < 30; at += 1) await store.end(`run${String(at).padStart(2, '0')}`, { at: THEN + at * 60_000 });
    const stop = new AbortController();
    const stopped = { ...(await parts()), onProgress: () => stop.abort() };
    expect(await catchUp(stopped, stop.signal)).toBe(25);
    expect((await found()).complete).toBe(false);
    expect((await runs())[0]).toBe('run05');
    expect(await catchUp(await parts())).toBe(5);
    expect(await found()).toMatchObject({ complete: true });
  });

  test('does not call a file complete that was begun anew meanwhile', async () => {
    for (const run of ['run1', 'run2']) await store.end(run);
    const journal = {
      ...store.journal,
      read: async (run: string) => {
        rmSync(file(), { force: true });
        return store.journal.read(run);
      },
    };
    await catchUp(await parts({ journal }));
    expect((await found()).complete).toBe(false);
    await catchUp(await parts());
    expect(await found()).toMatchObject({ complete: true, rows: [{}, {}] });
  });

  test('a damaged journal stops no other, and is named until it is whole again', async () => {
    for (const run of ['run1', 'run2', 'run3']) await store.end(run);
    const hash = (await store.redis.hget(keys.head('run2'), 'hash')) ?? '';
    await store.redis.hset(keys.head('run2'), 'hash', 'x');
    await catchUp(await parts());
    expect(await found()).toMatchObject({ complete: true, unreadable: ['run2'] });
    expect(await runs()).toEqual(['run1', 'run3']);
    expect(logged.join('')).toMatch(/run2.*cannot be read, so the history does not show it/);
    await store.redis.hset(keys.head('run2'), 'hash', hash);
    const fresh = await openStore({ url: server.url, record: store.record, data: store.data });
    await catchUp(await parts({ journal: fresh.journal }));
    await fresh.close();
    expect(await found()).toMatchObject({ complete: true, unreadable: [] });
    expect(await runs()).toEqual(['run1', 'run2', 'run3']);
  });

  test('a damaged journal that is in no list stops nothing either', async () => {
    for (const run of ['run1', 'run2']) await store.end(run);
    await catchUp(await parts());
    await store.redis.zrem(keys.finished, 'run1');
    await store.redis.hset(keys.head('run1'), 'seq', '9');
    await store.end('run3');
    await catchUp(await parts());
    expect(await found()).toMatchObject({ complete: true });
    expect(await runs()).toEqual(['run1', 'run2', 'run3']);
  });

  test('a run that moved into the archive stays found by its words, also in a new file', async () => {
    await store.end('run1', { text: 'mangosteen was ripe' });
    await catchUp(await parts());
    await store.keep(31);
    expect(await store.redis.exists(keys.journal('run1'))).toBe(0);
    await catchUp(await parts());
    expect(await runs('mangosteen')).toEqual(['run1']);
    rmSync(file());
    expect(await catchUp(await parts())).toBe(1);
    expect(await runs('mangosteen')).toEqual(['run1']);
  });

  test('a run that was deleted is forgotten, and is in no new file', async () => {
    for (const run of ['run1', 'run2']) await store.end(run, { text: `mangosteen of ${run}` });
    await store.keep(31);
    await catchUp(await parts());
    // Nobody keeps the index while it is deleted.
    await store.end('run3', { at: THEN + 86_400_000 * 90, text: 'mangosteen of run3' });
    await store.keep(101, 100);
    expect(await runs('mangosteen')).toEqual(['run1', 'run2']);
    await catchUp(await parts());
    expect(await runs('mangosteen')).toEqual(['run3']);
    expect(await runs()).toEqual(['run3']);
    rmSync(file());
    await catchUp(await parts());
    expect(await runs()).toEqual(['run3']);
  });

  test('a run that is deleted while it is looked at is forgotten', async () => {
    await store.end('run1');
    await store.keep(31);
    const journal = {
      ...store.journal,
      read: async (run: string) => {
        await store.keep(101, 100);
        return store.journal.read(run);
      },
    };
    expect(await catchUp(await parts({ journal }))).toBe(0);
    expect(await found()).toMatchObject({ rows: [], complete: true, unreadable: [] });
    expect(logged).toEqual([]);
  });
});
