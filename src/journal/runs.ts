/**
 * The list of runs: a sealed log (sealed-log.ts) that says of each run that it began, how it ended, where its record lies and that it was deleted, so
 * that a whole run cannot vanish. It proves and permits nothing: where it fails, runs go on.
 *
 * Its older part lies in files (archive/segments.ts), the rest in Redis; the chain goes on from one to the other.
 */
import { readSegment, segmentsIn } from '../archive/segments.ts';
import type { KeyturnError } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import type { ChainFault } from './chain.ts';
import { keys } from './keys.ts';
import { runsForged } from './lost.ts';
import type { Raw } from './raw.ts';
import { idOf, RUNS_NAME, type RunsEvent, runsEventSchema } from './runs-events.ts';
import type { LogEntry, LogRead, Moved } from './sealed-entries.ts';
import { createSealedLog, type Logged, type LogLook } from './sealed-log.ts';
import type { Place } from './sealed-stream.ts';
import type { Head } from './stored.ts';
import type { Witness } from './witness.ts';

export type { RunsEvent } from './runs-events.ts';

export type RunsEntry = LogEntry<RunsEvent>;

export type Runs = {
  /** Durable when it resolves; the same again changes nothing. `at` in milliseconds since 1970. Throws KeyturnError `RUNS_FORGED`. */
  readonly note: (event: RunsEvent, options: { readonly at: number }) => Promise<Logged>;
  /** What lies in Redis: the newer part. Throws KeyturnError `RUNS_FORGED` if one of the entries asked for is not what Keyturn wrote. */
  readonly read: (options?: LogRead) => Promise<readonly RunsEntry[]>;
  /** From the first entry to the last, files and Redis, each proved. Throws KeyturnError `RUNS_FORGED`. Gaps are for `verify`. */
  readonly everything: () => AsyncGenerator<RunsEntry>;
  /** The same as texts, unjudged: for exports. */
  readonly texts: () => AsyncGenerator<Raw | undefined>;
  /** Everything that is wrong with it, files and Redis; empty means whole. Held against `seen`, or what this machine has seen. */
  readonly verify: (look?: LogLook<RunsEvent>) => Promise<readonly ChainFault[]>;
  /** This very thing was noted, and stands in Redis, proved. */
  readonly has: (event: RunsEvent) => Promise<boolean>;
  /** The last entry's place; undefined while it is empty. Proves no seal. */
  readonly head: () => Promise<Head | undefined>;
  /** What this machine has seen is there no more: a sentence. Looks at one entry; `verify` looks at all. */
  readonly lost: () => Promise<string | undefined>;
};

export type RunsOptions = {
  /** A connection of the role `journal`. */
  readonly redis: RedisClient;
  /** 32 bytes: the installation's key for the purpose `runs`. */
  readonly key: Buffer;
  /** `config.record`, with the older part; without it, what is there counts as missing. */
  readonly folder?: string;
  readonly witness?: Witness;
  readonly onDamage?: (error: KeyturnError) => void;
  /** What was seen could not be kept. */
  readonly onTrouble?: (error: unknown) => void;
};

export function createRuns({ folder, ...options }: RunsOptions): Runs {
  const moved = folder === undefined ? undefined : () => movedInto(folder);
  const log = createSealedLog({ ...options, ...runsPlace(options.redis), name: RUNS_NAME, schema: runsEventSchema, moved });
  return {
    note: (event, { at }) => log.append(event, { at, id: idOf(event) }),
    read: log.read,
    head: log.head,
    has: async (event) => (await log.find(idOf(event))) !== undefined,
    texts: log.texts,
    async *everything() {
      for await (const raw of log.texts()) yield log.judged(raw);
    },
    verify: log.verify,
    lost: log.lost,
  };
}

/** Where the newer part lies. */
export function runsPlace(redis: RedisClient): Place {
  return { redis, stream: keys.runs, head: keys.runsHead, ids: keys.runsIds, forged: runsForged };
}

/** Each entry once, though two files may hold it (archive/segments.ts), and each file once. */
function movedInto(folder: string): ReturnType<Moved> {
  const done = new Set<string>();
  return {
    async *from(seq) {
      let next = seq;
      for (const segment of await segmentsIn(folder)) {
        if (done.has(segment.path) || segment.last < next) continue;
        done.add(segment.path);
        for (const entry of await readSegment(folder, segment)) {
          if (entry !== undefined && entry.seq < next) continue;
          yield entry;
          next = (entry?.seq ?? next) + 1;
        }
      }
    },
  };
}
