/**
 * The register: one log beside the journals for what belongs to no run (who was refused, what was gone round in an emergency, who looked at it
 * afterwards). A sealed log (G1, G2, G4: sealed-log.ts), and
 *
 * G3. One person cannot flood it: see `append`.
 */
import type { KeyturnError } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import type { ChainFault } from './chain.ts';
import { createFlood } from './flood.ts';
import { keys } from './keys.ts';
import { registerForged } from './lost.ts';
import type { Raw } from './raw.ts';
import { REGISTER_NAME, type RegisterEvent, registerEventSchema } from './register-events.ts';
import type { LogEntry, LogRead } from './sealed-entries.ts';
import { createSealedLog, type LogAppend, type Logged, type LogLook } from './sealed-log.ts';
import type { Place } from './sealed-stream.ts';
import type { Head } from './stored.ts';
import type { Witness } from './witness.ts';

export type { RegisterEvent } from './register-events.ts';

export type RegisterEntry = LogEntry<RegisterEvent>;
export type RegisterAppend = LogAppend;
export type RegisterRead = LogRead;

export type Registered =
  | Logged
  /** Too many refusals of this person for this action within the hour: counted, not recorded. */
  | { readonly kind: 'withheld' };

export type Register = {
  /**
   * Durable when it resolves. Texts are cut at 4000 characters. Refusals of one person for the same action are recorded 20 times within an hour;
   * further ones are counted by this process, and the next one that is recorded says how many there were (`unrecorded`). Everything else is always
   * recorded. Throws KeyturnError `REGISTER_FORGED` where what stands under this id is not what Keyturn wrote, or nothing more can be written.
   */
  readonly append: (event: RegisterEvent, options: RegisterAppend) => Promise<Registered>;
  /** Throws KeyturnError `REGISTER_FORGED` if one of the entries asked for is not what Keyturn wrote. Gaps are told to `onDamage` alone. */
  readonly read: (options?: RegisterRead) => Promise<readonly RegisterEntry[]>;
  /** The entry under this id, proved; undefined where there is none. Throws as `read`. */
  readonly find: (id: string) => Promise<RegisterEntry | undefined>;
  /** Everything that is wrong with it; empty means whole. Held against `seen`, or what this machine has seen. */
  readonly verify: (look?: LogLook<RegisterEvent>) => Promise<readonly ChainFault[]>;
  /** Its entries as they lie in Redis, unjudged: for exports. */
  readonly texts: () => AsyncGenerator<Raw | undefined>;
  /** What this machine has seen is there no more: a sentence. Looks at one entry; `verify` looks at all. */
  readonly lost: () => Promise<string | undefined>;
  /** The last entry's place; undefined while it is empty. Proves no seal. */
  readonly head: () => Promise<Head | undefined>;
};

export type RegisterOptions = {
  /** A connection of the role `journal`. */
  readonly redis: RedisClient;
  /** 32 bytes: the installation's key for this purpose. */
  readonly key: Buffer;
  readonly witness?: Witness;
  /** What was seen could not be kept. */
  readonly onTrouble?: (error: unknown) => void;
  /** Told each time that something is found that Keyturn did not write, or that is gone. */
  readonly onDamage?: (error: KeyturnError) => void;
};

const MOST_TEXT = 4_000;

function placeOn(redis: RedisClient): Place {
  return { redis, stream: keys.register, head: keys.registerHead, ids: keys.registerIds, forged: registerForged };
}

export function createRegister(options: RegisterOptions): Register {
  const log = createSealedLog({ ...options, ...placeOn(options.redis), name: REGISTER_NAME, schema: registerEventSchema });
  const flood = createFlood();

  /** G3. */
  function counted(event: Extract<RegisterEvent, { kind: 'refused' }>, at: number): RegisterEvent | undefined {
    const turn = flood.take(event, at);
    if (turn.kind === 'withhold') return undefined;
    return turn.unrecorded === 0 ? event : { ...event, unrecorded: turn.unrecorded };
  }

  return {
    append: async (event, how) => {
      const recorded = event.kind === 'refused' ? counted(event, how.at) : event;
      if (recorded === undefined) return { kind: 'withheld' };
      return log.append(short(recorded), how);
    },
    read: log.read,
    find: log.find,
    head: log.head,
    verify: log.verify,
    texts: log.texts,
    lost: log.lost,
  };
}

/** What people typed is kept in a length that can be read. */
function short(event: RegisterEvent): RegisterEvent {
  const cut = (_name: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT - 1).replace(/[\ud800-\udbff]$/, '')}…` : value;
  return registerEventSchema.parse(JSON.parse(JSON.stringify(event), cut));
}
