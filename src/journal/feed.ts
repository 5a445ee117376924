/**
 * Follows the feed: one line for each append to any journal, written by the same script. A wake-up with a place, not a record.
 * The journals stay the truth; whoever follows reads them.
 *
 * F1. No entry is passed over silently: if the feed was cut behind the follower's place, it is told `gap` and looks at every open run.
 * F2. An outage of Redis ends nothing: reading goes on after the last entry that was handled.
 * F3. An entry counts as handled when `onNews` has returned.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { explain } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { keys } from './keys.ts';

export type FeedEntry = { readonly id: string; readonly run: string; readonly seq: number };
export type News = { readonly kind: 'entries'; readonly entries: readonly FeedEntry[] } | { readonly kind: 'gap' };

export type FollowOptions = {
  /** A connection of the role `blocking`, for this follower alone. Closed by whoever opened it, after the abort. */
  readonly redis: RedisClient;
  /** The last entry handled before, or `now`. */
  readonly from: string | 'now';
  readonly onNews: (news: News) => Promise<void> | void;
  readonly signal: AbortSignal;
  readonly log: Logger;
};

const readSchema = z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.array(z.string())]))])).nullable();

/** Where the feed ends now: whoever follows from here is told everything that comes after this call. */
export function feedEnd(redis: RedisClient): Promise<string> {
  return speaking(() => lastId(redis));
}

/** The first entry is told at once; those that come within this time after it, together: a run that goes fast must not be slowed by being watched. */
const GATHER_MS = 10;

/** Returns after the abort, at once if the connection is idle in Redis. */
export async function followFeed({ redis, from, onNews, signal, log }: FollowOptions): Promise<void> {
  const stop = () => redis.disconnect();
  signal.addEventListener('abort', stop, { once: true });
  const orAbort = abortable(signal);
  let place: string | undefined = from === 'now' ? undefined : from;
  let mayHaveGap = from !== 'now';
  while (!signal.aborted) {
    try {
      place ??= await orAbort(lastId(redis));
      if (mayHaveGap && (await orAbort(isCut(redis, place)))) {
        place = await orAbort(lastId(redis));
        await onNews({ kind: 'gap' });
      }
      mayHaveGap = false;
      const entries = await orAbort(next(redis, place));
      if (entries.length > 0) await onNews({ kind: 'entries', entries });
      place = entries.at(-1)?.id ?? place;
      if (entries.length > 0) await delay(GATHER_MS, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      mayHaveGap = true;
      log.warn({ reason: explain(error) }, 'following the feed was interrupted, going on from the last entry');
      await delay(500, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** While the server is away, what waits on a connection is not let go by closing it: the client forgets it in its queue. */
function abortable(signal: AbortSignal): <T>(work: Promise<T>) => Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return (work) => Promise.race([work, aborted]);
}

/** Blocks for 5 s at most, well within the connection's socket time-out. */
async function next(redis: RedisClient, place: string): Promise<readonly FeedEntry[]> {
  const reply = readSchema.parse(await redis.xread('COUNT', 500, 'BLOCK', 5000, 'STREAMS', keys.feed, place));
  return (reply?.[0]?.[1] ?? []).map(([id, flat]) => ({ id, run: flat[1] ?? '', seq: Number(flat[3]) }));
}

async function lastId(redis: RedisClient): Promise<string> {
  const [last] = await redis.xrevrange(keys.feed, '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}

/** True when the entry after `place` may be gone: the feed now begins behind it, or is shorter than it was. */
async function isCut(redis: RedisClient, place: string): Promise<boolean> {
  if (place === '0-0') return false;
  const [first] = await redis.xrange(keys.feed, '-', '+', 'COUNT', 1);
  const [last] = await redis.xrevrange(keys.feed, '+', '-', 'COUNT', 1);
  return first === undefined || last === undefined || isAfter(first[0], place) || isAfter(place, last[0]);
}

function isAfter(a: string, b: string): boolean {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number);
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number);
  return aMs > bMs || (aMs === bMs && aSeq > bSeq);
}
