/** Entries of a sealed log (sealed-log.ts): what lies there, and what of it this installation wrote. */
import type { z } from 'zod';
import type { KeyturnError } from '../errors.ts';
import { speaking } from '../redis/failure.ts';
import { faultOf, parseRaw, type Raw } from './raw.ts';
import type { Sealer } from './seal.ts';
import { type Place, page } from './sealed-stream.ts';
import type { Head } from './stored.ts';

/** One event in its place; `id` is what it was appended under, `at` in milliseconds since 1970. */
export type LogEntry<E> = Head & { readonly id: string; readonly at: number; readonly event: E };

export type LogRead = {
  /** The first sequence number wanted, in the order asked for; unless told 1, or the last one with `newestFirst`. */
  readonly from?: number;
  /** At most so many; 100 unless told. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
};

/** The older part, where it has moved into files; undefined for what is nothing that Keyturn writes. Each call gives what those before did not give. */
export type Moved = () => { readonly from: (seq: number) => AsyncIterable<Raw | undefined> };

/** What every operation on a log needs. */
export type Parts<E> = Place & {
  /** What its hashes name in place of a run; no run can be called that. */
  readonly name: string;
  readonly schema: z.ZodType<E>;
  readonly moved?: Moved | undefined;
  readonly sealer: Sealer;
  /** Told each time that something is found that Keyturn did not write, or that is gone. */
  readonly tell: (error: KeyturnError) => void;
};

export function sentenceOf<E>({ name, sealer }: Parts<E>, raw: Raw | undefined): string | undefined {
  return raw === undefined ? 'It holds an entry of a form that Keyturn does not write.' : faultOf(name, raw, sealer)?.sentence;
}

/** Throws unless this installation wrote it. */
export function judged<E>(parts: Parts<E>, raw: Raw | undefined): LogEntry<E> {
  const fault = sentenceOf(parts, raw);
  if (raw === undefined || fault !== undefined) {
    const error = parts.forged(fault ?? '');
    parts.tell(error);
    throw error;
  }
  return entryOf(parts, raw);
}

function entryOf<E>({ schema }: Parts<E>, raw: Raw): LogEntry<E> {
  const { seq, hash, id, at, event } = parseRaw(raw);
  return { seq, hash, id: id.replace(/\.0$/, ''), at, event: schema.parse(event) };
}

/** Undefined for what this release cannot read. */
export function parsed<E>(parts: Parts<E>, raw: Raw | undefined): LogEntry<E> | undefined {
  try {
    return raw === undefined ? undefined : entryOf(parts, raw);
  } catch {
    return undefined;
  }
}

export async function read<E>(parts: Parts<E>, { from, limit = 100, newestFirst = false }: LogRead = {}): Promise<readonly LogEntry<E>[]> {
  const raw = await page(parts, from === undefined ? undefined : Math.max(1, Math.round(from)), limit, newestFirst);
  const entries = raw.map((each) => judged(parts, each));
  const inOrder = newestFirst ? entries.toReversed() : entries;
  const gap = inOrder.find((entry, index) => index > 0 && entry.seq !== (inOrder[index - 1]?.seq ?? 0) + 1);
  if (gap !== undefined) parts.tell(parts.forged(`Entries before ${gap.seq} are gone.`));
  return entries;
}

export async function find<E>(parts: Parts<E>, id: string): Promise<LogEntry<E> | undefined> {
  const seq = await speaking(() => parts.redis.hget(parts.ids, id));
  if (seq === null || !/^\d{1,15}$/.test(seq)) return undefined;
  const [raw] = await page(parts, Number(seq), 1, false);
  const entry = raw === undefined || raw.seq !== Number(seq) ? undefined : judged(parts, raw);
  return entry?.id === id ? entry : undefined;
}

export function headOf(raw: Raw | undefined): Head | undefined {
  return raw === undefined ? undefined : { seq: raw.seq, hash: raw.hash };
}
