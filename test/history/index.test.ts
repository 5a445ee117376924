import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import sqlite from 'node-sqlite3-wasm';
import type { Exclusive } from '../../src/history/exclusive.ts';
import { createIndex, type HistoryIndex, type Row } from '../../src/history/index.ts';
import { ALL_RUNS, type Query } from '../../src/history/query.ts';
import { OUTCOMES, type RunSummary } from '../../src/history/summary.ts';
import { ALONE, one, plainScan } from './support.ts';

const EVERYBODY = { mayRead: () => true, accounts: [] };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-history-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'history.db');

function index(told: string[] = [], store = 'one', path = file()): HistoryIndex {
  return createIndex({ file: path, store, exclusive: ALONE, onRebuild: (why) => told.push(why) });
}

const person = fc.constantFrom(
  { team: 'T1', user: 'U0DANA0001', name: 'Dana Reyes' },
  { team: 'T1', user: 'U0SAM00001', name: 'Sam Okafor' },
  { team: 'T1', user: 'U0LEE00001', name: 'Lee' },
);
const word = fc.constantFrom('stop', 'start', 'engine-02', 'Replica', 'NOT', 'AND', 'near', 'postgres', 'ok', '42');
const summary: fc.Arbitrary<RunSummary> = fc.record({
  run: fc.stringMatching(/^run[2-9a-k]{8}$/),
  seq: fc.nat(99),
  procedure: fc.constantFrom('restart', 'promote'),
  product: fc.constant('atscale'),
  cluster: fc.constantFrom('atscale-prod', 'atscale-test', 'Atscale'),
  hosts: fc.subarray(['coord-01', 'engine-01', 'engine-02']),
  roles: fc.constant([]),
  requester: person,
  approvers: fc.uniqueArray(person, { maxLength: 2 }),
  outcome: fc.constantFrom(...OUTCOMES),
  started: fc.integer({ min: 1_790_000_000_000, max: 1_790_000_000_040 }),
  ended: fc.constant(undefined),
  channel: fc.constant('C1'),
  words: fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
});
const query: fc.Arbitrary<Query> = fc.record({
  clusters: fc.subarray(['atscale-prod', 'ATSCALE-TEST', 'nowhere']),
  procedures: fc.subarray(['restart', 'promote']),
  hosts: fc.subarray(['engine-02', 'coord-01']),
  by: fc.array(fc.constantFrom(['U0DANA0001'], ['sam'], ['Dana Reyes'], ['U0LEE00001', 'U0SAM00001']), { maxLength: 1 }),
  outcomes: fc.subarray(['open', 'failed', 'succeeded']),
  since: fc.option(fc.integer({ min: 1_790_000_000_000, max: 1_790_000_000_040 }), { nil: undefined }),
  until: fc.option(fc.integer({ min: 1_790_000_000_000, max: 1_790_000_000_040 }), { nil: undefined }),
  words: fc.array(
    fc.oneof(
      word,
      fc.tuple(word, word).map((two) => two.join(' ')),
    ),
    { maxLength: 2 },
  ),
  page: fc.constant(1),
  older: fc.constant(undefined),
});

describe('the index of the history', () => {
  test('finds what a plain scan finds, newest first', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(summary, { maxLength: 25, selector: ({ run }) => run }),
        fc.array(query, { minLength: 1, maxLength: 5 }),
        async (summaries, queries) => {
          number += 1;
          const made = index([], 'one', join(folder, `${number}.db`));
          await made.put(summaries);
          for (const asked of queries) {
            const { rows } = await made.search(asked, EVERYBODY, 100);
            const expected = plainScan(summaries, asked);
            expect(rows.map(({ run }) => run).sort()).toEqual(expected.map(({ run }) => run).sort());
            expect(rows.map(({ started }) => started)).toEqual(expected.map(({ started }) => started));
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  test('takes hostile words for words, never for its own language', async () => {
    const made = index();
    await made.put([one('runaaaaaaaa')]);
    for (const text of [
      'x'.repeat(10_000),
      '"x '.repeat(3_000),
      'x\ud83d',
      '"',
      '" OR 1 --',
      'a" NEAR("b',
      '*',
      'words:x',
      '{facets} : x',
      "'); DROP TABLE runs; --",
      '\0x',
      '^halt',
      'NOT',
      '(((',
      '😀',
    ])
      for (const asked of [
        { ...ALL_RUNS, words: [text] },
        { ...ALL_RUNS, clusters: [text] },
        { ...ALL_RUNS, by: [[text]] },
      ])
        expect((await made.search(asked, EVERYBODY, 10)).rows).toEqual([]);
    expect((await made.search(ALL_RUNS, EVERYBODY, 10)).rows).toHaveLength(1);
  });

  test('shows only what the reader may read, and their own', async () => {
    const made = index();
    await made.put([
      one('runaaaaaaaa'),
      { ...one('runbbbbbbbb'), cluster: 'secret', requester: { team: 'T', user: 'U0EVE00001', name: 'Eve' } },
    ]);
    const found = async (accounts: readonly string[], allowed: readonly string[]) =>
      (await made.search(ALL_RUNS, { mayRead: ({ cluster }) => allowed.includes(cluster), accounts }, 10)).rows.map(({ run }) => run);
    expect(await found([], ['atscale-prod'])).toEqual(['runaaaaaaaa']);
    expect(await found(['U0EVE00001'], [])).toEqual(['runbbbbbbbb']);
    expect(await found([], [])).toEqual([]);
  });

  test('goes on past a lock that a killed process left', async () => {
    await index().put([one('runaaaaaaaa')]);
    mkdirSync(join(folder, 'history.db.lock'));
    const told: string[] = [];
    expect((await index(told).search(ALL_RUNS, EVERYBODY, 10)).rows).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('throws a damaged file away and says so', async () => {
    await index().put([one('runaaaaaaaa')]);
    writeFileSync(file(), Buffer.concat([Buffer.from('no index at all'), readFileSync(file()).subarray(15).fill(7)]));
    const told: string[] = [];
    const { rows, complete } = await index(told).search(ALL_RUNS, EVERYBODY, 10);
    expect([rows, complete, told.length, existsSync(file())]).toEqual([[], false, 1, true]);
  });

  test('belongs to one Redis and begins anew for another', async () => {
    await index().put([one('runaaaaaaaa')]);
    const told: string[] = [];
    expect((await index(told, 'two').search(ALL_RUNS, EVERYBODY, 10)).rows).toEqual([]);
    expect(told).toEqual(['it belongs to another Redis']);
  });

  test('pages on, replaces a run that grew, and forgets', async () => {
    const made = index();
    await made.put(Array.from({ length: 7 }, (_, at) => ({ ...one(`runaaaaaaa${at}`), started: 1_790_000_000_000 + at })));
    await made.put([{ ...one('runaaaaaaa3'), started: 1_790_000_000_003, outcome: 'failed' }]);
    const pages = [await made.search(ALL_RUNS, EVERYBODY, 4), await made.search({ ...ALL_RUNS, page: 2 }, EVERYBODY, 4)];
    expect(pages.map(({ rows, more }) => [rows.map(({ run }) => run.slice(-1)).join(''), more])).toEqual([
      ['6543', true],
      ['210', false],
    ]);
    expect((await made.search({ ...ALL_RUNS, outcomes: ['failed'] }, EVERYBODY, 4)).rows).toHaveLength(1);
    await made.forget(['runaaaaaaa3']);
    expect((await made.search({ ...ALL_RUNS, outcomes: ['failed'] }, EVERYBODY, 4)).rows).toEqual([]);
  });

  test('a file of another version is begun anew, and says why', async () => {
    const db = new sqlite.Database(file());
    db.exec('CREATE TABLE runs (x); PRAGMA user_version = 1');
    db.close();
    const told: string[] = [];
    const made = index(told);
    await made.put([one('runaaaaaaaa')]);
    expect(told).toEqual(['it is of version 1, and this release writes 3']);
    expect((await made.search(ALL_RUNS, EVERYBODY, 10)).rows).toHaveLength(1);
  });

  test('what another process wrote is seen, also in a file that took its place', async () => {
    const [mine, told] = [index(), [] as string[]];
    await mine.put([one('runaaaaaaaa')]);
    await index().put([one('runbbbbbbbb')]);
    expect((await mine.search(ALL_RUNS, EVERYBODY, 10)).rows).toHaveLength(2);
    // Somebody throws it away, and another process begins it anew.
    rmSync(file());
    await index(told).put([one('runcccccccc')]);
    expect((await mine.search(ALL_RUNS, EVERYBODY, 10)).rows.map(({ run }) => run)).toEqual(['runcccccccc']);
    await mine.put([one('rundddddddd')]);
    expect((await index(told).known()).places.size).toBe(2);
    expect(told).toEqual(['it is new']);
  });

  test('a file that was begun anew meanwhile is not called complete', async () => {
    const made = index();
    const { begun } = await made.known();
    await made.setComplete(begun, true);
    expect((await made.search(ALL_RUNS, EVERYBODY, 10)).complete).toBe(true);
    rmSync(file());
    await made.setComplete(begun, true);
    expect([await made.isComplete(), (await made.search(ALL_RUNS, EVERYBODY, 10)).complete]).toEqual([false, false]);
  });

  test('a run that is not as it was written is damage', async () => {
    const made = index();
    await made.put([one('runaaaaaaaa')]);
    sql(`UPDATE runs SET row = '{"run":7}'`);
    const told: string[] = [];
    expect(await index(told).search(ALL_RUNS, EVERYBODY, 10)).toMatchObject({ rows: [], complete: false });
    expect(told).toEqual(['it is damaged: a run in it is not as it was written']);
  });

  test.each<[string, () => void]>([
    ['cut short', () => truncateSync(file(), 9_000)],
    ['with pages of noise', () => writeFileSync(file(), readFileSync(file()).fill(0x5a, 4_096))],
    ['without its tables', () => sql('DROP TABLE runs')],
  ])('a file %s is thrown away, and goes on', async (_what, damage) => {
    await index().put([one('runaaaaaaaa', { words: 'word '.repeat(5_000) })]);
    damage();
    const told: string[] = [];
    const made = index(told);
    expect(await made.search({ ...ALL_RUNS, words: ['word'] }, EVERYBODY, 10)).toMatchObject({ rows: [], complete: false });
    await made.put([one('runaaaaaaaa')]);
    expect((await made.search(ALL_RUNS, EVERYBODY, 10)).rows).toHaveLength(1);
    expect(told).toEqual([expect.stringMatching(/^it is damaged: /)]);
  });

  test.each<[string, () => string]>([
    ['a file stands where the folder belongs', () => join(folder, 'a file', 'history.db')],
    ['a folder stands where the file belongs', () => join(folder, 'a folder')],
  ])('it says where it cannot be kept: %s', async (_what, path) => {
    writeFileSync(join(folder, 'a file'), '');
    mkdirSync(join(folder, 'a folder', 'x'), { recursive: true });
    await expect(index([], 'one', path()).put([one('runaaaaaaaa')])).rejects.toMatchObject({
      code: 'HISTORY_UNUSABLE',
      message: expect.stringContaining(path()),
      check: expect.stringContaining('KEYTURN_DATA'),
    });
  });

  test('many words are written piece by piece, each under the lease for itself', async () => {
    let uses = 0;
    const counting: Exclusive = (work) => {
      uses += 1;
      return ALONE(work);
    };
    const made = createIndex({ file: file(), store: 'one', exclusive: counting });
    const run = (at: number, length: number) => one(`runaaaaaaa${at}`, { words: 'x'.repeat(length) });
    await made.put([run(1, 200 * 1024), run(2, 200 * 1024), run(3, 200 * 1024), run(4, 2 * 1024 * 1024), run(5, 10)]);
    expect(uses).toBe(4);
    expect((await made.known()).places.size).toBe(5);
  });

  test('any moment that can be typed is asked for', async () => {
    const made = index();
    await made.put([one('runaaaaaaaa')]);
    for (const [since, until, count] of [
      [-6e16, 8.64e15, 1],
      [0, 0.5, 0],
      [253_402_300_799_000, undefined, 0],
      [undefined, 253_402_300_799_000, 1],
      [1_790_000_000_000, 1_790_000_000_001, 1],
      [1_790_000_000_000.5, undefined, 0],
    ] as const)
      expect((await made.search({ ...ALL_RUNS, since, until }, EVERYBODY, 10)).rows).toHaveLength(count);
  });

  test('very many clusters, and very many runs in one millisecond, are all found', async () => {
    const made = index();
    await made.put(Array.from({ length: 1_100 }, (_, at) => one(`run${String(at).padStart(8, '0')}`, { cluster: `c${at}`, words: '' })));
    const { rows } = await made.search(ALL_RUNS, { mayRead: ({ cluster }) => cluster !== 'c7', accounts: [] }, 2_000);
    expect(rows).toHaveLength(1_099);
  });

  test('runs that could not be read are named until they could', async () => {
    const made = index();
    await made.putUnreadable(['runaaaaaaaa', 'runbbbbbbbb']);
    expect((await made.search(ALL_RUNS, EVERYBODY, 10)).unreadable).toEqual(['runaaaaaaaa', 'runbbbbbbbb']);
    expect((await made.known()).places.get('runaaaaaaaa')).toEqual({ seq: 0, ended: false });
    await made.put([one('runaaaaaaaa')]);
    await made.forget(['runbbbbbbbb']);
    expect((await made.search(ALL_RUNS, EVERYBODY, 10)).unreadable).toEqual([]);
  });

  test('page after page, no run comes twice and none is missing, whatever is added meanwhile', async () => {
    let number = 0;
    const added = fc.array(summary, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(summary, { minLength: 100, maxLength: 200, size: 'max', selector: ({ run }) => run }),
        fc.array(fc.tuple(query, fc.integer({ min: 2, max: 40 })), { minLength: 4, maxLength: 8 }),
        fc.infiniteStream(added),
        async (before, asked, more) => {
          number += 1;
          const made = index([], 'one', join(folder, `${number}.db`));
          let all = before;
          await made.put(before);
          for (const [each, limit] of asked) {
            const expected = plainScan(all, each);
            const seen: Row[] = [];
            for (let older: number | undefined; ; ) {
              const page = await made.search({ ...each, older }, EVERYBODY, limit);
              expect(page.rows.length <= limit && page.more === (page.older !== undefined)).toBe(true);
              seen.push(...page.rows);
              older = page.older;
              if (older === undefined) break;
              const known = new Set(all.map(({ run }) => run));
              const next: readonly RunSummary[] = more.next().value ?? [];
              const fresh = next.filter(({ run }) => !known.has(run) && known.add(run));
              await made.put(fresh);
              all = [...all, ...fresh];
            }
            const runs = seen.map(({ run }) => run);
            expect(new Set(runs).size).toBe(runs.length);
            const there = new Set(expected.map(({ run }) => run));
            expect(runs.filter((run) => there.has(run)).sort()).toEqual([...there].sort());
            const allowed = new Set(plainScan(all, each).map(({ run }) => run));
            expect(runs.filter((run) => !allowed.has(run))).toEqual([]);
            const times = seen.map(({ started }) => started);
            expect(times).toEqual(times.toSorted((a, b) => b - a));
          }
        },
      ),
      { numRuns: 6 },
    );
  }, 60_000);
});

function sql(statement: string): void {
  const db = new sqlite.Database(file());
  db.exec(`PRAGMA locking_mode = EXCLUSIVE; ${statement}`);
  db.close();
}
