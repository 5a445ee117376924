/** Handlers that have not ended: Bolt does not count them, and a shutdown must not cut a durable append from its acknowledgement. */
import { within } from './waiting.ts';

export interface Inflight {
  /** Counts `work` until it settles. Its failure is the caller's. */
  track<T>(work: Promise<T>): Promise<T>;
  /** True when nothing is left; false after `ms` with something still going on. */
  drained(ms: number): Promise<boolean>;
}

export function createInflight(): Inflight {
  const going = new Set<Promise<unknown>>();
  return {
    track(work) {
      const settled = work.then(
        () => undefined,
        () => undefined,
      );
      going.add(settled);
      void settled.then(() => going.delete(settled));
      return work;
    },
    async drained(ms) {
      const all = await within(Promise.all([...going]), ms);
      return all.kind === 'done' && going.size === 0;
    },
  };
}
