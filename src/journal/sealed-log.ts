/**
 * A log beside the journals, for what belongs to no run or to all of them: append-only, chained and sealed as the journals are. The register and the
 * list of runs are such logs.
 *
 * G1. The same id again changes nothing.
 * G2. An entry that was not sealed by this installation is never given out.
 * G4. Nothing here ever deletes or changes an entry, and damage does not stop it: what comes after is recorded behind it, and a place that was
 *     seen before is not given a second time, so that what was cut off stays visible as a gap.
 */
import type { z } from 'zod';
import { KeyturnError } from '../errors.ts';
import { speaking } from '../redis/failure.ts';
import { type ChainFault, createChainCheck } from './chain.ts';
import { faultOf, parseRaw, type Raw, rawOf } from './raw.ts';
import { createSealer, type Sealer } from './seal.ts';
import { type End, end, type Place, page, pages, send } from './sealed-stream.ts';
import { chainAfter, genesis, type Head } from './stored.ts';
import type { Witness } from './witness.ts';

/** One event in its place; `id` is what it was appended under, `at` in milliseconds since 1970. */
export type LogEntry<E> = Head & { readonly id: string; readonly at: number; readonly event: E };

export type LogAppend = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Names what happened, in at most 200 visible ASCII characters: a second sending under the same id is the same entry. */
  readonly id: string;
};

/** `known`: it stood there under this id already. */
export type Logged = { readonly kind: 'appended' | 'known'; readonly seq: number };
/** With the entry's hash; undefined where the entry lies in a file. */
type LoggedHash = Logged & { readonly hash: string | undefined };

export type LogRead = {
  /** The first sequence number wanted, in the order asked for; unless told 1, or the last one with `newestFirst`. */
  readonly from?: number;
  /** At most so many; 100 unless told. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
};

export type SealedLog<E> = {
  /** Durable when it resolves. Throws what `forged` makes where what stands under this id is not what Keyturn wrote, or nothing can be written. */
  readonly append: (event: E, options: LogAppend) => Promise<Logged>;
  /** What lies in Redis. Throws what `forged` makes if one of the entries asked for is not what Keyturn wrote. Gaps are told to `onDamage` alone. */
  readonly read: (options?: LogRead) => Promise<readonly LogEntry<E>[]>;
  /**
   * Everything that is wrong with it; empty means whole. Its end can be judged only against a `head` seen elsewhere: the one that is given, or what the
   * witness has. Entry by entry, so that it takes no memory. Never throws for what lies there.
   */
  readonly verify: (look?: LogLook<E>) => Promise<readonly ChainFault[]>;
  /** Every entry as it lies there, in files and in Redis, unjudged. */
  readonly texts: () => AsyncGenerator<Raw | undefined>;
  /** What the witness has seen is there no more: a sentence. Looks at one entry; `verify` looks at all. */
  readonly lost: () => Promise<string | undefined>;
  /** The last entry's place; undefined while it is empty. Proves no seal. */
  readonly head: () => Promise<Head | undefined>;
  /** The entry under this id, proved; undefined where Redis has none. */
  readonly find: (id: string) => Promise<LogEntry<E> | undefined>;
  /** An entry from elsewhere, proved. Throws what `forged` makes. */
  readonly judged: (raw: Raw | undefined) => LogEntry<E>;
};

export type LogLook<E> = {
  /** Up to where it was seen elsewhere. */
  readonly seen?: Head | undefined;
  /** Told every entry that this installation wrote there, in its order. */
  readonly tell?: (entry: LogEntry<E>) => void;
};

/** The older part, where it has moved into files; undefined for what is nothing that Keyturn writes. Each call gives what those before did not give. */
export type Moved = () => { readonly from: (seq: number) => AsyncIterable<Raw | undefined> };

export type LogOptions<E> = Place & {
  /** What its hashes name in place of a run; no run can be called that. */
  readonly name: string;
  /** 32 bytes: the installation's key for this purpose. */
  readonly key: Buffer;
  readonly schema: z.ZodType<E>;
  readonly moved?: Moved | undefined;
  /** Where the log ended when this machine last saw it. */
  readonly witness?: Witness | undefined;
  /** What was seen could not be kept, or not be read. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  /** Told each time that something is found that Keyturn did not write, or that is gone. */
  readonly onDamage?: (error: KeyturnError) => void;
};

const ACTOR = { kind: 'keyturn' } as const;
/** Other processes append between our look and our writing at most so often. */
const TRIES = 100;

/** A log may be moved on into files while it is read; it is not moved often. */
const ROUNDS = 3;
const NO_FILES: Moved = () => ({ from: async function* () {} });

type Parts<E> = Omit<LogOptions<E>, 'key' | 'onDamage' | 'witness' | 'onTrouble'> & {
  readonly sealer: Sealer;
  readonly tell: (error: KeyturnError) => void;
};

export function createSealedLog<E>(options: LogOptions<E>): SealedLog<E> {
  const { key, onDamage = () => undefined, witness, onTrouble = () => undefined, ...place } = options;
  const parts: Parts<E> = { ...place, sealer: createSealer(key), tell: onDamage };
  /** The highest place that this process has seen: a witness that whoever writes to Redis cannot reach. */
  let reached = 0;
  let first: Promise<Head | undefined> | undefined;

  async function seen(): Promise<Head | undefined> {
    return witness?.seen().catch((error: unknown) => {
      onTrouble(error);
      return undefined;
    });
  }

  function seenAtFirst(): Promise<Head | undefined> {
    first ??= seen();
    return first;
  }

  async function append(event: E, { at, id }: LogAppend): Promise<Logged> {
    if (!/^[\x21-\x7e]{1,200}$/.test(id)) throw new Error(`“${id}” cannot be the id of an entry of the ${place.name}`);
    const after = Math.max(reached, (await seenAtFirst())?.seq ?? 0);
    const { kind, seq, hash } = await write(parts, event, { at, id }, after).catch((error: unknown) => {
      // Also what only Redis had to say of its keys.
      if (isForged(parts, error)) parts.tell(error);
      throw error;
    });
    reached = Math.max(reached, seq);
    if (hash !== undefined && kind === 'appended') await witness?.note({ seq, hash }).catch(onTrouble);
    return { kind, seq };
  }

  return {
    append,
    read: (wanted) => read(parts, wanted),
    head: async () => headOf((await end(place)).last?.raw),
    verify: async ({ seen: elsewhere, tell } = {}) => verify(parts, elsewhere ?? (await seen()), tell),
    texts: () => texts(parts, '+'),
    lost: async () => lost(parts, await seenAtFirst()),
    find: (id) => find(parts, id),
    judged: (raw) => judged(parts, raw),
  };
}

function isForged<E>({ forged }: Parts<E>, error: unknown): error is KeyturnError {
  return error instanceof KeyturnError && error.code === forged('').code;
}

async function verify<E>(
  parts: Parts<E>,
  seen: Head | undefined,
  tell: (entry: LogEntry<E>) => void = () => undefined,
): Promise<readonly ChainFault[]> {
  const check = createChainCheck(parts.name, parts.sealer, seen);
  const faults: ChainFault[] = [];
  try {
    // What is written meanwhile is not looked at: it was not there when the end was.
    const { last, head } = await end(parts);
    for await (const raw of texts(parts, last?.place ?? '-')) {
      const found = check.next(raw);
      faults.push(...found);
      const entry = found.some(({ kind }) => kind === 'edited' || kind === 'unsealed') ? undefined : parsed(parts, raw);
      if (entry !== undefined) tell(entry);
    }
    return [...faults, ...check.end(head)];
  } catch (error) {
    if (!isForged(parts, error)) throw error;
    return [...faults, { kind: 'edited', seq: 0, sentence: error.message }];
  }
}

/** Files first, then Redis, up to an entry of the stream. */
async function* texts<E>({ moved = NO_FILES, ...place }: Parts<E>, upTo: string): AsyncGenerator<Raw | undefined> {
  const files = moved();
  let next = 1;
  for (let round = 1; ; round += 1) {
    for await (const raw of files.from(next)) {
      yield raw;
      next = (raw?.seq ?? next) + 1;
    }
    const found = { isMoved: false };
    for await (const page of upTo === '-' ? [] : pages(place, next, upTo)) {
      // What was moved meanwhile is in a file by now.
      found.isMoved = round < ROUNDS && page[0] !== undefined && page[0].seq > next;
      if (found.isMoved) break;
      for (const { seq, raw } of page) {
        yield raw;
        next = seq + 1;
      }
    }
    if (!found.isMoved) return;
  }
}

async function lost<E>(parts: Parts<E>, seen: Head | undefined): Promise<string | undefined> {
  if (seen === undefined) return undefined;
  const at = headOf((await end(parts)).last?.raw)?.seq ?? 0;
  if (at < seen.seq) return `Its end is cut off: this machine has seen entry ${seen.seq}, the last is now ${at === 0 ? 'none' : at}.`;
  const [there] = await read(parts, { from: seen.seq, limit: 1 });
  // One that has moved into a file is proved by `verify`.
  if (there?.seq !== seen.seq || there.hash === seen.hash) return undefined;
  return `Entry ${seen.seq} is not the one that this machine has seen.`;
}

async function write<E>(parts: Parts<E>, event: E, { at, id }: LogAppend, reached: number): Promise<LoggedHash> {
  const { name, forged } = parts;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { last, seq: said } = await end(parts);
    const before = { seq: Math.max(last?.seq ?? 0, said, reached), hash: last === undefined ? genesis(name) : (last.raw?.hash ?? '') };
    judgeEnd(parts, last, before.seq);
    const { fields, stored } = chainAfter(name, before, [event], { at, actor: ACTOR, id }, parts.sealer);
    const reply = await send(parts, [id, last?.place ?? '', before.seq + 1, ...fields]);
    if (reply[0] === 'known') {
      const { seq, hash } = judged(parts, rawOf(reply[1]));
      return { kind: 'known', seq, hash };
    }
    if (reply[0] === 'moved') return { kind: 'known', seq: reply[1], hash: undefined };
    if (reply[0] === 'appended') return { kind: 'appended', seq: before.seq + 1, hash: stored[0]?.hash };
  }
  throw forged(`It grew ${TRIES} times while one entry was to be written.`);
}

/** What stands at the end does not stop the next entry (G4), but is told. */
function judgeEnd<E>(parts: Parts<E>, last: End['last'], known: number): void {
  const fault = last === undefined ? undefined : sentenceOf(parts, last.raw);
  if (fault !== undefined) parts.tell(parts.forged(fault));
  const seq = last?.seq ?? 0;
  if (seq < known) parts.tell(parts.forged(`Its end is cut off: entry ${known} was there before, the last is now ${seq}.`));
}

function sentenceOf<E>({ name, sealer }: Parts<E>, raw: Raw | undefined): string | undefined {
  return raw === undefined ? 'It holds an entry of a form that Keyturn does not write.' : faultOf(name, raw, sealer)?.sentence;
}

/** Throws unless this installation wrote it. */
function judged<E>(parts: Parts<E>, raw: Raw | undefined): LogEntry<E> {
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
function parsed<E>(parts: Parts<E>, raw: Raw | undefined): LogEntry<E> | undefined {
  try {
    return raw === undefined ? undefined : entryOf(parts, raw);
  } catch {
    return undefined;
  }
}

async function read<E>(parts: Parts<E>, { from, limit = 100, newestFirst = false }: LogRead = {}): Promise<readonly LogEntry<E>[]> {
  const raw = await page(parts, from === undefined ? undefined : Math.max(1, Math.round(from)), limit, newestFirst);
  const entries = raw.map((each) => judged(parts, each));
  const inOrder = newestFirst ? entries.toReversed() : entries;
  const gap = inOrder.find((entry, index) => index > 0 && entry.seq !== (inOrder[index - 1]?.seq ?? 0) + 1);
  if (gap !== undefined) parts.tell(parts.forged(`Entries before ${gap.seq} are gone.`));
  return entries;
}

async function find<E>(parts: Parts<E>, id: string): Promise<LogEntry<E> | undefined> {
  const seq = await speaking(() => parts.redis.hget(parts.ids, id));
  if (seq === null || !/^\d{1,15}$/.test(seq)) return undefined;
  const [raw] = await page(parts, Number(seq), 1, false);
  const entry = raw === undefined || raw.seq !== Number(seq) ? undefined : judged(parts, raw);
  return entry?.id === id ? entry : undefined;
}

function headOf(raw: Raw | undefined): Head | undefined {
  return raw === undefined ? undefined : { seq: raw.seq, hash: raw.hash };
}
