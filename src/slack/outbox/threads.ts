/**
 * Which thread is looked at when.
 *
 * T1 Within a process a thread is worked on by one pass at a time; what happens meanwhile makes one more pass.
 * T2 Without the lease nothing is begun and nothing is kept: whoever leads next looks at every thread that is behind.
 * T3 Nothing is remembered here that is not in the ledger or the journal, but waiting times.
 */
import { EventEmitter, once } from 'node:events';
import type { Logger } from 'pino';
import { explain } from '../../errors.ts';
import { isDamage } from '../../journal/lost.ts';
import type { Live } from '../ports.ts';
import { nothingAttached } from './attaching.ts';
import type { Memory, Parked, Pass } from './reconcile.ts';

export interface Threads {
  wake(run: string): void;
  /** Something is printed now; many of them make one pass. */
  show(live: Live): void;
  /** Resolves when the thread shows its journal, or only what Slack refuses is left. */
  quiet(run: string): Promise<void>;
  behind(): number;
  /** For how long the thread that is longest behind its journal has been; milliseconds, 0 where none is. */
  lagMs(): number;
  parked(): readonly (Parked & { readonly run: string })[];
  /** Ends the timers and waits for the passes under way, and for the files that are being brought. */
  stop(): Promise<void>;
}

export type ThreadsOptions = {
  readonly leads: () => boolean;
  readonly pass: (run: string, live: readonly Live[], memory: Memory) => Promise<Pass>;
  readonly log: Logger;
  /** The thread shows everything and nothing more will come. */
  readonly onShown: (run: string) => void;
};

/** Live tails that come within this make one pass. */
const LIVE_MS = 500;
const TROUBLE_MS = 1_000;
const TROUBLE_MOST_MS = 30_000;

type Slot = {
  busy: boolean;
  dirty: boolean;
  troubles: number;
  timer: NodeJS.Timeout | undefined;
  liveTimer: NodeJS.Timeout | undefined;
  /** Printed since the last pass began. */
  unshown: boolean;
  /** Nothing that is printed can be shown before this; milliseconds since 1970. */
  liveFrom: number;
  pass: Pass | undefined;
  /** Since when it does not show its journal; milliseconds since 1970. */
  behindSince: number | undefined;
  readonly memory: Memory;
  readonly live: Map<string, Live>;
};

export function createThreads({ leads, pass, log, onShown }: ThreadsOptions): Threads {
  const slots = new Map<string, Slot>();
  const passes = new EventEmitter().setMaxListeners(0);

  function slotOf(run: string): Slot {
    const slot = slots.get(run) ?? newSlot();
    slots.set(run, slot);
    return slot;
  }

  function wake(run: string): void {
    if (!leads()) return;
    const slot = slotOf(run);
    slot.dirty = true;
    slot.behindSince ??= Date.now();
    if (!slot.busy) void work(run, slot);
  }

  async function work(run: string, slot: Slot): Promise<void> {
    slot.busy = true;
    while (slot.dirty && leads()) {
      slot.dirty = false;
      clearTimeout(slot.timer);
      clearTimeout(slot.liveTimer);
      slot.liveTimer = undefined;
      slot.unshown = false;
      const again = await onePass(run, slot);
      if (slot.unshown) showLater(run, slot);
      if (again === 0) slot.dirty = true;
      else if (again !== undefined) slot.timer = setTimeout(() => wake(run), again);
    }
    slot.busy = false;
    leave(run, slot);
    passes.emit('pass');
  }

  async function onePass(run: string, slot: Slot): Promise<number | undefined> {
    try {
      const before = slot.pass?.parked ?? [];
      const began = Date.now();
      slot.pass = await pass(run, [...slot.live.values()], slot.memory);
      slot.liveFrom = Date.now() + slot.pass.liveIn;
      slot.troubles = 0;
      // What came while it was under way may not be in it.
      if (slot.pass.done) slot.behindSince = slot.dirty ? began : undefined;
      tellParked(log, run, before, slot.pass.parked);
      return slot.pass.again;
    } catch (error) {
      slot.troubles += 1;
      log[isDamage(error) ? 'debug' : 'warn']({ run, reason: explain(error) }, 'a thread could not be brought up to date; trying again');
      return Math.min(TROUBLE_MS * 2 ** (slot.troubles - 1), TROUBLE_MOST_MS);
    }
  }

  /** While a message must not be updated yet, there is nothing to be looked at. */
  function showLater(run: string, slot: Slot): void {
    slot.unshown = true;
    slot.liveTimer ??= setTimeout(
      () => {
        slot.liveTimer = undefined;
        wake(run);
      },
      Math.max(LIVE_MS, slot.liveFrom - Date.now()),
    );
  }

  function leave(run: string, slot: Slot): void {
    const over = slot.pass?.ended === true && slot.pass.again === undefined && slot.troubles === 0 && !slot.dirty;
    if (!over && leads()) return;
    clearTimeout(slot.timer);
    clearTimeout(slot.liveTimer);
    slots.delete(run);
    if (over) onShown(run);
  }

  async function quiet(run: string): Promise<void> {
    for (let slot = slots.get(run); slot !== undefined && !isQuiet(slot); slot = slots.get(run)) await once(passes, 'pass');
  }

  return {
    wake,
    show(live) {
      if (!leads()) return;
      const slot = slotOf(live.run);
      slot.live.set(JSON.stringify([live.step, live.host]), live);
      showLater(live.run, slot);
    },
    quiet,
    behind: () => [...slots.values()].filter((slot) => !isQuiet(slot)).length,
    lagMs: () => Math.max(0, ...[...slots.values()].map(({ behindSince }) => (behindSince === undefined ? 0 : Date.now() - behindSince))),
    parked: () => [...slots].flatMap(([run, slot]) => (slot.pass?.parked ?? []).map((each) => ({ run, ...each }))),
    async stop() {
      for (const slot of slots.values()) {
        clearTimeout(slot.timer);
        clearTimeout(slot.liveTimer);
      }
      while ([...slots.values()].some((slot) => slot.busy)) await once(passes, 'pass');
      await Promise.all([...slots.values()].map((slot) => slot.memory.files.running));
    },
  };
}

function newSlot(): Slot {
  return {
    busy: false,
    dirty: false,
    troubles: 0,
    timer: undefined,
    liveTimer: undefined,
    unshown: false,
    liveFrom: 0,
    pass: undefined,
    behindSince: undefined,
    memory: { updatedAt: new Map(), seenAt: new Map(), kept: new Map(), plans: new Map(), linked: new Set(), files: nothingAttached() },
    live: new Map(),
  };
}

function isQuiet(slot: Slot): boolean {
  return !slot.busy && !slot.dirty && slot.troubles === 0 && (slot.pass?.done ?? true);
}

/** Once for each refusal, however often it is repeated. */
function tellParked(log: Logger, run: string, before: readonly Parked[], now: readonly Parked[]): void {
  for (const { key, why } of now) {
    if (before.some((each) => each.key === key && each.why === why)) continue;
    log.error(
      { run, key, why },
      'Slack does not take a message; the run goes on and the message is tried again. Check the channel and that the app is a member',
    );
  }
}
