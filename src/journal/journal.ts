/**
 * The journal: one Redis Stream for each run, and what must change together with it (head, cluster lock, lists of runs, feed).
 * What an event means belongs to run/; who is woken, to queue/; delivery to Slack, to the outbox that follows the feed.
 *
 * J1. An append names the place it has seen, number and hash, and is refused if another came first.
 * J2. Sending the same creation or append again changes nothing and reports success.
 * J3. A cluster is held by at most one run, from its first event to its last, in the same script as those events.
 * J4. A journal that is shorter than somebody has seen is an error, never an empty or a shorter journal.
 * J5. An append with `confirm` returns only when the replicas have it, on the server that has the events.
 * J6. Nothing here ever deletes an event. One leaves Redis only when its file in the archive was written, synced, and read back equal
 *     (archive/keep-run.ts); reading goes on from there, with the same proofs.
 * J7. Each entry is sealed by this installation, and none is given out (but by `inspect`) whose content, place or seal is not what was written.
 */
import type { KeyturnError } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import { type Appended, type AppendOptions, append } from './append.ts';
import type { ArchivedEntries, Context } from './context.ts';
import { type Created, type CreateOptions, create } from './create.ts';
import { type Finished, finishedRuns, holder, listOf, lookup, openRuns, storeId } from './lists.ts';
import { isDamage } from './lost.ts';
import { head, type Inspected, inspect, type ReadOptions, read, readRaw } from './read.ts';
import { createSealer } from './seal.ts';
import { createSeen } from './seen.ts';
import type { Head, Stored } from './stored.ts';

export type { Appended, AppendOptions } from './append.ts';
export type { Created, CreateOptions } from './create.ts';
export type { Finished } from './lists.ts';
export type { Inspected, ReadOptions } from './read.ts';
export type { Head, Stored } from './stored.ts';

export type Journal<E> = {
  /** Begins a run, with the cluster's lock if one is named. */
  readonly create: (run: string, events: readonly E[], options: CreateOptions) => Promise<Created<E>>;
  /** Appends after `head`, or says where the journal stands now. */
  readonly append: (run: string, head: Head, events: readonly E[], options: AppendOptions) => Promise<Appended<E>>;
  readonly read: (run: string, options?: ReadOptions) => Promise<readonly Stored<E>[]>;
  /** Events as they were written, for verify and export. */
  readonly readRaw: (run: string, options?: ReadOptions) => Promise<readonly Stored<unknown>[]>;
  /** Whatever is there, damaged or not: for verify alone. */
  readonly inspect: (run: string) => Promise<Inspected>;
  readonly head: (run: string) => Promise<Head | undefined>;
  readonly openRuns: () => Promise<readonly string[]>;
  readonly finishedRuns: (page: { readonly limit: number; readonly before?: number }) => Promise<readonly Finished[]>;
  /** Which of the two names the run; undefined: neither does. */
  readonly listOf: (run: string) => Promise<'open' | 'finished' | undefined>;
  readonly holder: (cluster: string) => Promise<string | undefined>;
  readonly lookup: (requestId: string) => Promise<string | undefined>;
  readonly storeId: () => Promise<string>;
};

export type JournalOptions<E> = {
  /** A connection of the role `journal`. */
  readonly redis: RedisClient;
  /** Parses an event at the border. */
  readonly decode: (value: unknown) => E;
  /** Seals what is written and proves what is read: 32 bytes, the installation's key for this purpose. */
  readonly key: Buffer;
  /** Where journals lie that have left Redis; without it they count as lost. */
  readonly archive?: ArchivedEntries;
  /** Told each time that a journal is found damaged (`JOURNAL_LOST`, `JOURNAL_FORGED`); the caller hears of it as well. */
  readonly onDamage?: (run: string, error: KeyturnError) => void;
  /** Replicas that must confirm; 0 unless told. */
  readonly replicas?: number;
  /** How long a confirmation may take, in milliseconds; 1000 unless told. */
  readonly confirmMs?: number;
};

export function createJournal<E>(options: JournalOptions<E>): Journal<E> {
  const { redis, decode, key, archive, replicas = 0, confirmMs = 1000, onDamage = () => undefined } = options;
  const context: Context<E> = { redis, decode, archive, replicas, confirmMs, sealer: createSealer(key), seen: createSeen() };

  /** Damage found on the way is told, and thrown on. */
  async function watched<T>(run: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (isDamage(error)) onDamage(run, error);
      throw error;
    }
  }

  return {
    create: (run, events, how) => create(context, run, events, how),
    append: (run, place, events, how) => watched(run, append(context, run, place, events, how)),
    read: (run, how) => watched(run, read(context, run, how)),
    readRaw: (run, how) => watched(run, readRaw(context, run, how)),
    inspect: (run) => inspect(context, run),
    head: (run) => watched(run, head(context, run)),
    openRuns: () => openRuns(context),
    finishedRuns: (page) => finishedRuns(context, page),
    listOf: (run) => listOf(context, run),
    holder: (cluster) => holder(context, cluster),
    lookup: (requestId) => lookup(context, requestId),
    storeId: () => storeId(context),
  };
}
