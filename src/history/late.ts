/** Runs of which something was written after their end, from the register, so that the history has it without comparing everything. */
import type { Register } from '../journal/register.ts';
import { isRedisFailure } from '../redis/failure.ts';

const PAGE = 500;
/** What a process that was killed right after writing it may not have put into the history. */
const FIRST = 500;

/** Gives those since it was asked last; the first time those of the last entries. Throws KeyturnError for Redis. */
export function createLate(register: Pick<Register, 'head' | 'read'>): () => Promise<readonly string[]> {
  let seen: number | undefined;
  return async () => {
    const end = (await register.head())?.seq ?? 0;
    const late: string[] = [];
    for (let from = (seen ?? Math.max(0, end - FIRST)) + 1; from <= end; from += PAGE) late.push(...(await lateIn(register, from)));
    seen = end;
    return late;
  };
}

/** A damaged register is told by whoever finds it so; an index that is made anew has what proves. */
async function lateIn(register: Pick<Register, 'read'>, from: number): Promise<readonly string[]> {
  try {
    const entries = await register.read({ from, limit: PAGE });
    return entries.flatMap(({ event }) => (event.kind === 'lateNote' || event.kind === 'reviewed' ? [event.run] : []));
  } catch (error) {
    if (isRedisFailure(error)) throw error;
    return [];
  }
}
