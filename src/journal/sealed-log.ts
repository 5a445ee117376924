/**
 * A log beside the journals, for what belongs to no run or to all of them: append-only, chained and sealed as the journals are. The register and the
 * list of runs are such logs.
 *
 * G1. The same id again changes nothing.
 * G2. An entry that was not sealed by this installation is never given out.
 * G4. Nothing here ever deletes or changes an entry, and damage does not stop it: what comes after is recorded behind it, and a place that was
 *     seen before is not given a second time, so that what was cut off stays visible as a gap.
 */
import type { KeyturnError } from '../errors.ts';
import type { ChainFault } from './chain.ts';
import { type Raw, rawOf } from './raw.ts';
import { createSealer } from './seal.ts';
import { find, headOf, judged, type LogEntry, type LogRead, type Parts, read, sentenceOf } from './sealed-entries.ts';
import { isForged, lost, texts, verify } from './sealed-proof.ts';
import { type End, end, send } from './sealed-stream.ts';
import { chainAfter, genesis, type Head } from './stored.ts';
import type { Witness } from './witness.ts';

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

export type LogOptions<E> = Omit<Parts<E>, 'sealer' | 'tell'> & {
  /** 32 bytes: the installation's key for this purpose. */
  readonly key: Buffer;
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
