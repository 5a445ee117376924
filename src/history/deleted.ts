/** Which runs were deleted, from the list of runs, so that the history forgets them without comparing everything. */
import type { Runs } from '../journal/runs.ts';
import { isRedisFailure } from '../redis/failure.ts';

const PAGE = 500;

/** Gives those since it was asked last; the first time none, since everything is compared then anyway. Throws KeyturnError for Redis. */
export function createDeleted(runs: Pick<Runs, 'head' | 'read'>): () => Promise<readonly string[]> {
  let seen: number | undefined;
  return async () => {
    const end = (await runs.head())?.seq ?? 0;
    const deleted: string[] = [];
    for (let from = (seen ?? end) + 1; from <= end; from += PAGE) deleted.push(...(await deletedIn(runs, from)));
    seen = end;
    return deleted;
  };
}

/** A damaged list is told by whoever finds it so; the next comparison forgets what was deleted. */
async function deletedIn(runs: Pick<Runs, 'read'>, from: number): Promise<readonly string[]> {
  try {
    const entries = await runs.read({ from, limit: PAGE });
    return entries.flatMap(({ event }) => (event.kind === 'runExpunged' ? [event.run] : []));
  } catch (error) {
    if (isRedisFailure(error)) throw error;
    return [];
  }
}
