/** The archive, judged by itself: `<record>/archive/<yyyy>/<mm>/<run>.json.gz`, each a record (record/model.ts) signed by this installation. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MOST_RECORD_BYTES, months } from '../archive/files.ts';
import { codeOf, explain, KeyturnError } from '../errors.ts';
import type { Inspected } from '../journal/journal.ts';
import type { RunRecord } from '../record/model.ts';
import { NotPlain, readPlain } from '../record/plain-file.ts';
import { type Fault, wholly } from './fault.ts';
import { recordsOf } from './file.ts';
import { inspectedFrom, signatureFaults } from './record.ts';

/** `sha256`: of the file as it lies there; undefined where it cannot be read. `others`: more files of the same run. */
export type Archived =
  | { readonly kind: 'none' }
  | (Filed & { readonly kind: 'broken'; readonly fault: Fault })
  | (Filed & { readonly kind: 'record'; readonly record: RunRecord; readonly found: Inspected });

type Filed = { readonly path: string; readonly sha256: string | undefined; readonly others: readonly string[] };

const NONE: Archived = { kind: 'none' };
const NAME = /^([A-Za-z0-9_][A-Za-z0-9_-]*)\.json\.gz$/;

/** What the archive has of a run, whichever month it lies under. */
export async function archivedOf(folder: string, run: string): Promise<Archived> {
  const found: { readonly path: string; readonly bytes: Buffer | NotPlain }[] = [];
  for (const month of await monthsOf(folder)) {
    const path = join(month, `${run}.json.gz`);
    const bytes = await bytesOf(path);
    if (bytes !== undefined) found.push({ path, bytes });
  }
  const [first, ...others] = found;
  return first === undefined
    ? NONE
    : judged(
        run,
        first.path,
        first.bytes,
        others.map(({ path }) => path),
      );
}

/** Undefined where there is none. Throws the system's error where the disk does not give it. */
async function bytesOf(path: string): Promise<Buffer | NotPlain | undefined> {
  try {
    return await readPlain(path, MOST_RECORD_BYTES);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (error instanceof NotPlain) return error;
    throw error;
  }
}

async function judged(run: string, path: string, bytes: Buffer | NotPlain, others: readonly string[]): Promise<Archived> {
  const broken = (kind: Fault['kind'], sentence: string): Archived => ({ kind: 'broken', ...file, fault: wholly(kind, sentence) });
  const file = { path, sha256: Buffer.isBuffer(bytes) ? digestOf(bytes) : undefined, others };
  if (!Buffer.isBuffer(bytes)) return broken('archiveUnreadable', `The archive file ${path} cannot be read: ${bytes.message}.`);
  try {
    const [first] = (await recordsOf(path, bytes, MOST_RECORD_BYTES)).records;
    if (first === undefined) return broken('archiveUnreadable', `The archive file ${path} holds no run.`);
    if (first.kind === 'broken') return broken('archiveUnreadable', `The archive file ${path} has not the form of a record: ${first.why}.`);
    const { record } = first;
    if (record.run !== run) return broken('otherRun', `The archive file ${path} is of another run: ${record.run}.`);
    return { kind: 'record', ...file, record, found: inspectedFrom(record.entries) };
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    return broken('archiveUnreadable', `The archive file cannot be read: ${explain(error).split('\n')[0]}.`);
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Signed by this installation, and the same journal as the one in Redis as far as it lies there. `key`: the public key in base64. */
export function archiveFaults(archived: Archived, redis: Inspected, key: string): readonly Fault[] {
  if (archived.kind === 'none') return [];
  const twice = archived.others.map((path) =>
    wholly('archiveTwice', `The run has a second file in the archive: ${path}, beside ${archived.path}.`),
  );
  if (archived.kind === 'broken') return [archived.fault, ...twice];
  const { path, record, found } = archived;
  const hashes = new Map(found.raw.toReversed().map((each) => [each?.seq, each?.hash]));
  const other = redis.raw.find((entry) => entry !== undefined && entry.hash !== hashes.get(entry.seq));
  const sentence = `Event ${other?.seq} in the archive file ${path} is not the one in Redis.`;
  const differs: readonly Fault[] = other === undefined ? [] : [{ seq: other.seq, kind: 'archiveEdited', sentence }];
  return [...signatureFaults(record, key).map((fault) => ({ ...fault, sentence: `${fault.sentence} (${path})` })), ...differs, ...twice];
}

/** The file that the list of runs names, held against what the list says of it. `listed.file`: relative to the folder of the record. */
export function listedFileFault(
  folder: string,
  listed: { readonly file: string; readonly sha256: string },
  archived: Archived,
): Fault | undefined {
  const path = join(folder, listed.file);
  const isThere = archived.kind !== 'none' && (archived.path === path || archived.others.includes(path));
  if (!isThere) return wholly('archiveMissing', `The archive file that the list of runs names is missing: there is no ${path}.`);
  // What cannot be read, and a second file, is named by itself.
  if (archived.path !== path || archived.sha256 === undefined || archived.sha256 === listed.sha256) return undefined;
  return wholly(
    'archiveEdited',
    `The archive file ${path} is not the one that was written: its SHA-256 is ${archived.sha256}, the list of runs says ${listed.sha256}.`,
  );
}

/** The names of all runs in the archive, oldest month first. */
export async function* archivedRuns(folder: string): AsyncGenerator<string> {
  for (const month of await monthsOf(folder)) {
    for (const name of (await readdir(month)).toSorted()) {
      const run = NAME.exec(name)?.[1];
      if (run !== undefined) yield run;
    }
  }
}

/** The oldest first. Throws KeyturnError `ARCHIVE_UNREADABLE`: what cannot be looked at must not count as gone. */
async function monthsOf(folder: string): Promise<readonly string[]> {
  return (await months(folder)).toReversed().map((month) => join(folder, month));
}
