/** What the commands that look back stand on: the journals, their threads' links and the history, whether the bot runs or not. */
import { randomUUID } from 'node:crypto';
import { createArchive } from '../archive/files.ts';
import type { Page } from '../history/index.ts';
import { catchUp } from '../history/keep-up.ts';
import { openHistory } from '../history/open.ts';
import type { Query } from '../history/query.ts';
import { createJournal, type Journal } from '../journal/journal.ts';
import { createLeases } from '../journal/leases.ts';
import { createNotes } from '../journal/notes.ts';
import { createRegister, registerTexts } from '../journal/register.ts';
import { type AfterwardsOf, createAfterwards } from '../record/afterwards.ts';
import { type RunEvent, runEventSchema } from '../run/events.ts';
import type { Store } from './store.ts';

export type Looking = {
  readonly journal: Journal<RunEvent>;
  /** Of a run's thread, as it is on record; Slack is not asked. */
  permalinkOf(run: string): Promise<string | undefined>;
  /** What came after the end of a run. */
  readonly afterwardsOf: AfterwardsOf;
};

export function lookingAt({ config, redis, keyFor }: Store): Looking {
  const archive = createArchive(config.record);
  const notes = createNotes(redis, archive);
  return {
    journal: createJournal({ redis, decode: (value) => runEventSchema.parse(value), key: keyFor('journal'), archive }),
    permalinkOf: (run) => notes.thread(run).get('permalink'),
    afterwardsOf: createAfterwards({
      texts: () => registerTexts(redis),
      head: createRegister({ redis, key: keyFor('register') }).head,
      sealing: keyFor('register'),
    }),
  };
}

/** Reads journals that the history lacks first. Whoever has the key file reads everything. `approvers`: only runs that one of these approved. */
export async function searchHere(
  { config, redis, log }: Store,
  { journal }: Looking,
  query: Query,
  limit: number,
  approvers?: readonly string[],
): Promise<Page> {
  const parts = await openHistory({ config, journal, leases: createLeases(redis), owner: randomUUID(), log });
  try {
    await catchUp(parts);
    return await parts.index.search(query, { mayRead: () => true, accounts: [] }, limit, approvers);
  } finally {
    await parts.index.close();
  }
}
