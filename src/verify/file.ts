/** Reads the file of a record, as an export or the archive writes it: JSON, or the same compressed. */
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import { codeOf, KeyturnError } from '../errors.ts';
import { foreignPeriodSchema, PERIOD_FORMAT, type Period } from '../export/period.ts';
import { foreignRecordSchema, RECORD_FORMAT, type RunRecord } from '../record/model.ts';
import { flawIn } from '../record/strict-json.ts';

/** `period`: what stands beside the runs; undefined where it has not the form, or in the file of one run. */
export type ReadRecords = { readonly kind: 'one' | 'period'; readonly records: readonly Read[]; readonly period: Period | undefined };

/** One record, or why it is none. */
export type Read =
  | { readonly kind: 'record'; readonly record: RunRecord }
  | { readonly kind: 'broken'; readonly run: string; readonly why: string };

/** Below what Node can hold as one text: a file that has more, or unpacks to more, is not read. Bytes. */
export const MOST_BYTES = 500_000_000;
/** Each is told by itself. */
const MOST_BROKEN = 20;
const unpack = promisify(gunzip);

/** Throws KeyturnError `RECORD_UNREADABLE` for a file that cannot be read or is no record. */
export async function readRecords(path: string): Promise<ReadRecords> {
  const bytes = await contentOf(path).catch((error: unknown) => {
    throw asUnreadable(path, error);
  });
  return recordsOf(path, bytes);
}

/** The same of what was read already. `most`: bytes that it may unpack to. */
export async function recordsOf(path: string, bytes: Buffer, most = MOST_BYTES): Promise<ReadRecords> {
  const document = jsonIn(path, await textOf(path, bytes, most));
  const format = z.looseObject({ format: z.string() }).safeParse(document).data?.format;
  if (format === RECORD_FORMAT) return { kind: 'one', records: [recordIn(document)], period: undefined };
  const period = z.looseObject({ format: z.literal(PERIOD_FORMAT), runs: z.array(z.unknown()) }).safeParse(document);
  if (period.success) return periodIn(path, period.data);
  throw unreadable(path, format === undefined ? 'it is not a record of Keyturn' : `its format is "${format.slice(0, 60)}"`);
}

function periodIn(path: string, { runs, ...beside }: { readonly runs: readonly unknown[] }): ReadRecords {
  const records: Read[] = [];
  let broken = 0;
  for (const run of runs) {
    const read = recordIn(run);
    if (read.kind === 'broken') broken += 1;
    if (broken > MOST_BROKEN) throw unreadable(path, `more than ${MOST_BROKEN} of its runs have not the form of ${RECORD_FORMAT}`);
    records.push(read);
  }
  const whole = records.flatMap((read) => (read.kind === 'record' ? [read.record] : []));
  const { data } = foreignPeriodSchema.safeParse(beside);
  return { kind: 'period', records, period: data === undefined || broken > 0 ? undefined : { ...data, runs: whole } };
}

/** Whatever it says of its size: a pipe has none, and a device never ends. */
async function contentOf(path: string): Promise<Buffer> {
  const file = await open(path);
  const { size: said } = await file.stat();
  if (said > MOST_BYTES) {
    await file.close();
    throw new Error(tooLarge(MOST_BYTES));
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024 })) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(tooLarge(MOST_BYTES));
  }
  return Buffer.concat(chunks);
}

/** By its content, whatever it is called (RFC 1952, 2.3.1). */
async function textOf(path: string, bytes: Buffer, most: number): Promise<string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return (await unpack(bytes, { maxOutputLength: most })).toString('utf8');
  } catch (error) {
    throw codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? unreadable(path, tooLarge(most), error) : asUnreadable(path, error);
  }
}

function tooLarge(most: number): string {
  return `it holds more than ${most} bytes. A longer period is exported in pieces, by months`;
}

function asUnreadable(path: string, error: unknown): KeyturnError {
  const known = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'it may not be read by this user' }[codeOf(error)];
  return unreadable(path, known ?? (error instanceof Error ? error.message : String(error)), error);
}

function jsonIn(path: string, text: string): unknown {
  if (/^\s*(<|# )/.test(text.slice(0, 1_000))) throw unreadable(path, 'it is a page to read; the record itself is the export in JSON');
  const flaw = flawIn(text);
  if (flaw !== undefined) throw unreadable(path, `${flaw}, which Keyturn never writes`);
  const document = jsonOf(text);
  if (document === undefined) throw unreadable(path, 'it is not JSON, or it was cut off');
  return document;
}

function recordIn(value: unknown): Read {
  const read = foreignRecordSchema.safeParse(value);
  if (read.success) return { kind: 'record', record: read.data };
  const [issue] = read.error.issues;
  const run = z.looseObject({ run: z.string() }).safeParse(value).data?.run ?? 'unknown';
  return { kind: 'broken', run, why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it has another form'}` };
}

function unreadable(path: string, why: string, cause?: unknown): KeyturnError {
  return new KeyturnError(
    'RECORD_UNREADABLE',
    `${path} cannot be verified: ${why}`,
    'that it is an export of Keyturn in JSON or a file of its archive (.json.gz), and that it was copied whole',
    { cause },
  );
}
