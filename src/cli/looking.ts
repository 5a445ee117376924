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
import { createRegister } from '../journal/register.ts';
import { type AfterwardsOf, createAfterwards } from '../record/afterwards.ts';
import { type RunEvent, runEventSchema } from '../run/events.ts';
import { progressTo } from './progress.ts';
import type { Store } from './store.ts';
import type { CliWorld } from './world.ts';

export type Looking = {
  readonly journal: Journal<RunEvent>;
  /** Of a run's thread, as it is on record; Slack is not asked. */
  permalinkOf(run: string): Promise<string | undefined>;
  /** What came after the end of a run. */
  readonly afterwardsOf: AfterwardsOf;
};

/** What came after the end of a run, from the register. */
export function afterwardsIn({ redis, keyFor }: Pick<Store, 'redis' | 'keyFor'>): AfterwardsOf {
  const sealing = keyFor('register');
  return createAfterwards({ register: createRegister({ redis, key: sealing }), sealing });
}

export function lookingAt({ config, redis, keyFor }: Store): Looking {
  const archive = createArchive(config.record);
  const notes = createNotes(redis, archive);
  return {
    journal: createJournal({ redis, decode: (value) => runEventSchema.parse(value), key: keyFor('journal'), archive }),
    permalinkOf: (run) => notes.thread(run).get('permalink'),
    afterwardsOf: afterwardsIn({ redis, keyFor }),
  };
}

/** So long journals are read before an answer is given with what is there; the next call reads on. */
const READ_MS = 60_000;

export type Searching = {
  readonly query: Query;
  readonly limit: number;
  /** Read every journal first, however long it takes. */
  readonly wait: boolean;
  /** Only runs that one of these approved. */
  readonly approvers?: readonly string[];
};

/** Reads journals that the history lacks first. Whoever has the key file reads everything. */
export async function searchHere(
  world: CliWorld,
  { config, redis, log }: Store,
  { journal, afterwardsOf }: Looking,
  { query, limit, wait, approvers }: Searching,
): Promise<Page> {
  // Beside the answer, so that a program finds nothing but JSON in it.
  const progress = progressTo(world.complain, TELL_MS);
  const onProgress = (done: number, of: number): void => progress(() => `Reading journals into the history: ${done} of ${of}`);
  const parts = await openHistory({ config, journal, leases: createLeases(redis), owner: randomUUID(), log, afterwardsOf });
  await catchUp({ ...parts, onProgress }, wait ? undefined : AbortSignal.timeout(READ_MS));
  return parts.index.search(query, { mayRead: () => true, accounts: [] }, limit, approvers);
}

/** Somebody waits for an answer. */
const TELL_MS = 2_000;
