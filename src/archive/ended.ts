/** Which runs are to be looked at, from Redis. */
import { z } from 'zod';
import { keys } from '../journal/keys.ts';
import { runScript } from '../journal/script.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';

const PAGE = 500;

/** Runs that ended before, the latest first, page by page. `before`: milliseconds since 1970. */
export async function* endedRuns(redis: RedisClient, before: number): AsyncGenerator<readonly string[]> {
  const all = await speaking(() => redis.zcount(keys.finished, '-inf', `(${before}`));
  for (let from = 0; from < all; from += PAGE) {
    // From the end, so that those that leave the list meanwhile shift no other out of sight.
    const start = Math.max(0, all - from - PAGE);
    const runs = await speaking(() => redis.zrange(keys.finished, String(start), String(all - from - 1)));
    if (runs.length > 0) yield runs;
  }
}

/** Those of them whose journal is not in Redis. */
export async function withoutJournal(redis: RedisClient, runs: readonly string[]): Promise<readonly string[]> {
  const lua = `local r = {} for i = 1, #KEYS do r[i] = redis.call('EXISTS', KEYS[i]) end return r`;
  const there = z.array(z.number()).parse(await runScript(redis, lua, runs.map(keys.head), []));
  return runs.filter((_run, index) => there[index] === 0);
}
