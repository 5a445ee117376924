/** Several processes at one index, on a real Redis: at once, killed in the midst of writing, standing still, on a full disk. */
import { ALL_RUNS } from '../../src/history/query.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { createExclusive, leaseOf } from '../../src/history/exclusive.ts';
import { createIndex, type HistoryIndex } from '../../src/history/index.ts';
import { keys } from '../../src/journal/keys.ts';
import { createLeases } from '../../src/journal/leases.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { one } from './support.ts';

let server: TestRedis;
let redis: RedisClient;
let folder: string;
let told: string[];

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: pino({ level: 'silent' }) });
});

afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});

beforeEach(async () => {
  await redis.flushall();
  folder = mkdtempSync(join(tmpdir(), 'keyturn-history-'));
  told = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'history.db');
const EVERYBODY = { mayRead: () => true, accounts: [] };

function index(owner: string, times?: Parameters<typeof createExclusive>[3]): HistoryIndex {
  const exclusive = createExclusive(createLeases(redis), file(), owner, times);
  return createIndex({ file: file(), store: 'one', exclusive, onRebuild: (why) => told.push(why) });
}

function writer(name: string, { batches = 1000, words = 2000, limit = '' } = {}): ChildProcess {
  const path = (each: string): string => resolve(import.meta.dirname, each);
  const args = ['--import', path('../queue/run-ts.mjs'), path('writer.ts'), server.url, file(), name, String(batches), String(words)];
  return limit === ''
    ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    : spawn('sh', ['-c', `${limit}; exec "$@"`, 'sh', process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function lines(child: ChildProcess, enough: (line: string) => boolean): Promise<readonly string[]> {
  const read: string[] = [];
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    read.push(line);
    if (enough(line)) return read;
  }
  throw new Error(`it ended, having said:\n${read.join('\n')}`);
}

const found = async (made: HistoryIndex, word: string): Promise<number> =>
  (await made.search({ ...ALL_RUNS, words: [word] }, EVERYBODY, 100)).rows.length;

test('two processes write at once, and nothing of either is lost', async () => {
  const child = writer('a', { batches: 6, words: 200 });
  let over = false;
  const ended = lines(child, (line) => line === 'done').finally(() => {
    over = true;
  });
  const mine = index('mine');
  let written = 0;
  // As somebody who has journals to read in between.
  for (; !over; await delay(30)) {
    await mine.put([one(`runmine${written}`, { words: 'batch3' })]);
    written += 1;
  }
  await ended;
  const { places } = await index('reader').known();
  expect(places.size).toBe(written + 60);
  const { rows } = await index('reader').search({ ...ALL_RUNS, words: ['batch3'] }, EVERYBODY, 10_000);
  expect(rows).toHaveLength(written + 10);
}, 60_000);

test('killed in the midst of a write, the next one takes over and every batch is whole', async () => {
  await index('first').put([one('runbefore11', { words: 'before' })]);
  let midst = 0;
  for (const name of ['c', 'd', 'e', 'f', 'g']) {
    const child = writer(name);
    const gone = once(child, 'exit');
    await lines(child, (line) => line === '0');
    // The log has something, and the lock stands: it is in the midst of a write.
    for (const until = Date.now() + 10_000; Date.now() < until && !(existsSync(`${file()}.lock`) && size(`${file()}-wal`) > 100_000); )
      await delay(0);
    child.kill('SIGKILL');
    await gone;
    midst += existsSync(`${file()}.lock`) && size(`${file()}-wal`) > 0 ? 1 : 0;
    // As after the time in which the lease of the dead runs out.
    await redis.pexpire(keys.lease(leaseOf(file())), 100);
    const next = index('next');
    const known = [...(await next.known()).places.keys()].filter((run) => run.startsWith(`run${name}`));
    expect(known.length % 10).toBe(0);
    expect(known.length).toBeGreaterThanOrEqual(10);
    for (let batch = 0; batch < known.length / 10; batch += 1)
      expect(
        (await next.search({ ...ALL_RUNS, words: [`batch${batch}`] }, EVERYBODY, 1000)).rows.filter(({ run }) => known.includes(run)),
      ).toHaveLength(10);
    expect(await found(next, 'before')).toBe(1);
    if (midst > 0) break;
  }
  expect(midst).toBeGreaterThan(0);
  // Begun once; what killed processes left was never thrown away.
  expect(told).toEqual(['it is new']);
}, 60_000);

test('on a disk that takes no more, what is there is still found', async () => {
  await index('first').put([one('runbefore11', { words: 'before' })]);
  const kib = Math.ceil(statSync(file()).size / 1024);
  const child = writer('full', { limit: `ulimit -f ${kib * 2}` });
  const [last] = (await lines(child, (line) => line.startsWith('The history'))).slice(-1);
  expect(last).toContain(`The history cannot be kept in ${file()}`);
  expect(await found(index('reader'), 'before')).toBe(1);
  expect(told).toEqual(['it is new']);
}, 60_000);

test('whoever waits too long for another is told who has it', async () => {
  const times = { leaseMs: 5_000, patienceMs: 50 };
  await index('first').put([one('runbefore11')]);
  await createLeases(redis).acquire(leaseOf(file()), 'another', 5_000);
  await expect(index('late', times).known()).rejects.toMatchObject({ code: 'HISTORY_BUSY', message: expect.stringContaining(file()) });
  await redis.del(keys.lease(leaseOf(file())));
  expect((await index('late', times).known()).places.size).toBe(1);
});

test('whoever stood still beyond its lease begins the file anew', async () => {
  const exclusive = createExclusive(createLeases(redis), file(), 'slow', { leaseMs: 20, patienceMs: 1_000 });
  const made = createIndex({ file: file(), store: 'one', exclusive, onRebuild: (why) => told.push(why) });
  await index('first').put([one('runbefore11')]);
  const still = one('runslow1111');
  // As a machine that sleeps while it writes.
  const sleep = (): string => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
  Object.defineProperty(still, 'words', {
    enumerable: true,
    get: sleep,
  });
  await made.put([still]);
  expect(told).toEqual(['it is new', 'another process may have written at the same time']);
  expect((await index('next').known()).places.size).toBe(0);
  expect(await index('next').isComplete()).toBe(false);
});

test('a failing write frees the file for the next one', async () => {
  const exclusive = createExclusive(createLeases(redis), file(), 'one');
  await expect(
    exclusive(() => {
      throw new Error('in the midst');
    }),
  ).rejects.toThrow('in the midst');
  expect(await redis.exists(keys.lease(leaseOf(file())))).toBe(0);
  expect(await exclusive(() => 7)).toEqual({ value: 7, alone: true });
});

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
