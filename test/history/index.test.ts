import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createIndex, type HistoryIndex } from '../../src/history/index.ts';
import type { Query } from '../../src/history/query.ts';
import { OUTCOMES, type RunSummary } from '../../src/history/summary.ts';
import { NO_QUERY, plainScan } from './support.ts';

const EVERYBODY = { mayRead: () => true, accounts: [] };
const exclusive = async <T>(work: () => T): Promise<T> => work();
let folder: string;
let open: HistoryIndex[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-history-'));
  open = [];
});

afterEach(async () => {
  for (const index of open) await index.close();
  rmSync(folder, { recursive: true, force: true });
});

function index(told: string[] = [], store = 'one', file = join(folder, 'history.db')): HistoryIndex {
  const made = createIndex({ file, store, exclusive, onRebuild: (why) => told.push(why) });
  open.push(made);
  return made;
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
          await made.close();
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  test('takes hostile words for words, never for its own language', async () => {
    const made = index();
    await made.put([one('runaaaaaaaa')]);
    for (const text of [
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
        { ...NO_QUERY, words: [text] },
        { ...NO_QUERY, clusters: [text] },
        { ...NO_QUERY, by: [[text]] },
      ])
        expect((await made.search(asked, EVERYBODY, 10)).rows).toEqual([]);
    expect((await made.search(NO_QUERY, EVERYBODY, 10)).rows).toHaveLength(1);
  });

  test('shows only what the reader may read, and their own', async () => {
    const made = index();
    await made.put([
      one('runaaaaaaaa'),
      { ...one('runbbbbbbbb'), cluster: 'secret', requester: { team: 'T', user: 'U0EVE00001', name: 'Eve' } },
    ]);
    const found = async (accounts: readonly string[], allowed: readonly string[]) =>
      (await made.search(NO_QUERY, { mayRead: ({ cluster }) => allowed.includes(cluster), accounts }, 10)).rows.map(({ run }) => run);
    expect(await found([], ['atscale-prod'])).toEqual(['runaaaaaaaa']);
    expect(await found(['U0EVE00001'], [])).toEqual(['runbbbbbbbb']);
    expect(await found([], [])).toEqual([]);
  });

  test('goes on past a lock that a killed process left', async () => {
    await index().put([one('runaaaaaaaa')]);
    await open[0]?.close();
    mkdirSync(join(folder, 'history.db.lock'));
    const told: string[] = [];
    expect((await index(told).search(NO_QUERY, EVERYBODY, 10)).rows).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('throws a damaged file away and says so', async () => {
    await index().put([one('runaaaaaaaa')]);
    await open[0]?.close();
    const file = join(folder, 'history.db');
    writeFileSync(file, Buffer.concat([Buffer.from('no index at all'), readFileSync(file).subarray(15).fill(7)]));
    const told: string[] = [];
    const { rows, complete } = await index(told).search(NO_QUERY, EVERYBODY, 10);
    expect([rows, complete, told.length, existsSync(file)]).toEqual([[], false, 1, true]);
  });

  test('belongs to one Redis and begins anew for another', async () => {
    await index().put([one('runaaaaaaaa')]);
    await open[0]?.close();
    const told: string[] = [];
    expect((await index(told, 'two').search(NO_QUERY, EVERYBODY, 10)).rows).toEqual([]);
    expect(told).toEqual(['it belongs to another Redis']);
  });

  test('pages on, replaces a run that grew, and forgets', async () => {
    const made = index();
    await made.put(Array.from({ length: 7 }, (_, at) => ({ ...one(`runaaaaaaa${at}`), started: 1_790_000_000_000 + at })));
    await made.put([{ ...one('runaaaaaaa3'), started: 1_790_000_000_003, outcome: 'failed' }]);
    const pages = [await made.search(NO_QUERY, EVERYBODY, 4), await made.search({ ...NO_QUERY, page: 2 }, EVERYBODY, 4)];
    expect(pages.map(({ rows, more }) => [rows.map(({ run }) => run.slice(-1)).join(''), more])).toEqual([
      ['6543', true],
      ['210', false],
    ]);
    expect((await made.search({ ...NO_QUERY, outcomes: ['failed'] }, EVERYBODY, 4)).rows).toHaveLength(1);
    await made.forget(['runaaaaaaa3']);
    expect((await made.search({ ...NO_QUERY, outcomes: ['failed'] }, EVERYBODY, 4)).rows).toEqual([]);
  });
});

function one(run: string): RunSummary {
  return {
    run,
    seq: 1,
    procedure: 'restart',
    product: 'atscale',
    cluster: 'atscale-prod',
    hosts: ['engine-01'],
    roles: [],
    requester: { team: 'T1', user: 'U0DANA0001', name: 'Dana Reyes' },
    approvers: [],
    outcome: 'succeeded',
    started: 1_790_000_000_000,
    ended: 1_790_000_060_000,
    channel: 'C1',
    words: 'stop start',
  };
}
