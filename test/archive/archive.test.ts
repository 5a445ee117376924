/** The archive on a real Redis and real folders: what moves, what stays, and what becomes of it in other hands. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { keys } from '../../src/journal/keys.ts';
import { recordSchema, type RunRecord } from '../../src/record/model.ts';
import { headStatement, isSigned } from '../../src/signature.ts';
import type { TestRedis } from '../support/redis.ts';
import { DAY, eachWithStore, openStore, type Store, THEN } from './support.ts';

let server: TestRedis;
let store: Store;

eachWithStore((fresh, redis) => {
  store = fresh;
  server = redis;
});

const RUN = 'run7k2m9qxa';
const file = (run = RUN): string => join(store.record, 'archive', '2026', '01', `${run}.json.gz`);
const recordIn = (run = RUN): RunRecord => recordSchema.parse(JSON.parse(gunzipSync(readFileSync(file(run))).toString('utf8')));
const put = (record: RunRecord): void => writeFileSync(file(), gzipSync(JSON.stringify(record)));
const inRedis = (run = RUN): Promise<number> => store.redis.exists(keys.journal(run), keys.head(run), keys.thread(run));
const listed = async (): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { event } of store.runs.everything()) found.push(`${event.kind} ${event.run}`);
  return found;
};
const WHOLE = ['runBegan', 'runEnded', 'runArchived'].map((kind) => `${kind} ${RUN}`);

describe('a run that ended long ago', () => {
  test('moves into its file and is read from there', async () => {
    await store.end(RUN);
    await store.redis.set(keys.live(RUN, 'S1', 'h1'), 'x');
    const before = {
      read: await store.journal.read(RUN),
      raw: (await store.journal.inspect(RUN)).raw,
      head: await store.journal.head(RUN),
    };
    await store.keep(31);
    expect(await inRedis()).toBe(0);
    const fresh = await openStore({ url: server.url, record: store.record, data: store.data });
    expect(await fresh.journal.read(RUN)).toEqual(before.read);
    expect((await fresh.journal.inspect(RUN)).raw).toEqual(before.raw);
    expect(await fresh.journal.head(RUN)).toEqual(before.head);
    expect(await fresh.journal.read(RUN, { from: 2 })).toEqual(before.read.slice(1));
    expect(await fresh.journal.finishedRuns({ limit: 5 })).toEqual([{ run: RUN, at: THEN }]);
    await fresh.close();
    const record = recordIn();
    expect(record.signature !== undefined && isSigned(headStatement(RUN, before.head ?? { seq: 0, hash: '' }), record.signature)).toBe(
      true,
    );
    expect(await listed()).toEqual(WHOLE);
    expect(await store.runs.verify()).toEqual([]);
    expect(store.logged).toEqual([]);
  });

  test('its thread is still known, and shows everything', async () => {
    await store.end(RUN);
    await store.keep(31);
    const thread = store.notes.thread(RUN);
    expect(await thread.get('permalink')).toBe(`https://slack.example/${RUN}`);
    expect(await thread.get('projected')).toBe('2');
    expect(JSON.parse((await thread.get('message:card')) ?? '')).toEqual({ state: 'posted', channel: 'C1', ts: '1.1', digest: 'd' });
    expect([...(await store.notes.thread('other').all())]).toEqual([]);
  });

  test('a second pass finds nothing to do', async () => {
    await store.end(RUN);
    await store.keep(31);
    const bytes = readFileSync(file());
    await store.keep(32);
    expect(readFileSync(file()).equals(bytes)).toBe(true);
    expect(await listed()).toEqual(WHOLE);
  });

  test.each([
    ['too young', 29, true],
    ['not shown in its thread', 31, false],
  ])('stays while it is %s', async (_what, days, shown) => {
    await store.end(RUN, { shown });
    await store.keep(days);
    expect(existsSync(file())).toBe(false);
    expect(await store.journal.read(RUN)).toHaveLength(2);
    expect(await listed()).toEqual(WHOLE.slice(0, 2));
  });

  test('stays where its journal is damaged, and keeps no other', async () => {
    await store.end('run1');
    await store.end(RUN);
    await store.redis.hset(keys.head(RUN), 'hash', 'x');
    await store.keep(31);
    expect(readdirSync(join(store.record, 'archive', '2026', '01'))).toEqual(['run1.json.gz']);
    expect(await inRedis()).toBe(3);
    expect(store.damaged).toContain('JOURNAL_LOST');
  });

  test('two processes at once leave one whole archive', async () => {
    const runs = Array.from({ length: 8 }, (_, at) => `run${at}`);
    for (const run of runs) await store.end(run);
    const other = await openStore({ url: server.url, record: store.record, data: store.data });
    // Both hold the lease, as after a process that stood still.
    const apart = setInterval(() => void store.redis.del(keys.lease('archive')), 5);
    await Promise.all([store.keep(31), other.keep(31)]);
    clearInterval(apart);
    await store.keep(31);
    await other.close();
    for (const run of runs) expect(await store.journal.read(run)).toHaveLength(2);
    expect(readdirSync(join(store.record, 'archive', '2026', '01')).toSorted()).toEqual(runs.map((run) => `${run}.json.gz`));
    const found = await listed();
    expect(new Set(found).size).toBe(found.length);
    expect(found).toHaveLength(24);
  });

  test('a file that a dead process left behind is used or written anew', async () => {
    await store.end(RUN);
    mkdirSync(join(store.record, 'archive', '2026', '01'), { recursive: true });
    writeFileSync(file(), 'half of it');
    await store.keep(31);
    expect(await inRedis()).toBe(0);
    expect(await store.journal.read(RUN)).toHaveLength(2);
  });

  test.each<[string, () => void]>([
    ['a named pipe', () => void execFileSync('mkfifo', [file()])],
    ['a link to elsewhere', () => symlinkSync(join(store.data, 'elsewhere'), file())],
  ])('%s in the place of its file is replaced, and not read', async (_what, lay) => {
    await store.end(RUN);
    mkdirSync(dirname(file()), { recursive: true });
    lay();
    await store.keep(31);
    expect(lstatSync(file()).isFile()).toBe(true);
    expect(existsSync(join(store.data, 'elsewhere'))).toBe(false);
    expect(recordIn().run).toBe(RUN);
    expect(await inRedis()).toBe(0);
  });

  test('a folder that cannot be written leaves everything in Redis', async () => {
    await store.end(RUN);
    writeFileSync(join(store.record, 'archive'), 'a file');
    await store.keep(31);
    expect(await inRedis()).toBe(3);
    expect(store.logged.join()).toMatch(/The archive cannot be written at .*2026\/01\/run7k2m9qxa.*KEYTURN_RECORD/);
    rmSync(join(store.record, 'archive'));
    await store.keep(31);
    expect(await inRedis()).toBe(0);
    expect(await store.journal.read(RUN)).toHaveLength(2);
  });
});

describe('a file in other hands', () => {
  beforeEach(async () => {
    await store.end(RUN);
    await store.keep(31);
  });

  const edited = (record: RunRecord): RunRecord => ({
    ...record,
    entries: record.entries.map((entry) => ({ ...entry, event: entry.event.replace('every step is done', 'nothing was done at all') })),
  });

  test.each<[string, () => void, string]>([
    ['edited', () => put(edited(recordIn())), 'JOURNAL_FORGED'],
    ['without its end', () => put({ ...recordIn(), entries: recordIn().entries.slice(0, 1) }), 'JOURNAL_LOST'],
    ['without its beginning', () => put({ ...recordIn(), entries: recordIn().entries.slice(1) }), 'JOURNAL_LOST'],
    ['of another run', () => put({ ...recordIn(), run: 'run1' }), 'JOURNAL_FORGED'],
    ['cut short', () => writeFileSync(file(), readFileSync(file()).subarray(0, 200)), 'JOURNAL_FORGED'],
    ['no record', () => writeFileSync(file(), gzipSync('{}')), 'JOURNAL_FORGED'],
    ['gone', () => rmSync(file()), 'JOURNAL_LOST'],
  ])('%s is damage, as in a journal', async (_what, damage, code) => {
    damage();
    const fresh = await openStore({ url: server.url, record: store.record, data: store.data });
    await expect(fresh.journal.read(RUN)).rejects.toMatchObject({ code });
    await expect(fresh.journal.readRaw(RUN)).rejects.toMatchObject({ code });
    expect(fresh.damaged).toContain(code);
    await fresh.close();
  });

  test('a plain file among the folders of years keeps nothing from being read', async () => {
    writeFileSync(join(store.record, 'archive', '2027'), 'what is this?');
    writeFileSync(join(store.record, 'archive', '2026', '12'), 'and this?');
    expect(await store.journal.read(RUN)).toHaveLength(2);
    await store.keep(400, 365);
    expect(existsSync(file())).toBe(false);
    expect(store.logged).toEqual([]);
  });

  test('a run that nobody knows is still unknown', async () => {
    await expect(store.journal.read('run1')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await expect(store.journal.read('../../x')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    expect(await store.journal.head('run1')).toBeUndefined();
  });
});

describe('a run that is not to be kept any longer', () => {
  const output = (): string => join(store.record, 'output', RUN, 'S1.h1.1.log.gz');

  beforeEach(async () => {
    await store.end(RUN);
    mkdirSync(join(store.record, 'output', RUN), { recursive: true });
    writeFileSync(output(), 'x');
    await store.keep(31, 100);
  });

  test('is deleted with its outputs, and the list says so', async () => {
    expect(existsSync(output())).toBe(true);
    await store.keep(99, 100);
    expect(existsSync(file())).toBe(true);
    await store.keep(101, 100);
    expect(existsSync(file()) || existsSync(output())).toBe(false);
    expect(await store.journal.finishedRuns({ limit: 5 })).toEqual([]);
    expect(await listed()).toEqual([...WHOLE, `runExpunged ${RUN}`]);
    await expect(store.journal.read(RUN)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  test('one whose deletion was begun is finished', async () => {
    const path = `archive/2026/01/${RUN}.json.gz`;
    await store.runs.note({ kind: 'runExpunged', run: RUN, file: path, why: 'x' }, { at: THEN + 100 * DAY });
    rmSync(file());
    await store.keep(101, 100);
    expect(existsSync(output())).toBe(false);
    expect(await store.journal.finishedRuns({ limit: 5 })).toEqual([]);
  });

  test('one whose file somebody else took is named, not passed over', async () => {
    rmSync(file());
    await store.keep(101, 100);
    expect(await store.journal.finishedRuns({ limit: 5 })).toHaveLength(1);
    expect(store.logged.join()).toMatch(/archive file of a run is gone/);
    expect(await listed()).toEqual(WHOLE);
  });

  test('one that is still in Redis stays', async () => {
    await store.end('run1', { shown: false });
    await store.keep(101, 100);
    expect(await store.journal.read('run1')).toHaveLength(2);
  });
});
