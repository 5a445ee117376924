/**
 * The register: one log beside the journals for what belongs to no run (who was refused, what was gone round in an emergency, who looked at it
 * afterwards). Append-only, chained and sealed as the journals are.
 *
 * G1. The same id again changes nothing.
 * G2. An entry that was not sealed by this installation is never given out.
 * G3. One person cannot flood it: see `append`.
 * G4. Nothing here ever deletes or changes an entry, and damage does not stop it: what comes after is recorded behind it, and a place that was
 *     seen before is not given a second time, so that what was cut off stays visible as a gap.
 */
import type { KeyturnError } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { type ChainFault, verifyJournal } from './chain.ts';
import { createFlood } from './flood.ts';
import { keys } from './keys.ts';
import { registerForged } from './lost.ts';
import { faultOf, parseRaw, type Raw, rawOf } from './raw.ts';
import { type RegisterEvent, registerEventSchema } from './register-events.ts';
import { all, type End, end, page, send } from './register-stream.ts';
import { createSealer, type Sealer } from './seal.ts';
import { chainAfter, genesis, type Head } from './stored.ts';

export type { RegisterEvent } from './register-events.ts';

/** One event in its place; `id` is what it was appended under, `at` in milliseconds since 1970. */
export type RegisterEntry = Head & { readonly id: string; readonly at: number; readonly event: RegisterEvent };

export type RegisterAppend = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Names what happened, in at most 200 visible ASCII characters: a second sending under the same id is the same entry. */
  readonly id: string;
};

export type Registered =
  /** `known`: it stood there under this id already. */
  | { readonly kind: 'appended' | 'known'; readonly seq: number }
  /** Too many refusals of this person for this action within the hour: counted, not recorded. */
  | { readonly kind: 'withheld' };

export type RegisterRead = {
  /** The first sequence number wanted, in the order asked for; unless told 1, or the last one with `newestFirst`. */
  readonly from?: number;
  /** At most so many; 100 unless told. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
};

export type Register = {
  /**
   * Durable when it resolves. Texts are cut at 4000 characters. Refusals of one person for the same action are recorded 20 times within an hour;
   * further ones are counted by this process, and the next one that is recorded says how many there were (`unrecorded`). Everything else is always
   * recorded. Throws KeyturnError `REGISTER_FORGED` where what stands under this id is not what Keyturn wrote, or nothing more can be written.
   */
  readonly append: (event: RegisterEvent, options: RegisterAppend) => Promise<Registered>;
  /** Throws KeyturnError `REGISTER_FORGED` if one of the entries asked for is not what Keyturn wrote. Gaps are told to `onDamage` alone. */
  readonly read: (options?: RegisterRead) => Promise<readonly RegisterEntry[]>;
  /** Everything that is wrong with it; empty means whole. Its end can be judged only against a `head` seen elsewhere. */
  readonly verify: (seen?: Head) => Promise<readonly ChainFault[]>;
  /** The last entry's place; undefined while it is empty. Proves no seal. */
  readonly head: () => Promise<Head | undefined>;
};

export type RegisterOptions = {
  /** A connection of the role `journal`. */
  readonly redis: RedisClient;
  /** 32 bytes: the installation's key for this purpose. */
  readonly key: Buffer;
  /** Told each time that something is found that Keyturn did not write, or that is gone. */
  readonly onDamage?: (error: KeyturnError) => void;
};

/** What its hashes name in place of a run; no run can be called that. */
const NAME = 'register';
const ACTOR = { kind: 'keyturn' } as const;
const MOST_TEXT = 4_000;
/** Other processes append between our look and our writing at most so often. */
const TRIES = 100;

type Parts = { readonly redis: RedisClient; readonly sealer: Sealer; readonly tell: (error: KeyturnError) => void };

export function createRegister({ redis, key, onDamage = () => undefined }: RegisterOptions): Register {
  const parts: Parts = { redis, sealer: createSealer(key), tell: onDamage };
  const flood = createFlood();
  /** The highest place that this process has seen: a witness that whoever writes to Redis cannot reach. */
  let reached = 0;

  /** G3. */
  function counted(event: Extract<RegisterEvent, { kind: 'refused' }>, at: number): RegisterEvent | undefined {
    const turn = flood.take(event, at);
    if (turn.kind === 'withhold') return undefined;
    return turn.unrecorded === 0 ? event : { ...event, unrecorded: turn.unrecorded };
  }

  async function append(event: RegisterEvent, { at, id }: RegisterAppend): Promise<Registered> {
    if (!/^[\x21-\x7e]{1,200}$/.test(id)) throw new Error(`“${id}” cannot be the id of a register entry`);
    const recorded = event.kind === 'refused' ? counted(event, at) : event;
    if (recorded === undefined) return { kind: 'withheld' };
    const written = await write(parts, short(recorded), { at, id }, reached);
    reached = Math.max(reached, written.seq);
    return written;
  }

  return {
    append,
    read: (options) => read(parts, options),
    head: async () => headOf((await end(parts.redis)).last?.raw),
    verify: async (seen) => {
      const [entries, flat] = await Promise.all([all(redis), speaking(() => redis.hgetall(keys.registerHead))]);
      const head = flat.seq === undefined ? undefined : { seq: Number(flat.seq), hash: flat.hash ?? '' };
      return verifyJournal(NAME, { raw: entries, head }, key, seen);
    },
  };
}

async function write(
  parts: Parts,
  event: RegisterEvent,
  { at, id }: RegisterAppend,
  reached: number,
): Promise<{ readonly kind: 'appended' | 'known'; readonly seq: number }> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { last, seq: said } = await end(parts.redis);
    const before = { seq: Math.max(last?.seq ?? 0, said, reached), hash: last === undefined ? genesis(NAME) : (last.raw?.hash ?? '') };
    judgeEnd(parts, last, before.seq);
    const { fields } = chainAfter(NAME, before, [event], { at, actor: ACTOR, id }, parts.sealer);
    const reply = await send(parts.redis, [id, last?.place ?? '', before.seq + 1, ...fields]);
    if (reply[0] === 'known') return { kind: 'known', seq: judged(parts, rawOf(reply[1])).seq };
    if (reply[0] === 'appended') return { kind: 'appended', seq: before.seq + 1 };
  }
  throw new Error(`the register grew ${TRIES} times while one entry was to be written`);
}

/** What stands at the end does not stop the next entry (G4), but is told. */
function judgeEnd({ sealer, tell }: Parts, last: End['last'], known: number): void {
  const fault = last === undefined ? undefined : sentenceOf(last.raw, sealer);
  if (fault !== undefined) tell(registerForged(fault));
  const seq = last?.seq ?? 0;
  if (seq < known) tell(registerForged(`Its end is cut off: entry ${known} was there before, the last is now ${seq}.`));
}

function sentenceOf(raw: Raw | undefined, sealer: Sealer): string | undefined {
  return raw === undefined ? 'It holds an entry of a form that Keyturn does not write.' : faultOf(NAME, raw, sealer)?.sentence;
}

/** Throws unless this installation wrote it. */
function judged({ sealer, tell }: Parts, raw: Raw | undefined): RegisterEntry {
  const fault = sentenceOf(raw, sealer);
  if (raw === undefined || fault !== undefined) {
    const error = registerForged(fault ?? '');
    tell(error);
    throw error;
  }
  const { seq, hash, id, at, event } = parseRaw(raw);
  return { seq, hash, id: id.replace(/\.0$/, ''), at, event: registerEventSchema.parse(event) };
}

async function read(parts: Parts, { from, limit = 100, newestFirst = false }: RegisterRead = {}): Promise<readonly RegisterEntry[]> {
  const raw = await page(parts.redis, from === undefined ? undefined : Math.max(1, Math.round(from)), limit, newestFirst);
  const entries = raw.map((each) => judged(parts, each));
  const inOrder = newestFirst ? entries.toReversed() : entries;
  const gap = inOrder.find((entry, index) => index > 0 && entry.seq !== (inOrder[index - 1]?.seq ?? 0) + 1);
  if (gap !== undefined) parts.tell(registerForged(`Entries before ${gap.seq} are gone.`));
  return entries;
}

function headOf(raw: Raw | undefined): Head | undefined {
  return raw === undefined ? undefined : { seq: raw.seq, hash: raw.hash };
}

/** What people typed is kept in a length that can be read. */
function short(event: RegisterEvent): RegisterEvent {
  const cut = (_name: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT - 1).replace(/[\ud800-\udbff]$/, '')}…` : value;
  return registerEventSchema.parse(JSON.parse(JSON.stringify(event), cut));
}
