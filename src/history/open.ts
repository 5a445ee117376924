/** The history of this installation: its index, and what fills it. */
import { join } from 'node:path';
import type { Base } from '../base.ts';
import { feedEnd, followFeed } from '../journal/feed.ts';
import type { AfterwardsOf } from '../record/afterwards.ts';
import { readOutput } from '../record/read-output.ts';
import type { RedisClient } from '../redis/connect.ts';
import { createDeleted, createLate } from './beside.ts';
import { createExclusive } from './exclusive.ts';
import { createIndex, type HistoryIndex } from './index.ts';
import { type KeepUpParts, type KeepUpTimes, startKeepUp } from './keep-up.ts';

type Of = Pick<Base, 'journal' | 'leases' | 'owner' | 'log'> & {
  readonly afterwardsOf: AfterwardsOf;
  readonly config: Pick<Base['config'], 'data' | 'record'>;
};

/** Opens no file yet. */
export async function openHistory({ config, journal, leases, owner, log, afterwardsOf }: Of): Promise<KeepUpParts> {
  const file = join(config.data, 'index', 'history.db');
  const index = createIndex({
    file,
    store: await journal.storeId(),
    exclusive: createExclusive(leases, file, owner),
    onRebuild: (why) => log.info({ file, why }, 'the history is begun anew; the journals are the truth'),
  });
  return {
    journal,
    index,
    log,
    afterwardsOf,
    outputText: (output, maxBytes) => readOutput(config.record, { ...output, dropped: 0 }, maxBytes),
  };
}

export type KeptHistory = { readonly index: HistoryIndex; close(): Promise<void> };

/** Kept up beside everything else. `redis`: a connection of the role `blocking`, for this alone. */
export async function keepHistory(of: Of & Pick<Base, 'runs' | 'register'>, redis: RedisClient, times?: KeepUpTimes): Promise<KeptHistory> {
  const parts = await openHistory(of);
  // The place first, and what is there by then after it: nothing falls between.
  const from = await feedEnd(redis);
  const stop = new AbortController();
  const keepUp = startKeepUp({ ...parts, deleted: createDeleted(of.runs), late: createLate(of.register) }, times);
  const following = followFeed({ redis, from, signal: stop.signal, log: of.log, onNews: (news) => keepUp.news(news) });
  return {
    index: parts.index,
    async close() {
      stop.abort();
      await following;
      await keepUp.close();
    },
  };
}
