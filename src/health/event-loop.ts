/**
 * How much the event loop was held up of late: a timer that is due every second is as late as whatever kept it.
 *
 * One hold-up alone, however long, says little: who hears of it hears it from a process that works again (after the machine was paused and moved,
 * say). One that stutters all the time is another matter. So a single hold-up counts for ten seconds at most.
 */
const EVERY_MS = 1_000;
const WINDOW_MS = 60_000;
const MOST_EACH_MS = 10_000;

export type EventLoop = {
  /** Called every second, as far as the process comes to it. */
  readonly tick: () => void;
  /** How long it was held up in the last minute, in milliseconds. */
  readonly heldUpMs: () => number;
};

/** `now`: milliseconds of any clock that nobody sets. */
export function createEventLoop(now: () => number = () => performance.now()): EventLoop {
  let holdUps: readonly { readonly at: number; readonly ms: number }[] = [];
  let last = now();
  return {
    tick() {
      const at = now();
      const ms = Math.min(Math.max(0, at - last - EVERY_MS), MOST_EACH_MS);
      holdUps = [...holdUps.filter((each) => at - each.at < WINDOW_MS), { at, ms }];
      last = at;
    },
    heldUpMs: () => holdUps.filter(({ at }) => now() - at < WINDOW_MS).reduce((sum, { ms }) => sum + ms, 0),
  };
}

/** Returns how to stop. */
export function watch(eventLoop: EventLoop): () => void {
  const timer = setInterval(eventLoop.tick, EVERY_MS).unref();
  return () => clearInterval(timer);
}
