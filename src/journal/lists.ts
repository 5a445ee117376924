import { randomUUID } from 'node:crypto';
import { speaking } from '../redis/failure.ts';
import type { Context } from './context.ts';
import { keys } from './keys.ts';

export type Finished = { readonly run: string; readonly at: number };

/** Runs that are not over, the oldest first. */
export function openRuns({ redis }: Context<unknown>): Promise<readonly string[]> {
  return speaking(() => redis.zrange(keys.open, '0', '-1'));
}

/** Runs that are over, the latest first; `before` (milliseconds, exclusive) pages on. */
export async function finishedRuns(
  { redis }: Context<unknown>,
  { limit, before }: { readonly limit: number; readonly before?: number },
): Promise<readonly Finished[]> {
  const top = before === undefined ? '+inf' : `(${before}`;
  const flat = await speaking(() => redis.zrevrangebyscore(keys.finished, top, '-inf', 'WITHSCORES', 'LIMIT', 0, limit));
  return flat.flatMap((run, index) => (index % 2 === 0 ? [{ run, at: Number(flat[index + 1]) }] : []));
}

/** The list that names a run. */
export async function listOf({ redis }: Context<unknown>, run: string): Promise<'open' | 'finished' | undefined> {
  if ((await speaking(() => redis.zscore(keys.open, run))) !== null) return 'open';
  return (await speaking(() => redis.zscore(keys.finished, run))) === null ? undefined : 'finished';
}

/** The run that has the cluster. */
export async function holder({ redis }: Context<unknown>, cluster: string): Promise<string | undefined> {
  return (await speaking(() => redis.get(keys.lock(cluster)))) ?? undefined;
}

/** The run that a request has made, within 24 hours. */
export async function lookup({ redis }: Context<unknown>, requestId: string): Promise<string | undefined> {
  return (await speaking(() => redis.get(keys.request(requestId)))) ?? undefined;
}

/** A name that this store of journals keeps for ever. Another name than yesterday's means that Redis came back empty or is another one. */
export async function storeId({ redis }: Context<unknown>): Promise<string> {
  const fresh = randomUUID();
  await speaking(() => redis.set(keys.store, fresh, 'NX'));
  return (await speaking(() => redis.get(keys.store))) ?? fresh;
}
