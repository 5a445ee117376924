/**
 * The file of the index. It is opened for each use and closed after it, so that everybody sees what another process wrote, and the file that now bears
 * the name.
 *
 * G1. A file that is damaged, of another version or of another Redis is thrown away and begun anew.
 * G2. Killed anywhere, whoever comes next finds the last whole transaction: the log (WAL) is read at the next opening. SQLite's older journal would not
 *     be: the WebAssembly file layer takes its own lock for a living process's, and never plays one back.
 * G3. Whoever wrote for longer than the lease lasts begins anew: another process may have written at the same time.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { codeOf, KeyturnError } from '../errors.ts';
import { textOf } from '../redis/failure.ts';
import { type Exclusive, historyBusy } from './exclusive.ts';
import { numberIn, textIn } from './row.ts';

export type Database = InstanceType<typeof sqlite.Database>;

export type IndexFile = {
  readonly read: <T>(work: (db: Database) => T) => Promise<T>;
  /** `work` is one transaction. */
  readonly write: (work: (db: Database) => void) => Promise<void>;
};

export type IndexFileOptions = {
  readonly file: string;
  /** Name of the Redis whose journals these are. */
  readonly store: string;
  /** Another number than the file's: the file is begun anew. Never 0. */
  readonly version: number;
  /** What a new file begins with. It has a table `meta (key, value)`. */
  readonly schema: () => string;
  readonly exclusive: Exclusive;
  readonly onAnew: (why: string) => void;
};

/** What of a row was found not to be what is written there. */
export class DamagedRow extends Error {}

/** KeyturnError `HISTORY_BUSY`, or `HISTORY_UNUSABLE` where the disk does not let it be used. */
export function createIndexFile({ file, store, version, schema, exclusive, onAnew }: IndexFileOptions): IndexFile {
  function opened(): Database {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    rmSync(`${file}.lock`, { recursive: true, force: true });
    const db = connection();
    try {
      const why = notOurs(db);
      if (why === undefined) return db;
      close(db);
      return made(why);
    } catch (error) {
      close(db);
      throw error;
    }
  }

  /** A log needs the file for itself where memory cannot be shared. */
  function connection(): Database {
    const db = new sqlite.Database(file);
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL');
    return db;
  }

  function notOurs(db: Database): string | undefined {
    const found = numberIn(db.get('PRAGMA user_version'), 'user_version');
    if (found === 0) return 'it is new';
    if (found !== version) return `it is of version ${found}, and this release writes ${version}`;
    if (textIn(db.get("SELECT value FROM meta WHERE key = 'store'"), 'value') !== store) return 'it belongs to another Redis';
    return undefined;
  }

  function made(why: string): Database {
    for (const end of ['', '-journal', '-wal', '-shm', '.lock']) rmSync(`${file}${end}`, { recursive: true, force: true });
    const db = connection();
    try {
      db.exec('PRAGMA journal_mode = WAL');
      inTransaction(db, () => {
        db.exec(schema());
        db.run("INSERT INTO meta VALUES ('store', ?)", [store]);
        db.exec(`PRAGMA user_version = ${version}`);
      });
    } catch (error) {
      close(db);
      throw error;
    }
    onAnew(why);
    return db;
  }

  function used<T>(work: (db: Database) => T): T {
    try {
      try {
        return closing(opened(), work);
      } catch (error) {
        if (!isDamaged(error)) throw error;
        return closing(made(`it is damaged: ${textOf(error)}`), work);
      }
    } catch (error) {
      throw told(file, error);
    }
  }

  return {
    read: async (work) => (await exclusive(() => used(work))).value,
    async write(work) {
      const { alone } = await exclusive(() => used((db) => inTransaction(db, () => work(db))));
      if (!alone) await exclusive(() => closing(made('another process may have written at the same time'), () => undefined));
    },
  };
}

function closing<T>(db: Database, work: (db: Database) => T): T {
  try {
    return work(db);
  } finally {
    close(db);
  }
}

/** What was committed and does not reach the file for now stays in the log; a damaged file cannot always be closed in order. */
function close(db: Database): void {
  try {
    if (db.isOpen) db.close();
  } catch {
    // Either way there is nothing to be done here.
  }
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

/** SQLITE_CORRUPT and SQLITE_NOTADB, tables that are not there, and rows that are none. A disk that fails is no damage of the file. */
function isDamaged(error: unknown): boolean {
  return (
    error instanceof DamagedRow ||
    /malformed|not a database|vtable constructor failed|no such (?:table|column)|corrupt/i.test(textOf(error))
  );
}

/** The operator's form of what SQLite or the disk says; what nobody foresaw stays as it is. */
function told(file: string, error: unknown): unknown {
  const text = textOf(error);
  if (/is locked/.test(text)) return historyBusy(file);
  if (codeOf(error) === '' && !/disk|could not open|unable to open|read-?only/i.test(text)) return error;
  return new KeyturnError(
    'HISTORY_UNUSABLE',
    `The history cannot be kept in ${file}: ${text}`,
    'the room on that disk, and that this user may write the folder (KEYTURN_DATA); the file may be deleted, it is made anew from the journals',
    { cause: error },
  );
}
