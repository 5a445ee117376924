/**
 * The archive as files: `<record>/archive/<yyyy>/<mm>/<run>.json.gz`, one record (record/model.ts) each, by the UTC month of the run's end. Read here,
 * written by keep-run.ts. What is in a file is proved by whoever reads it (journal/read.ts): seals and hashes are the journal's own.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { codeOf, KeyturnError } from '../errors.ts';
import { journalForged, journalLost } from '../journal/lost.ts';
import type { Raw } from '../journal/raw.ts';
import { kindOf } from '../record/entries.ts';
import { foreignRecordSchema, rawFrom, type RunRecord } from '../record/model.ts';
import { NotPlain, readPlain } from '../record/plain-file.ts';
import { flawIn } from '../record/strict-json.ts';
import { fieldsOf } from '../slack/outbox/ledger.ts';

const unpack = promisify(gunzip);
/** Of a file and of what it unpacks to: whoever can write to the folder must not fill the memory. Bytes. */
export const MOST_RECORD_BYTES = 256 * 1024 ** 2;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

export type Archive = {
  /**
   * The record of a run that has moved into the archive; undefined where there is none. Throws KeyturnError `JOURNAL_FORGED` for a file that is no
   * record of this run, `JOURNAL_LOST` for one that does not end with the run's end, `ARCHIVE_UNREADABLE` where the disk does not give it.
   */
  readonly read: (run: string) => Promise<RunRecord | undefined>;
  /** The same as entries of a journal. */
  readonly entries: (run: string) => Promise<readonly Raw[] | undefined>;
  /** What the outbox had noted of the thread, as far as the record has it. */
  readonly threadFields: (run: string) => Promise<ReadonlyMap<string, string>>;
  /** Where the file of a run lies, relative to the folder of the record; undefined where there is none. */
  readonly fileOf: (run: string) => Promise<string | undefined>;
};

/** Relative to the folder of the record. `endedAt` in milliseconds since 1970. */
export function archivePath(run: string, endedAt: number): string {
  if (!NAME.test(run)) throw new Error(`“${run}” cannot be the name of a file`);
  const time = new Date(endedAt).toISOString();
  return `archive/${time.slice(0, 4)}/${time.slice(5, 7)}/${run}.json.gz`;
}

/** `folder`: that of the record. */
export function createArchive(folder: string): Archive {
  async function read(run: string): Promise<RunRecord | undefined> {
    if (!NAME.test(run)) return undefined;
    for (const month of await months(folder)) {
      const path = `${month}/${run}.json.gz`;
      const packed = await contentOf(run, join(folder, path));
      if (packed !== undefined) return recordIn(run, path, packed);
    }
    return undefined;
  }

  return {
    read,
    entries: async (run) => (await read(run))?.entries.map(rawFrom),
    threadFields: async (run) => {
      const record = await read(run);
      return record === undefined ? new Map() : fieldsOf(record.posted, record.permalink, record.entries.at(-1)?.seq);
    },
    fileOf: async (run) => {
      if (!NAME.test(run)) return undefined;
      for (const month of await months(folder)) {
        const path = `${month}/${run}.json.gz`;
        if (await isThere(join(folder, path))) return path;
      }
      return undefined;
    },
  };
}

async function recordIn(run: string, path: string, packed: Buffer): Promise<RunRecord> {
  const record = await unpacked(packed).catch((error: unknown) => {
    throw journalForged(run, `Its file in the archive, ${path}, is no record: ${reasonOf(error)}.`);
  });
  if (record.run !== run) throw journalForged(run, `Its file in the archive, ${path}, is of another run: ${record.run}.`);
  const last = record.entries.at(-1);
  if (last === undefined || kindOf(last.event) !== 'runEnded') throw journalLost(run, `its file in the archive, ${path}, has no end`);
  return record;
}

/** The content of a file of the archive. Throws for what is no record. */
export async function unpacked(packed: Buffer): Promise<RunRecord> {
  const text = (await unpack(packed, { maxOutputLength: MOST_RECORD_BYTES })).toString('utf8');
  const flaw = flawIn(text);
  if (flaw !== undefined) throw new Error(flaw);
  return foreignRecordSchema.parse(JSON.parse(text));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : 'it cannot be read';
}

async function contentOf(run: string, path: string): Promise<Buffer | undefined> {
  try {
    return await readPlain(path, MOST_RECORD_BYTES);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    if (error instanceof NotPlain) throw journalForged(run, `Its file in the archive, ${path}, is none of Keyturn's: ${error.message}.`);
    throw unreadable(path, error);
  }
}

/** What can be the name of a file of the archive. */
export function isRunName(run: string): boolean {
  return NAME.test(run);
}

/** Folders of the archive, relative to that of the record; the newest first: what is asked for is mostly recent. */
export async function months(folder: string): Promise<readonly string[]> {
  const years = (await namesIn(join(folder, 'archive'))).filter((name) => /^\d{4}$/.test(name));
  const found = await Promise.all(
    years.map(async (year) =>
      (await namesIn(join(folder, 'archive', year))).filter((name) => /^\d{2}$/.test(name)).map((month) => `archive/${year}/${month}`),
    ),
  );
  return found.flat().toSorted().toReversed();
}

/** Whatever it is. A month may have ten thousand files, which need not be listed for one. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw unreadable(path, error);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    // Where a plain file stands nothing of the archive lies in it: it must not keep the rest from being read.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw unreadable(path, error);
  }
}

/** Not damage of a run: the disk is to be looked at, and what it holds may be whole. */
function unreadable(path: string, error: unknown): KeyturnError {
  return new KeyturnError(
    'ARCHIVE_UNREADABLE',
    `The archive cannot be read at ${path}: ${codeOf(error) || reasonOf(error)}`,
    'that the folder of the record (KEYTURN_RECORD) is mounted here, and who owns it',
    { cause: error },
  );
}
