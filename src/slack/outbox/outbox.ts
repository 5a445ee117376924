/**
 * The outbox: the one writer to Slack's channels. It makes each run's thread show the run's journal and is woken by the journals' feed.
 *
 * Owns: the lease (one outbox leads a workspace), which run is looked at when. Leaves: one thread (reconcile.ts), one message (deliver.ts).
 *
 * Invariants
 * O1 Within a process a thread is worked on by one pass at a time; what happens meanwhile makes one more pass.
 * O2 Without the lease nothing is sent; a lease that could not be renewed is no lease.
 * O3 Nothing is remembered here that is not in the ledger or the journal, but waiting times.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { explain } from '../../errors.ts';
import type { Live } from '../ports.ts';
import { createBudget, LIMITS, type Limits } from './budget.ts';
import type { Courier } from './deliver.ts';
import { createLedger } from './ledger.ts';
import type { FeedNews, Lease, RunReader, SlackWeb, ThreadStore } from './ports.ts';
import { type Pass, reconcile } from './reconcile.ts';

export type OutboxOptions = {
  readonly web: SlackWeb;
  readonly journal: RunReader;
  readonly notes: ThreadStore;
  readonly leases: Lease;
  readonly log: Logger;
  /** One outbox leads for this word: the workspace's id. */
  readonly workspace: string;
  readonly owner?: string;
  readonly limits?: Partial<Limits>;
  /** The thread has seen events that the journal no longer holds. Nothing more is posted for that run. */
  readonly onRewind?: (run: string, seen: number, head: number) => void;
};

export interface Outbox {
  /** Returns at once; leads as soon as the lease is free. */
  start(): void;
  /** Lets the call in flight end and gives the lease back. */
  close(): Promise<void>;
  /** Link to the top card, once it stands. */
  permalink(run: string): Promise<string | undefined>;
  health(): Health;
}

export type Health = {
  readonly leads: boolean;
  /** Threads that do not show their journal yet. */
  readonly behind: number;
  readonly parked: readonly { readonly run: string; readonly key: string; readonly why: string }[];
};

const LEASE_MS = 3_000;
const RENEW_MS = 1_000;
const SWEEP_MS = 30_000;
const FINISHED_LOOKED_AT = 50;
const TROUBLE_MS = 2_000;

type Slot = {
  busy: boolean;
  dirty: boolean;
  timer: NodeJS.Timeout | undefined;
  pass: Pass | undefined;
  readonly updatedAt: Map<string, number>;
  readonly live: Map<string, Live>;
};

export function createOutbox(options: OutboxOptions): Outbox {
  const { journal, notes, leases, log } = options;
  const owner = options.owner ?? randomUUID();
  const lease = `outbox-${options.workspace}`;
  const limits = { ...LIMITS, ...options.limits };
  const courier: Courier = { web: options.web, budget: createBudget(), limits, log, now: Date.now, mayAct: () => leads() };
  const slots = new Map<string, Slot>();
  const rewound = new Set<string>();
  const passes = new EventEmitter();
  const stop = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let leadsUntil = 0;
  let following: Promise<void> = Promise.resolve();
  let unlisten = (): void => undefined;

  const leads = (): boolean => Date.now() < leadsUntil && !stop.signal.aborted;

  function slotOf(run: string): Slot {
    const known = slots.get(run);
    if (known !== undefined) return known;
    const slot: Slot = { busy: false, dirty: false, timer: undefined, pass: undefined, updatedAt: new Map(), live: new Map() };
    slots.set(run, slot);
    return slot;
  }

  /** O1. */
  function wake(run: string): void {
    const slot = slotOf(run);
    slot.dirty = true;
    if (!slot.busy && leads()) void work(run, slot);
  }

  async function work(run: string, slot: Slot): Promise<void> {
    slot.busy = true;
    clearTimeout(slot.timer);
    while (slot.dirty && leads()) {
      slot.dirty = false;
      const again = await onePass(run, slot);
      if (again === 0) slot.dirty = true;
      else if (again !== undefined) slot.timer = setTimeout(() => wake(run), again);
    }
    slot.busy = false;
    passes.emit('pass');
    if (slot.pass?.ended === true && slot.pass.again === undefined && !slot.dirty) slots.delete(run);
  }

  async function onePass(run: string, slot: Slot): Promise<number | undefined> {
    try {
      if (rewound.has(run)) return undefined;
      slot.pass = await reconcile({
        run,
        courier,
        journal,
        notes,
        live: () => [...slot.live.values()],
        updatedAt: slot.updatedAt,
        onRewind,
      });
      return slot.pass.again;
    } catch (error) {
      log.warn({ run, reason: explain(error) }, 'a thread could not be brought up to date; trying again');
      return TROUBLE_MS;
    }
  }

  function onRewind(run: string, seen: number, head: number): void {
    rewound.add(run);
    options.onRewind?.(run, seen, head);
  }

  function onLive(live: Live): void {
    slotOf(live.run).live.set(`${live.step} ${live.host} ${live.attempt}`, live);
    wake(live.run);
  }

  async function onNews(news: FeedNews): Promise<void> {
    if (news.kind === 'gap') return sweep();
    for (const entry of news.entries) wake(entry.run);
  }

  async function lead(): Promise<void> {
    const before = leads();
    try {
      const held = before ? await leases.renew(lease, owner, LEASE_MS) : (await leases.acquire(lease, owner, LEASE_MS)).kind === 'held';
      leadsUntil = held ? Date.now() + LEASE_MS - 500 : 0;
    } catch (error) {
      log.debug({ reason: explain(error) }, 'the lease of the outbox could not be asked for');
    }
    if (!before && leads()) await sweep();
  }

  /** Every open thread, and the ended ones that were left behind. */
  async function sweep(): Promise<void> {
    if (!leads()) return;
    try {
      for (const run of await journal.openRuns()) wake(run);
      for (const run of await journal.finishedRuns(FINISHED_LOOKED_AT)) if (await isBehind(run)) wake(run);
    } catch (error) {
      log.warn({ reason: explain(error) }, 'the threads could not be looked through; trying again');
    }
  }

  async function isBehind(run: string): Promise<boolean> {
    const { state } = await journal.readRun(run);
    return (await createLedger(notes, run).projected()) < state.seq;
  }

  return {
    start() {
      timers.push(
        setInterval(() => void lead(), RENEW_MS),
        setInterval(() => void sweep(), SWEEP_MS),
      );
      unlisten = journal.onLive(onLive);
      following = journal.followFeed('now', onNews, stop.signal);
      void lead();
    },
    async close() {
      stop.abort();
      unlisten();
      for (const timer of timers) clearInterval(timer);
      for (const slot of slots.values()) clearTimeout(slot.timer);
      while ([...slots.values()].some((slot) => slot.busy)) await new Promise((resolve) => passes.once('pass', resolve));
      await following;
      await leases.release(lease, owner);
    },
    permalink: (run) => permalinkOf(options, run),
    health: () => ({
      leads: leads(),
      behind: [...slots.values()].filter((slot) => slot.dirty || slot.busy || slot.pass?.again !== undefined).length,
      parked: [...slots].flatMap(([run, slot]) => (slot.pass?.parked ?? []).map((parked) => ({ run, ...parked }))),
    }),
  };
}

async function permalinkOf(options: OutboxOptions, run: string): Promise<string | undefined> {
  const card = (await createLedger(options.notes, run).entries()).get('card');
  if (card === undefined || card.state === 'posting') return undefined;
  const answer = await options.web.permalink({ channel: card.channel, ts: card.ts });
  return answer.kind === 'done' ? answer.value : undefined;
}
