/** Puts the working half together: who drives runs, the queue that tells them when, the feed that tells them what is new, and the sweeper behind both. */
import type { Base } from './base.ts';
import { followFeed } from './journal/feed.ts';
import type { Nudges } from './queue/nudges.ts';
import { startSweeper } from './queue/sweeper.ts';
import { connectRedis, disconnectRedis } from './redis/connect.ts';
import { createDriver } from './worker/drive.ts';
import type { Hands } from './worker/hands.ts';
import { createDue, createHandler } from './worker/work.ts';

const SWEEP_MS = 5_000;

export type StaffParts = Pick<Base, 'url' | 'journal' | 'leases' | 'owner' | 'log'> & {
  readonly hands: Hands;
  readonly nudges: Nudges;
  /** Milliseconds between two looks at all open runs; five seconds unless told. */
  readonly sweepMs?: number;
  /** Called after each of these looks. */
  readonly onSwept?: () => void;
};

export interface Staff {
  /** No new work, what is at hand to its end, then the feed. What runs on hosts goes on there. */
  close(): Promise<void>;
}

/** Begins to work. Throws KeyturnError for a Redis that cannot be reached. */
export async function startStaff(parts: StaffParts): Promise<Staff> {
  const { url, journal, leases, owner, log, hands, nudges, sweepMs = SWEEP_MS, onSwept } = parts;
  const driver = createDriver(hands);
  const stop = new AbortController();
  const feed = await connectRedis(url, { role: 'blocking', log });
  const following = followFeed({
    redis: feed,
    from: 'now',
    signal: stop.signal,
    log,
    onNews: (news) => {
      if (news.kind === 'entries') for (const entry of news.entries) driver.news(entry.run, entry.seq);
    },
  });
  const working = await nudges.work(createHandler({ driver, leases, nudges, owner, now: Date.now }));
  const sweeper = startSweeper({
    openRuns: () => journal.openRuns(),
    due: createDue(journal, nudges.isPending, Date.now),
    isBeating: (run) => leases.isBeating(run),
    nudges,
    intervalMs: sweepMs,
    now: Date.now,
    log,
    name: owner,
    ...(onSwept === undefined ? {} : { onSwept }),
  });
  return {
    async close() {
      // Side by side: each may have to wait for a Redis that hangs. What a last sweep nudges is there for whoever comes next.
      await Promise.all([sweeper.stop(), working.close()]);
      stop.abort();
      await following;
      await disconnectRedis(feed);
    },
  };
}
