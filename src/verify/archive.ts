/** The archive, judged by itself: `<record>/archive/<yyyy>/<mm>/<run>.json.gz`, each a record (record/model.ts) signed by this installation. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, explain, KeyturnError } from '../errors.ts';
import type { Inspected } from '../journal/journal.ts';
import type { RunRecord } from '../record/model.ts';
import { type Fault, wholly } from './fault.ts';
import { readRecords } from './file.ts';
import { inspectedFrom, signatureFaults } from './record.ts';

export type Archived =
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly fault: Fault }
  | { readonly kind: 'record'; readonly path: string; readonly record: RunRecord; readonly found: Inspected };

const NONE: Archived = { kind: 'none' };
const NAME = /^([A-Za-z0-9_][A-Za-z0-9_-]*)\.json\.gz$/;

/** What the archive has of a run, whichever month it lies under. */
export async function archivedOf(folder: string, run: string): Promise<Archived> {
  for (const month of await months(folder)) {
    const path = join(month, `${run}.json.gz`);
    if (await isThere(path)) return readOne(path, run);
  }
  return NONE;
}

async function readOne(path: string, run: string): Promise<Archived> {
  try {
    const [first] = (await readRecords(path)).records;
    if (first === undefined) return broken('archiveUnreadable', `The archive file ${path} holds no run.`);
    if (first.kind === 'broken') return broken('archiveUnreadable', `The archive file ${path} has not the form of a record: ${first.why}.`);
    const { record } = first;
    if (record.run !== run) return broken('otherRun', `The archive file ${path} is of another run: ${record.run}.`);
    return { kind: 'record', path, record, found: inspectedFrom(record.entries) };
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    return broken('archiveUnreadable', `The archive file cannot be read: ${explain(error).split('\n')[0]}.`);
  }
}

function broken(kind: Fault['kind'], sentence: string): Archived {
  return { kind: 'broken', fault: wholly(kind, sentence) };
}

/** Signed by this installation, and the same journal as the one in Redis as far as it lies there. `key`: the public key in base64. */
export function archiveFaults(archived: Archived, redis: Inspected, key: string): readonly Fault[] {
  if (archived.kind === 'none') return [];
  if (archived.kind === 'broken') return [archived.fault];
  const { path, record, found } = archived;
  const other = redis.raw.find((entry) => entry !== undefined && entry.hash !== found.raw.find((each) => each?.seq === entry.seq)?.hash);
  const sentence = `Event ${other?.seq} in the archive file ${path} is not the one in Redis.`;
  const differs: readonly Fault[] = other === undefined ? [] : [{ seq: other.seq, kind: 'archiveEdited', sentence }];
  return [...signatureFaults(record, key).map((fault) => ({ ...fault, sentence: `${fault.sentence} (${path})` })), ...differs];
}

/** The file that the list of runs names, held against what the list says of it. `listed.file`: relative to the folder of the record. */
export async function listedFileFault(
  folder: string,
  listed: { readonly file: string; readonly sha256: string },
): Promise<Fault | undefined> {
  const path = join(folder, listed.file);
  const content = await readFile(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined)
    return wholly('archiveMissing', `The archive file that the list of runs names is missing: there is no ${path}.`);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 === listed.sha256) return undefined;
  return wholly(
    'archiveEdited',
    `The archive file ${path} is not the one that was written: its SHA-256 is ${sha256}, the list of runs says ${listed.sha256}.`,
  );
}

/** The names of all runs in the archive, oldest month first. */
export async function* archivedRuns(folder: string): AsyncGenerator<string> {
  for (const month of await months(folder)) {
    for (const name of (await readdir(month)).toSorted()) {
      const run = NAME.exec(name)?.[1];
      if (run !== undefined) yield run;
    }
  }
}

async function months(folder: string): Promise<readonly string[]> {
  const years = await foldersIn(join(folder, 'archive'), /^\d{4}$/);
  return (await Promise.all(years.map((year) => foldersIn(year, /^\d{2}$/)))).flat();
}

async function foldersIn(folder: string, names: RegExp): Promise<readonly string[]> {
  const found = await readdir(folder).catch(() => []);
  return found
    .filter((name) => names.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
