import { journalLost } from './lost.ts';
import type { Head } from './stored.ts';

/**
 * Up to where this process has seen each journal, as a witness that whoever writes to Redis cannot reach: events cut off the end together with the
 * head, or a journal put back to an earlier copy of itself, bear right seals.
 */
export type Seen = {
  readonly of: (run: string) => Head | undefined;
  readonly note: (run: string, head: Head) => void;
};

/** Runs remembered; the one that was met longest ago goes first. */
const MOST = 10_000;

export function createSeen(): Seen {
  const heads = new Map<string, Head>();
  return {
    of: (run) => heads.get(run),
    note: (run, { seq, hash }) => {
      const before = heads.get(run);
      heads.delete(run);
      heads.set(run, before !== undefined && before.seq > seq ? before : { seq, hash });
      const [oldest] = heads.keys();
      if (heads.size > MOST && oldest !== undefined) heads.delete(oldest);
    },
  };
}

/** What was read of a journal from `from` on; `hashAt` knows the hash of the event before it too. */
export type Part = { readonly head: Head; readonly from: number; readonly hashAt: (seq: number) => string | undefined };

/** Throws KeyturnError `JOURNAL_LOST` unless it goes on from what had been seen before the reading began. */
export function goesOn(run: string, seen: Head | undefined, { head, from, hashAt }: Part): void {
  if (seen === undefined) return;
  if (head.seq < seen.seq) throw journalLost(run, `event ${seen.seq} was seen, the journal ends at ${head.seq}`);
  if (from - 1 <= seen.seq && hashAt(seen.seq) !== seen.hash) throw journalLost(run, `event ${seen.seq} is not the one that was seen`);
}
