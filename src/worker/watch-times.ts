/** When what a step awaits is looked at again, and how the queue calls that look. Pure. */
import type { Until } from '../procedure/model.ts';
import type { Start } from '../run/start.ts';

/**
 * Equal pauses, or such that double as long as a pause is no more than half of what was waited already. Steps rather than a curve: everybody who
 * looks again about then must mean the same job (see `slotOf` in work.ts). Milliseconds.
 */
export function pauseOf({ everySeconds, growingToSeconds = everySeconds }: Until, waitedMs: number): number {
  let pause = everySeconds * 1000;
  while (2 * pause <= Math.min(growingToSeconds * 1000, waitedMs / 2)) pause *= 2;
  return pause;
}

/** The queue's name for the next look at what a step awaits on a host. */
export function watchKey(step: string, start: Start): string {
  return `watch-${step}-${start.host}-${start.attempt}`;
}
