/**
 * Posts again what is missing from a thread. The bookkeeping is made to say `posting` of it, as of a message of unknown fate, so that whoever posts it
 * looks first whether it stands there (deliver.ts, M1): nothing is posted twice. A bot that runs does it; where none does, it is done here, under the
 * bot's own lease.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { nothingAttached } from './attaching.ts';
import { createBudget, LIMITS, type Limits } from './budget.ts';
import type { Message } from '../views/index.ts';
import { type Courier, contentDigest, type FileContent } from './courier.ts';
import { createLeading } from './leading.ts';
import { createLedger } from './ledger.ts';
import type { Lease, RunReader, SlackWeb, ThreadStore } from './ports.ts';
import { type Memory, type Pass, reconcile } from './reconcile.ts';

export type RepostOptions = {
  readonly web: SlackWeb;
  readonly journal: Pick<RunReader, 'readRun' | 'lastLive'>;
  readonly notes: ThreadStore;
  readonly leases: Lease;
  readonly fileContent: FileContent;
  readonly log: Logger;
  readonly workspace: string;
  readonly limits?: Partial<Limits>;
  /** Tells whoever follows the feed to look at the run. */
  readonly nudge: (run: string, seq: number) => Promise<unknown>;
  /** For how long it is tried, in milliseconds. */
  readonly patienceMs?: number;
};

export type Missing = {
  readonly key: string;
  readonly channel: string;
  /** When it may have been posted first, milliseconds since 1970. */
  readonly since: number;
};

/** What stands there and the bookkeeping does not know: without it whoever posts would post it a second time. */
export type Unkept = { readonly message: Message; readonly channel: string; readonly ts: string };

/** `missing`: to be posted. */
export type RepostOrder = {
  readonly run: string;
  readonly seq: number;
  readonly missing: readonly Missing[];
  readonly unkept: readonly Unkept[];
};

export type Reposted = {
  readonly posted: readonly string[];
  /** Keys with why they were not posted. */
  readonly left: readonly { readonly key: string; readonly why: string }[];
};

const LOOK_MS = 500;
const PATIENCE_MS = 120_000;

/** Resolves when they stand there, or when Slack refuses them, or after the patience. Only for a run whose journal is sound. */
export async function repost(options: RepostOptions, order: RepostOrder): Promise<Reposted> {
  const { run, seq, missing } = order;
  await mark(options, order);
  await options.nudge(run, seq);
  const { leases, log, workspace } = options;
  const leading = createLeading({ leases, name: `outbox-${workspace}`, owner: randomUUID(), log, onBegin: () => undefined });
  leading.start();
  try {
    return await until(options, run, missing, leading.leads);
  } finally {
    await leading.stop();
  }
}

/** A first message that is gone begins a new thread (reconcile.ts, R4); replies that stand under the old one stay there. */
async function mark({ notes }: RepostOptions, { run, missing, unkept }: RepostOrder): Promise<void> {
  const ledger = createLedger(notes, run);
  // With the digest of what it should be: it stays as it stands.
  for (const { message, channel, ts } of unkept)
    await ledger.write(message.key, { state: 'posted', channel, ts, digest: contentDigest(message) });
  for (const { key, channel, since } of missing) await ledger.write(key, { state: 'posting', channel, since });
  // Also a bot that starts later, and did not hear of it, finds that there is something to do.
  await ledger.showed(0);
}

async function until(options: RepostOptions, run: string, missing: readonly Missing[], leads: () => boolean): Promise<Reposted> {
  const end = Date.now() + (options.patienceMs ?? PATIENCE_MS);
  const stop = new AbortController();
  const courier = courierOf(options, leads, stop.signal);
  const memory: Memory = {
    updatedAt: new Map(),
    seenAt: new Map(),
    kept: new Map(),
    plans: new Map(),
    linked: new Set(),
    files: nothingAttached(),
  };
  for (;;) {
    const pass = leads() ? await onePass(options, run, courier, memory) : undefined;
    const there = await createLedger(options.notes, run).entries();
    const posted = missing.filter(({ key }) => there.get(key)?.state === 'posted').map(({ key }) => key);
    const left = missing.filter(({ key }) => !posted.includes(key));
    const refused = pass?.parked ?? [];
    const isOver = left.length === 0 || Date.now() > end || (pass?.done === true && refused.length > 0);
    if (isOver) {
      stop.abort();
      await memory.files.running;
      return { posted, left: left.map(({ key }) => ({ key, why: refused.find((each) => each.key === key)?.why ?? LATE })) };
    }
    await delay(Math.min(pass?.again ?? LOOK_MS, LOOK_MS));
  }
}

const LATE = 'it does not stand there yet; the bot goes on trying';

function courierOf({ web, limits, log, fileContent }: RepostOptions, mayAct: () => boolean, stop: AbortSignal): Courier {
  return { web, budget: createBudget(), limits: { ...LIMITS, ...limits }, fileContent, log, now: Date.now, mayAct, told: new Set(), stop };
}

function onePass({ journal, notes }: RepostOptions, run: string, courier: Courier, memory: Memory): Promise<Pass> {
  return reconcile({ run, courier, journal, notes, live: [], memory, wake: () => undefined, onRewind: () => undefined });
}
