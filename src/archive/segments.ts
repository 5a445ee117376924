/**
 * The older part of the list of runs as files: `<record>/archive/runs/<first>-<last>.jsonl.gz`, an entry a line as a record has it (record/model.ts).
 * The chain goes on from file to file and into Redis. Two files may hold the same entries where a process died while it moved them.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { codeOf } from '../errors.ts';
import type { Raw } from '../journal/raw.ts';
import { entrySchema, rawFrom } from '../record/model.ts';
import { NotPlain, readPlain } from '../record/plain-file.ts';

const unpack = promisify(gunzip);
const pack = promisify(gzip);
const NAME = /^(\d{12})-(\d{12})\.jsonl\.gz$/;
/** Two thousand entries have about two million. Bytes. */
const MOST = 64 * 1024 ** 2;

export const SEGMENTS = 'archive/runs';

export type Segment = { readonly path: string; readonly first: number; readonly last: number };

/** Relative to the folder of the record. */
export function segmentPath(first: number, last: number): string {
  return `${SEGMENTS}/${String(first).padStart(12, '0')}-${String(last).padStart(12, '0')}.jsonl.gz`;
}

/** In their order. */
export async function segmentsIn(folder: string): Promise<readonly Segment[]> {
  const names = await readdir(join(folder, SEGMENTS)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name): readonly Segment[] => {
      const [, first, last] = NAME.exec(name) ?? [];
      return first === undefined ? [] : [{ path: `${SEGMENTS}/${name}`, first: Number(first), last: Number(last) }];
    })
    .toSorted((a, b) => a.first - b.first || a.last - b.last);
}

/** What lies in a file; undefined where that is nothing that Keyturn writes. */
export async function readSegment(folder: string, { path, first }: Segment): Promise<readonly (Raw | undefined)[]> {
  const text = await textOf(join(folder, path));
  if (text === undefined) return [undefined];
  const entries = text.toString('utf8').split('\n').slice(0, -1).map(parsed);
  return entries[0]?.seq === first ? entries : [undefined, ...entries];
}

async function textOf(path: string): Promise<Buffer | undefined> {
  const packed = await readPlain(path, MOST).catch((error: unknown) => {
    if (error instanceof NotPlain) return undefined;
    throw error;
  });
  return packed === undefined ? undefined : unpack(packed, { maxOutputLength: MOST }).catch(() => undefined);
}

function parsed(line: string): Raw | undefined {
  try {
    return rawFrom(entrySchema.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}

export function packSegment(entries: readonly Raw[]): Promise<Buffer> {
  return pack(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}
