/** What the logs beside the journals tell of runs that are over, so that the history follows without comparing everything. */
import type { LogRead } from '../journal/sealed-entries.ts';
import type { Register } from '../journal/register.ts';
import type { Runs } from '../journal/runs.ts';
import type { Head } from '../journal/stored.ts';
import { isRedisFailure } from '../redis/failure.ts';

const PAGE = 500;
/** Entries that a process which was killed right after writing them may not have put into the history. */
const UNSEEN = 500;

/** Gives the runs that were told of since it was asked last. Throws KeyturnError for Redis. */
export type RunsSince = () => Promise<readonly string[]>;

/** Runs that were deleted; the first time none, since everything is compared then anyway. */
export function createDeleted(runs: Pick<Runs, 'head' | 'read'>): RunsSince {
  return createSince(runs, (event) => (event.kind === 'runExpunged' ? event.run : undefined), 0);
}

/** Runs of which something was written after their end; the first time those of the last entries. */
export function createLate(register: Pick<Register, 'head' | 'read'>): RunsSince {
  return createSince(register, (event) => (event.kind === 'lateNote' || event.kind === 'reviewed' ? event.run : undefined), UNSEEN);
}

type Log<E> = {
  readonly head: () => Promise<Head | undefined>;
  readonly read: (read: LogRead) => Promise<readonly { readonly event: E }[]>;
};

/** `back`: entries before the end that count the first time. */
function createSince<E>(log: Log<E>, runOf: (event: E) => string | undefined, back: number): RunsSince {
  let seen: number | undefined;
  return async () => {
    const end = (await log.head())?.seq ?? 0;
    const runs: string[] = [];
    for (let from = (seen ?? Math.max(0, end - back)) + 1; from <= end; from += PAGE) {
      runs.push(...(await eventsIn(log, from)).flatMap((event) => runOf(event) ?? []));
    }
    seen = end;
    return runs;
  };
}

/** A damaged log is told by whoever finds it so; the next comparison, or an index that is made anew, makes it good. */
async function eventsIn<E>(log: Log<E>, from: number): Promise<readonly E[]> {
  try {
    return (await log.read({ from, limit: PAGE })).map(({ event }) => event);
  } catch (error) {
    if (isRedisFailure(error)) throw error;
    return [];
  }
}
