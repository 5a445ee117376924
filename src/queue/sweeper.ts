/**
 * The sweeper: makes nudges again from the journals. Queue and timers may be lost with Redis, or stay with a process that was killed;
 * a run never waits for them longer than one sweep.
 *
 * W1. One sweep at a time; the first at once.
 * W2. A run that somebody drives is left alone.
 * W3. A sweep's nudge has a name of its own, so that a job that hangs under an old name cannot stand in its way; but no second one is added
 *     while the last still waits.
 * W4. A run that cannot be read is told and passed over; the others are looked at all the same. A reason that stays is told once.
 */
import type { Logger } from 'pino';
import { explain } from '../errors.ts';
import type { Nudges } from './nudges.ts';

/** When a run wants to be looked at; `at` is milliseconds since 1970. */
export type Due = 'now' | 'nothing' | { readonly at: number };

export type SweeperOptions = {
  readonly openRuns: () => Promise<readonly string[]>;
  readonly due: (run: string) => Promise<Due>;
  readonly isBeating: (run: string) => Promise<boolean>;
  readonly nudges: Pick<Nudges, 'nudge' | 'isPending'>;
  readonly intervalMs: number;
  readonly now: () => number;
  readonly log: Logger;
  /** Unique to this process, without a colon. */
  readonly name: string;
  /** Called after each sweep, whatever became of it. */
  readonly onSwept?: () => void;
};

export type Sweeper = {
  /** One sweep now, or the one that is under way. */
  readonly sweep: () => Promise<void>;
  /** No more sweeps; settles when the last is through. */
  readonly stop: () => Promise<void>;
};

const batch = 16;

export function startSweeper(options: SweeperOptions): Sweeper {
  const { intervalMs, log } = options;
  const lastKeys = new Map<string, string>();
  const tell = createTeller(log);
  let count = 0;
  let stopped = false;
  let current: Promise<void> | undefined;
  const sweep = (): Promise<void> => {
    current ??= sweepAll(options, { lastKeys, tell, count: ++count, stopped: () => stopped })
      .then(() => tell.sweep(undefined), tell.sweep)
      .finally(() => {
        current = undefined;
        options.onSwept?.();
      });
    return current;
  };
  const timer = setInterval(sweep, intervalMs);
  void sweep();
  return {
    sweep,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await current;
    },
  };
}

type Teller = {
  readonly sweep: (error: unknown) => void;
  readonly run: (run: string, error: unknown) => void;
  /** Forgets the runs that are not open any more. */
  readonly keep: (open: ReadonlySet<string>) => void;
};

/** Tells a reason when it is new; `undefined`: all is well again. */
function createTeller(log: Logger): Teller {
  const runs = new Map<string, string>();
  let sweeps: string | undefined;
  return {
    sweep(error) {
      const reason = error === undefined ? undefined : explain(error);
      if (reason === undefined && sweeps !== undefined) log.info('sweeps of the open runs go through again');
      if (reason !== undefined)
        log[reason === sweeps ? 'debug' : 'warn']({ reason }, 'a sweep of the open runs failed; trying again every few seconds');
      sweeps = reason;
    },
    run(run, error) {
      const reason = error === undefined ? undefined : explain(error);
      if (reason === undefined) return void runs.delete(run);
      log[reason === runs.get(run) ? 'debug' : 'error']({ run, reason }, 'a run could not be looked at');
      runs.set(run, reason);
    },
    keep(open) {
      for (const run of runs.keys()) if (!open.has(run)) runs.delete(run);
    },
  };
}

type Sweep = {
  readonly lastKeys: Map<string, string>;
  readonly tell: Teller;
  readonly count: number;
  readonly stopped: () => boolean;
};

async function sweepAll(options: SweeperOptions, sweep: Sweep): Promise<void> {
  const { lastKeys, stopped } = sweep;
  const runs = await options.openRuns();
  const open = new Set(runs);
  for (const run of lastKeys.keys()) if (!open.has(run)) lastKeys.delete(run);
  sweep.tell.keep(open);
  for (let from = 0; from < runs.length && !stopped(); from += batch) {
    await Promise.all(
      runs.slice(from, from + batch).map((run) =>
        sweepOne(options, sweep, run).then(
          () => sweep.tell.run(run, undefined),
          (error: unknown) => sweep.tell.run(run, error),
        ),
      ),
    );
  }
}

async function sweepOne(options: SweeperOptions, { lastKeys, count }: Sweep, run: string): Promise<void> {
  const { due, isBeating, nudges, now } = options;
  if (await isBeating(run)) return;
  const when = await due(run);
  if (when === 'nothing') return;
  if (when !== 'now' && when.at > now()) return await nudges.nudge(run, `timer.${when.at}`, { delayMs: when.at - now() });
  const last = lastKeys.get(run);
  if (last !== undefined && (await nudges.isPending(run, last))) return;
  const key = `sweep.${options.name}.${count}`;
  lastKeys.set(run, key);
  await nudges.nudge(run, key);
}
