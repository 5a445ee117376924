/**
 * The history as a full-text index in one file (SQLite FTS5): a projection of the journals, which can be thrown away at any time.
 *
 * H1. A file that cannot be believed is begun anew (`index-file.ts`); `complete` is false until somebody has read all journals into that very file.
 * H2. What people typed reaches SQLite as bound values and quoted words only (`match.ts`).
 * H3. The file is used under a lease alone (`exclusive.ts`), for a short time each: many words are written piece by piece.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { personSchema } from '../run/events.ts';
import type { Exclusive } from './exclusive.ts';
import { createIndexFile, type Database, DamagedRow } from './index-file.ts';
import { facetsOf, matchOf, type Reach, subjectOf } from './match.ts';
import type { Query } from './query.ts';
import { numberIn, textIn } from './row.ts';
import { OUTCOMES, type RunSummary } from './summary.ts';

const VERSION = 3;

const rowSchema = z.strictObject({
  run: z.string(),
  seq: z.number(),
  procedure: z.string(),
  product: z.string(),
  cluster: z.string(),
  hosts: z.array(z.string()),
  roles: z.array(z.string()),
  requester: personSchema,
  approvers: z.array(personSchema),
  glass: z.array(personSchema).optional(),
  outcome: z.enum(OUTCOMES),
  started: z.number(),
  ended: z.number().optional(),
  channel: z.string(),
});

/** What is shown of a run that was found. */
export type Row = Omit<RunSummary, 'words'>;
export type Page = {
  readonly rows: readonly Row[];
  readonly more: boolean;
  /** For `Query.older`: what follows these rows, whatever is added meanwhile; undefined where nothing does. */
  readonly older: number | undefined;
  /** False while journals are still being read into the index. */
  readonly complete: boolean;
  /** Runs whose journals could not be read: not found, or found as they were before. */
  readonly unreadable: readonly string[];
};
export type Subject = { readonly cluster: string; readonly procedure: string };
/** What whoever asks may read; what they requested themselves always. */
export type Reader = { readonly mayRead: (subject: Subject) => boolean; readonly accounts: readonly string[] };
/** How far a run is known; one that could not be read as 0. */
export type Place = { readonly seq: number; readonly ended: boolean };
/** `begun`: which file this is; another one since was begun anew. */
export type KnownRuns = { readonly begun: string; readonly places: ReadonlyMap<string, Place> };

export type HistoryIndex = {
  readonly put: (summaries: readonly RunSummary[]) => Promise<void>;
  readonly forget: (runs: readonly string[]) => Promise<void>;
  /** Their journals cannot be read as they are now. */
  readonly putUnreadable: (runs: readonly string[]) => Promise<void>;
  readonly known: () => Promise<KnownRuns>;
  /** That of a file which was begun anew meanwhile is not changed. */
  readonly setComplete: (begun: string, complete: boolean) => Promise<void>;
  readonly isComplete: () => Promise<boolean>;
  /** Newest first. `approvers`: only runs that one of these has approved. */
  readonly search: (query: Query, reader: Reader, limit: number, approvers?: readonly string[]) => Promise<Page>;
};

export type IndexOptions = {
  readonly file: string;
  /** Name of the Redis whose journals these are (`journal.storeId`). */
  readonly store: string;
  readonly exclusive: Exclusive;
  readonly onRebuild?: (why: string) => void;
};

const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subjects (cluster TEXT NOT NULL, procedure TEXT NOT NULL, PRIMARY KEY (cluster, procedure)) WITHOUT ROWID;
CREATE TABLE runs (id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, ended INTEGER NOT NULL, row TEXT NOT NULL);
CREATE TABLE unreadable (run TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5(facets, words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
`;

export function createIndex({ file, store, exclusive, onRebuild = () => undefined }: IndexOptions): HistoryIndex {
  const { read, write } = createIndexFile({
    ...{ file, store, exclusive, version: VERSION, onAnew: onRebuild },
    // The name is made for each file.
    schema: () => `${SCHEMA} INSERT INTO meta VALUES ('begun', '${randomUUID()}');`,
  });
  return {
    async put(summaries) {
      for (const [at, some] of pieces(summaries).entries()) {
        if (at > 0) await delay(BREATH_MS);
        await write((db) => each(some, (summary) => put(db, summary)));
      }
    },
    forget: (runs) => write((db) => each(runs, (run) => forget(db, run))),
    putUnreadable: (runs) => write((db) => each(runs, (run) => void db.run('INSERT OR IGNORE INTO unreadable VALUES (?)', [run]))),
    known: () => read((db) => ({ begun: metaOf(db, 'begun') ?? '', places: places(db) })),
    setComplete: (begun, complete) =>
      write((db) => {
        if (metaOf(db, 'begun') === begun) db.run("INSERT OR REPLACE INTO meta VALUES ('complete', ?)", [complete ? 'yes' : 'no']);
      }),
    isComplete: () => read(isComplete),
    // Rights are judged in the same use of the file: a pair that came in between must not be let through.
    search: (query, reader, limit, approvers) => read((db) => search(db, query, reachOf(subjectsIn(db), reader), limit, approvers)),
  };
}

function each<T>(all: readonly T[], work: (one: T) => void): void {
  for (const one of all) work(one);
}

/** Words written at once, in UTF-16 units: about a second on a slow and busy machine. */
const MOST_WORDS = 512 * 1024;

/** Longer than whoever waits for the lease takes to ask again, so that they get it. */
const BREATH_MS = 30;

function pieces(summaries: readonly RunSummary[]): readonly (readonly RunSummary[])[] {
  const all: RunSummary[][] = [];
  let room = 0;
  for (const summary of summaries) {
    const last = all.at(-1);
    if (last === undefined || summary.words.length > room) {
      all.push([summary]);
      room = MOST_WORDS - summary.words.length;
    } else {
      last.push(summary);
      room -= summary.words.length;
    }
  }
  return all;
}

/** Numbers rise with the beginning of the run, so that the newest come first without sorting: milliseconds, and room for 1000 in each. */
const EACH_MS = 1000;
/** The largest moment whose number is exact (in the year 2255). */
const MOST_MS = Math.floor(Number.MAX_SAFE_INTEGER / EACH_MS);

function leastId(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), MOST_MS) * EACH_MS;
}

function put(db: Database, summary: RunSummary): void {
  const { words, ...row } = summary;
  const id = numberIn(db.get('SELECT id FROM runs WHERE run = ?', [summary.run]), 'id') ?? freeId(db, summary.started);
  const text = JSON.stringify(row);
  db.run('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?)', [id, summary.run, summary.seq, summary.ended === undefined ? 0 : 1, text]);
  db.run('INSERT OR IGNORE INTO subjects VALUES (?, ?)', [summary.cluster, summary.procedure]);
  db.run('INSERT OR REPLACE INTO texts (rowid, facets, words) VALUES (?, ?, ?)', [id, facetsOf(summary), words.replaceAll('\0', ' ')]);
  db.run('DELETE FROM unreadable WHERE run = ?', [summary.run]);
}

/** Where a millisecond is full, the next one is taken. */
function freeId(db: Database, started: number): number {
  for (let least = leastId(Math.floor(started)); ; least += EACH_MS) {
    const highest = numberIn(db.get('SELECT max(id) AS id FROM runs WHERE id >= ? AND id < ?', [least, least + EACH_MS]), 'id');
    if (highest === undefined) return least;
    if (highest + 1 < least + EACH_MS) return highest + 1;
  }
}

function forget(db: Database, run: string): void {
  db.run('DELETE FROM unreadable WHERE run = ?', [run]);
  const id = numberIn(db.get('SELECT id FROM runs WHERE run = ?', [run]), 'id');
  if (id === undefined) return;
  db.run('DELETE FROM texts WHERE rowid = ?', [id]);
  db.run('DELETE FROM runs WHERE id = ?', [id]);
}

function places(db: Database): ReadonlyMap<string, Place> {
  const all = z
    .array(z.object({ run: z.string(), seq: z.number(), ended: z.number() }))
    .parse(db.all('SELECT run, seq, ended FROM runs UNION ALL SELECT run, 0, 0 FROM unreadable'));
  // One that was read once and cannot be any more is to be tried again.
  return new Map(all.map(({ run, seq, ended }) => [run, { seq, ended: ended === 1 }]));
}

function search(db: Database, query: Query, reach: Reach, limit: number, approvers: readonly string[] | undefined): Page {
  const match = matchOf(query, reach, approvers);
  const key = match === undefined ? 'runs.id' : 'texts.rowid';
  const bounds: readonly (readonly [string, string | number | undefined])[] = [
    ['texts MATCH ?', match],
    [`${key} >= ?`, query.since && leastId(query.since)],
    [`${key} < ?`, query.until && leastId(query.until)],
    [`${key} < ?`, query.older],
  ];
  const asked = bounds.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
  const from = match === undefined ? 'runs' : 'texts JOIN runs ON runs.id = texts.rowid';
  const where = asked.length === 0 ? '' : `WHERE ${asked.map(({ condition }) => condition).join(' AND ')}`;
  const found = db.all(`SELECT runs.id AS id, runs.row AS row FROM ${from} ${where} ORDER BY ${key} DESC LIMIT ? OFFSET ?`, [
    ...asked.map(({ value }) => value),
    limit + 1,
    (query.page - 1) * limit,
  ]);
  const more = found.length > limit;
  const shown = found.slice(0, limit);
  return {
    rows: shown.map(rowOf),
    more,
    older: more ? numberIn(shown.at(-1), 'id') : undefined,
    complete: isComplete(db),
    unreadable: db.all('SELECT run FROM unreadable ORDER BY run').map((each) => textIn(each, 'run') ?? ''),
  };
}

function rowOf(found: unknown): Row {
  try {
    const { ended, ...rest } = rowSchema.parse(JSON.parse(textIn(found, 'row') ?? ''));
    return { ...rest, ended };
  } catch (cause) {
    throw new DamagedRow('a run in it is not as it was written', { cause });
  }
}

function metaOf(db: Database, key: string): string | undefined {
  return textIn(db.get('SELECT value FROM meta WHERE key = ?', [key]), 'value');
}

function isComplete(db: Database): boolean {
  return metaOf(db, 'complete') === 'yes';
}

function subjectsIn(db: Database): readonly Subject[] {
  return z.array(z.object({ cluster: z.string(), procedure: z.string() })).parse(db.all('SELECT cluster, procedure FROM subjects'));
}

/** Every pair that may be read, of those that have runs. */
function reachOf(subjects: readonly Subject[], { mayRead, accounts }: Reader): Reach {
  const allowed = subjects.filter(mayRead);
  if (allowed.length === subjects.length) return { kind: 'all' };
  return { kind: 'some', subjects: allowed.map(({ cluster, procedure }) => subjectOf(cluster, procedure)), requesters: accounts };
}
