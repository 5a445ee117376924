/** How long the event loop was held up of late: a timer that is due every second is as late as whatever kept it. */
const EVERY_MS = 1_000;
const REMEMBERED = 30;

export type EventLoop = {
  /** The longest hold-up of the last half minute, in milliseconds. */
  readonly worstMs: () => number;
  readonly stop: () => void;
};

export function watchEventLoop(): EventLoop {
  const late: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - last - EVERY_MS));
    if (late.length > REMEMBERED) late.shift();
    last = now;
  }, EVERY_MS).unref();
  return { worstMs: () => Math.max(0, performance.now() - last - EVERY_MS, ...late), stop: () => clearInterval(timer) };
}
