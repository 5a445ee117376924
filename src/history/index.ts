/**
 * The history as a full-text index in one file (SQLite FTS5): a projection of the journals, which can be thrown away at any time.
 *
 * H1. A file that is damaged, of another version or of another Redis is thrown away and begun anew; `complete` is false until it caught up.
 * H2. What people typed reaches SQLite as bound values and quoted words only (`match.ts`).
 * H3. The file is used under a lease alone (`exclusive.ts`); between two uses no lock on it is held.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { z } from 'zod';
import { personSchema } from '../run/events.ts';
import type { Exclusive } from './exclusive.ts';
import { facetsOf, matchOf, type Reach, subjectOf } from './match.ts';
import type { Query } from './query.ts';
import { OUTCOMES, type RunSummary } from './summary.ts';

/** Another number than the file's: the file is begun anew. */
const VERSION = 1;

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
  outcome: z.enum(OUTCOMES),
  started: z.number(),
  ended: z.number().optional(),
  channel: z.string(),
});

/** What is shown of a run that was found. */
export type Row = Omit<RunSummary, 'words'>;
export type Page = { readonly rows: readonly Row[]; readonly more: boolean; readonly complete: boolean };
export type Subject = { readonly cluster: string; readonly procedure: string };
/** What whoever asks may read; what they requested themselves always. */
export type Reader = { readonly mayRead: (subject: Subject) => boolean; readonly accounts: readonly string[] };
/** How far a run is known. */
export type Place = { readonly seq: number; readonly ended: boolean };

export type HistoryIndex = {
  readonly put: (summaries: readonly RunSummary[]) => Promise<void>;
  readonly forget: (runs: readonly string[]) => Promise<void>;
  readonly places: () => Promise<ReadonlyMap<string, Place>>;
  readonly markComplete: () => Promise<void>;
  /** Newest first. `approvers`: only runs that one of these has approved. */
  readonly search: (query: Query, reader: Reader, limit: number, approvers?: readonly string[]) => Promise<Page>;
  readonly close: () => Promise<void>;
};

export type IndexOptions = {
  readonly file: string;
  /** Name of the Redis whose journals these are (`journal.storeId`). */
  readonly store: string;
  readonly exclusive: Exclusive;
  readonly onRebuild?: (why: string) => void;
};

const SCHEMA = `
PRAGMA auto_vacuum = NONE;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subjects (cluster TEXT NOT NULL, procedure TEXT NOT NULL, PRIMARY KEY (cluster, procedure)) WITHOUT ROWID;
CREATE TABLE runs (id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, ended INTEGER NOT NULL, row TEXT NOT NULL);
CREATE VIRTUAL TABLE texts USING fts5(facets, words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
PRAGMA user_version = ${VERSION};
`;

type Database = InstanceType<typeof sqlite.Database>;

export function createIndex({ file, store, exclusive, onRebuild = () => undefined }: IndexOptions): HistoryIndex {
  let open: Database | undefined;

  function drop(): void {
    try {
      open?.close();
    } catch {
      // A damaged file cannot always be closed; it is deleted.
    }
    open = undefined;
  }

  function anew(why: string): Database {
    drop();
    for (const end of ['', '-journal', '-wal', '-shm', '.lock']) rmSync(`${file}${end}`, { recursive: true, force: true });
    const db = new sqlite.Database(file);
    db.exec(SCHEMA);
    db.run('INSERT INTO meta VALUES (?, ?)', ['store', store]);
    onRebuild(why);
    return db;
  }

  function opened(): Database {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const db = new sqlite.Database(file);
    open = db;
    const version = numberIn(db.get('PRAGMA user_version'), 'user_version');
    if (version === 0) return anew('it is new');
    if (version !== VERSION) return anew(`it is of version ${version}, and this release writes ${VERSION}`);
    if (textIn(db.get("SELECT value FROM meta WHERE key = 'store'"), 'value') !== store) return anew('it belongs to another Redis');
    return db;
  }

  function use<T>(work: (db: Database) => T): Promise<T> {
    return exclusive(() => {
      rmSync(`${file}.lock`, { recursive: true, force: true });
      try {
        open ??= opened();
        return work(open);
      } catch (error) {
        if (!isDamaged(error)) throw error;
        open = anew(`it is damaged: ${error instanceof Error ? error.message : String(error)}`);
        return work(open);
      }
    });
  }

  return {
    put: (summaries) => use((db) => inTransaction(db, () => each(summaries, (summary) => put(db, summary)))),
    forget: (runs) => use((db) => inTransaction(db, () => each(runs, (run) => forget(db, run)))),
    places: () => use(places),
    markComplete: () => use((db) => void db.run("INSERT OR REPLACE INTO meta VALUES ('complete', 'yes')")),
    // Rights are judged in the same use of the file: a pair that came in between must not be let through.
    search: (query, reader, limit, approvers) => use((db) => search(db, query, reachOf(subjectsIn(db), reader), limit, approvers)),
    close: () => exclusive(drop),
  };
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, and tables that are not there. */
function isDamaged(error: unknown): boolean {
  return (
    error instanceof Error &&
    /malformed|not a database|vtable constructor failed|no such (?:table|column)|disk I\/O|corrupt/i.test(error.message)
  );
}

function each<T>(all: readonly T[], work: (one: T) => void): void {
  for (const one of all) work(one);
}

function inTransaction(db: Database, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Numbers rise with the beginning of the run, so that the newest come first without sorting: milliseconds, and room for 1000 in each. */
const EACH_MS = 1000;

function put(db: Database, summary: RunSummary): void {
  const { words, ...row } = summary;
  const id = numberIn(db.get('SELECT id FROM runs WHERE run = ?', [summary.run]), 'id') ?? freeId(db, summary.started);
  const text = JSON.stringify(row);
  db.run('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?)', [id, summary.run, summary.seq, summary.ended === undefined ? 0 : 1, text]);
  db.run('INSERT OR IGNORE INTO subjects VALUES (?, ?)', [summary.cluster, summary.procedure]);
  db.run('INSERT OR REPLACE INTO texts (rowid, facets, words) VALUES (?, ?, ?)', [id, facetsOf(summary), words.replaceAll('\0', ' ')]);
}

function freeId(db: Database, started: number): number {
  const least = Math.trunc(started) * EACH_MS;
  const highest = numberIn(db.get('SELECT max(id) AS id FROM runs WHERE id >= ? AND id < ?', [least, least + EACH_MS]), 'id');
  return highest === undefined ? least : highest + 1;
}

function forget(db: Database, run: string): void {
  const id = numberIn(db.get('SELECT id FROM runs WHERE run = ?', [run]), 'id');
  if (id === undefined) return;
  db.run('DELETE FROM texts WHERE rowid = ?', [id]);
  db.run('DELETE FROM runs WHERE id = ?', [id]);
}

function places(db: Database): ReadonlyMap<string, Place> {
  const all = z.array(z.object({ run: z.string(), seq: z.number(), ended: z.number() })).parse(db.all('SELECT run, seq, ended FROM runs'));
  return new Map(all.map(({ run, seq, ended }) => [run, { seq, ended: ended === 1 }]));
}

function search(db: Database, query: Query, reach: Reach, limit: number, approvers: readonly string[] | undefined): Page {
  const match = matchOf(query, reach, approvers);
  const key = match === undefined ? 'runs.id' : 'texts.rowid';
  const conditions = [
    ...(match === undefined ? [] : ['texts MATCH ?']),
    ...(query.since === undefined ? [] : [`${key} >= ?`]),
    ...(query.until === undefined ? [] : [`${key} < ?`]),
  ];
  const values = [match, query.since && Math.ceil(query.since) * EACH_MS, query.until && Math.ceil(query.until) * EACH_MS];
  const from = match === undefined ? 'runs' : 'texts JOIN runs ON runs.id = texts.rowid';
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const found = db.all(`SELECT runs.row AS row FROM ${from} ${where} ORDER BY ${key} DESC LIMIT ? OFFSET ?`, [
    ...values.filter((value) => value !== undefined),
    limit + 1,
    (query.page - 1) * limit,
  ]);
  const rows = z
    .array(z.object({ row: z.string() }))
    .parse(found)
    .map(({ row }): Row => {
      const { ended, ...rest } = rowSchema.parse(JSON.parse(row));
      return { ...rest, ended };
    });
  const complete = textIn(db.get("SELECT value FROM meta WHERE key = 'complete'"), 'value') === 'yes';
  return { rows: rows.slice(0, limit), more: rows.length > limit, complete };
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

function numberIn(row: unknown, column: string): number | undefined {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

function textIn(row: unknown, column: string): string | undefined {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
  return typeof value === 'string' ? value : undefined;
}
