/** `keyturn history` on a real Redis: what it says beside the runs, to people and to programs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { keys } from '../../src/journal/keys.ts';
import { openStore, type Store, THEN } from '../archive/support.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type Cli, createCli } from './world.ts';

let server: TestRedis;
let store: Store;
let cli: Cli;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

beforeEach(async () => {
  cli = createCli();
  const data = join(cli.folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'installation.key'), `${Buffer.alloc(32, 'archive tests').toString('base64')}\n`, { mode: 0o600 });
  cli.env.REDIS_URL = server.url;
  store = await openStore({ url: server.url, record: data, data });
  await store.redis.flushall();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await store.close();
  cli.close();
});

async function ended(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await store.end(`run${String(at).padStart(3, '0')}`, { at: THEN + at * 60_000 });
}

test('it goes on from answer to answer until there is no more', async () => {
  await ended(45);
  const seen: string[] = [];
  for (let terms = ['outcome:succeeded']; ; ) {
    const { code, out } = await cli.run('history', ...terms, '--json');
    expect(code).toBe(0);
    const { runs, next, more, complete, unreadable } = JSON.parse(out);
    expect([more, complete, unreadable]).toEqual([next !== null, true, []]);
    seen.push(...runs.map(({ run }: { readonly run: string }) => run));
    if (next === null) break;
    // One more is over before somebody asks for the next ones.
    await store.end(`run9${seen.length}`, { at: THEN + 3_600_000 + seen.length });
    terms = ['outcome:succeeded', next];
  }
  expect(seen).toEqual(Array.from({ length: 45 }, (_, at) => `run${String(44 - at).padStart(3, '0')}`));
});

test('people read how to see what follows', async () => {
  await ended(21);
  const { out } = await cli.run('history');
  const [, next = ''] = /^There are more: the same with `(older:\w+)`\.$/m.exec(out) ?? [];
  expect((await cli.run('history', next)).out).toMatch(/run000 {2}restart on sample-prod: succeeded, took 1 s\n/);
  expect((await cli.run('history', 'page:2')).out).toMatch(/run000/);
  expect(await cli.run('history', 'page:2', next)).toMatchObject({ code: 2, err: expect.stringMatching(/do not go together/) });
});

test('runs that could not be read are named, beside the answer', async () => {
  await ended(3);
  await store.redis.hset(keys.head('run001'), 'hash', 'x');
  const { code, out, err } = await cli.run('history');
  expect([code, [...out.matchAll(/(run00\d) {2}restart/g)].map(([, run]) => run)]).toEqual([0, ['run002', 'run000']]);
  expect(err).toContain(
    'Some runs could not be read, so they may be missing here, or be shown as they were. `keyturn verify` says what is wrong.\nNot read: run001',
  );
  const json = await cli.run('history', '--json');
  expect(JSON.parse(json.out).unreadable).toEqual(['run001']);
});

test('where it takes long it says how far it is, and keeps that out of the JSON', async () => {
  await ended(60);
  let now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => (now += 700));
  const { out, err } = await cli.run('history', '--json');
  expect(err).toMatch(/^Reading journals into the history: (?:25|50) of 60\n/);
  expect(JSON.parse(out).runs).toHaveLength(20);
});

test('after a minute it answers with what was read, unless it is to wait', async () => {
  await ended(30);
  jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
  const { code, out, err } = await cli.run('history');
  expect([code, out]).toEqual([1, 'Nothing was found. Searched: all runs.']);
  expect(err).toMatch(/still being built from the journals, so runs may be missing here/);
  expect(JSON.parse((await cli.run('history', '--json')).out)).toMatchObject({ complete: false, runs: [] });
  expect(JSON.parse((await cli.run('history', '--json', '--wait')).out)).toMatchObject({ complete: true, more: true });
});

test('a folder that cannot be used is named, with what to look at', async () => {
  await ended(1);
  writeFileSync(join(cli.folder, 'data', 'index'), 'a file');
  const { code, out, err } = await cli.run('history', '--json');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(
    /^The history cannot be kept in .*data\/index\/history\.db: EEXIST.*\n {2}Check: the room on that disk, .*KEYTURN_DATA/,
  );
});
