/**
 * The outbox: the one writer to Slack's channels. It makes each run's thread show the run's journal and is woken by the journals' feed.
 *
 * Owns: what wakes a thread (feed, live tails, taking over, a slow sweep). Leaves: the lease (leading.ts), when a thread is looked at (threads.ts),
 * one thread (reconcile.ts), one message (deliver.ts).
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { explain } from '../../errors.ts';
import { isDamage } from '../../journal/lost.ts';
import { createBudget, LIMITS, type Limits } from './budget.ts';
import type { Courier, FileContent } from './courier.ts';
import { createLeading } from './leading.ts';
import { createLedger, placeOf } from './ledger.ts';
import type { FeedNews, Lease, RunReader, SlackWeb, ThreadStore } from './ports.ts';
import { reconcile } from './reconcile.ts';
import { createThreads } from './threads.ts';

export type OutboxOptions = {
  readonly web: SlackWeb;
  readonly journal: RunReader;
  readonly notes: ThreadStore;
  readonly leases: Lease;
  readonly fileContent: FileContent;
  readonly log: Logger;
  /** One outbox leads for this word: the workspace's id. */
  readonly workspace: string;
  readonly owner?: string;
  readonly limits?: Partial<Limits>;
  /** The thread has seen events that the journal no longer holds. Nothing more is posted for that run. */
  readonly onRewind?: (run: string, seen: number, head: number) => void;
  /** Called after each question for the lease. */
  readonly onBeat?: () => void;
};

export interface Outbox {
  /** Returns at once; leads as soon as the lease is free. */
  start(): void;
  /** Lets the call in flight end and gives the lease back. */
  close(): Promise<void>;
  /** Resolves when the thread of the run shows the journal, or only what Slack refuses is left. Asks for the lease to be held here. */
  settled(run: string): Promise<void>;
  /** Link to the top card, once it stands. */
  permalink(run: string): Promise<string | undefined>;
  /** `ts` of the run's first message; undefined while it is not known to be posted. */
  threadOf(run: string): Promise<string | undefined>;
  health(): Health;
}

export type Health = {
  readonly leads: boolean;
  /** Threads that do not show their journal yet. */
  readonly behind: number;
  /** Milliseconds for which the one that is longest behind has been. */
  readonly lagMs: number;
  readonly parked: readonly { readonly run: string; readonly key: string; readonly why: string }[];
};

const SWEEP_MS = 30_000;
/** Ended runs that are looked at for what was left undone; each only once. */
const FINISHED_LOOKED_AT = 500;

export function createOutbox(options: OutboxOptions): Outbox {
  const { journal, notes, leases, log, workspace } = options;
  const shown = new Set<string>();
  const rewound = new Set<string>();
  const stop = new AbortController();
  let sweeper: NodeJS.Timeout | undefined;
  let following: Promise<void> = Promise.resolve();
  let unlisten = (): void => undefined;

  const leading = createLeading({
    leases,
    name: `outbox-${workspace}`,
    owner: options.owner ?? randomUUID(),
    log,
    onBegin: () => void sweep(),
    ...(options.onBeat === undefined ? {} : { onBeat: options.onBeat }),
  });
  const courier: Courier = {
    web: options.web,
    budget: createBudget(),
    limits: { ...LIMITS, ...options.limits },
    log,
    fileContent: options.fileContent,
    now: Date.now,
    mayAct: leading.leads,
    told: new Set(),
    stop: stop.signal,
  };
  const threads = createThreads({
    leads: leading.leads,
    log,
    onShown: (run) => shown.add(run),
    pass: (run, live, memory) => reconcile({ run, courier, journal, notes, live, memory, wake: () => threads.wake(run), onRewind }),
  });

  function onRewind(run: string, seen: number, head: number): void {
    if (rewound.has(run)) return;
    rewound.add(run);
    options.onRewind?.(run, seen, head);
  }

  function onNews(news: FeedNews): Promise<void> | void {
    if (news.kind === 'gap') return sweep();
    for (const { run } of news.entries) threads.wake(run);
  }

  /** Every open thread, and the ended ones that were left behind. */
  async function sweep(): Promise<void> {
    if (!leading.leads()) return;
    try {
      for (const run of await journal.openRuns()) threads.wake(run);
      for (const run of await journal.finishedRuns(FINISHED_LOOKED_AT)) if (!shown.has(run)) await wakeIfBehind(run);
    } catch (error) {
      log.warn({ reason: explain(error) }, 'the threads could not be looked through; trying again');
    }
  }

  async function wakeIfBehind(run: string): Promise<void> {
    try {
      const { state } = await journal.readRun(run);
      if ((await createLedger(notes, run).projected()) === state.seq) shown.add(run);
      else threads.wake(run);
    } catch (error) {
      log[isDamage(error) ? 'debug' : 'warn']({ run, reason: explain(error) }, 'an ended run could not be read');
    }
  }

  return {
    start() {
      sweeper = setInterval(() => void sweep(), SWEEP_MS);
      unlisten = journal.onLive((live) => threads.show(live));
      following = journal.followFeed('now', onNews, stop.signal);
      leading.start();
    },
    async close() {
      stop.abort();
      unlisten();
      clearInterval(sweeper);
      const released = leading.stop();
      await threads.stop();
      await Promise.all([following, released]);
    },
    settled(run) {
      threads.wake(run);
      return threads.quiet(run);
    },
    permalink: (run) => permalinkOf(options, run),
    threadOf: async (run) => (await postedCard(options, run))?.ts,
    health: () => ({ leads: leading.leads(), behind: threads.behind(), lagMs: threads.lagMs(), parked: threads.parked() }),
  };
}

/** The first message of the thread as it was posted last. */
async function postedCard({ notes }: OutboxOptions, run: string): Promise<{ readonly channel: string; readonly ts: string } | undefined> {
  return placeOf((await createLedger(notes, run).entries()).get('card'));
}

async function permalinkOf(options: OutboxOptions, run: string): Promise<string | undefined> {
  const card = await postedCard(options, run);
  if (card === undefined) return undefined;
  const answer = await options.web.permalink({ channel: card.channel, ts: card.ts });
  return answer.kind === 'done' ? answer.value : undefined;
}
