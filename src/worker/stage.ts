/**
 * Carries the bytes of a copy to their host, beside their place. It goes on while jobs come and go; whoever asks again joins it.
 *
 * Invariants
 * G1 One transfer an attempt in this process; another process may do the same at the same time, and the sum on the host tells whether what
 *    arrived is whole.
 * G2 Nothing here puts a file in its place: that is the attempt.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Copied, Files } from '../ssh/files.ts';
import type { Carried } from './prepare.ts';

export type Staged = Copied | { readonly kind: 'running' };

export interface Stager {
  /** Begins the transfer or joins it; comes back with its end, or with `running` when the time is over. `onProgress` is told bytes and total. */
  stage(key: string, carried: Carried, watch: StageWatch): Promise<Staged>;
  /** What a transfer that goes on was begun with: its source need not be looked at again. */
  going(key: string): Carried | undefined;
  /** Stops a transfer; no part of it is taken for the file. */
  abandon(key: string): void;
  close(): Promise<void>;
}

export type StageWatch = {
  readonly budgetMs: number;
  readonly onProgress: (bytes: number, total: number) => void;
  /** Aborted: whoever watches has something else to decide; the transfer goes on. */
  readonly signal: AbortSignal;
};

const RUNNING: Staged = { kind: 'running' };

type Going = { readonly carried: Carried; readonly ended: Promise<Copied>; readonly stop: AbortController; tell: StageWatch['onProgress'] };

export function createStager(files: Pick<Files, 'copy'>): Stager {
  const going = new Map<string, Going>();

  function begin(key: string, carried: Carried): Going {
    const stop = new AbortController();
    const entry: Going = {
      carried,
      stop,
      tell: () => undefined,
      ended: files
        .copy({ ...carried.transfer, signal: stop.signal, onProgress: (bytes, total) => entry.tell(bytes, total) })
        .finally(() => going.delete(key)),
    };
    going.set(key, entry);
    return entry;
  }

  return {
    async stage(key, carried, { budgetMs, onProgress, signal }) {
      const entry = going.get(key) ?? begin(key, carried);
      entry.tell = onProgress;
      const over = new AbortController();
      const left = delay(budgetMs, RUNNING, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => RUNNING);
      try {
        return await Promise.race([entry.ended, left]);
      } finally {
        over.abort();
      }
    },
    going: (key) => going.get(key)?.carried,
    abandon: (key) => going.get(key)?.stop.abort(),
    async close() {
      const all = [...going.values()];
      for (const entry of all) entry.stop.abort();
      await Promise.all(all.map(({ ended }) => ended.catch(() => undefined)));
    },
  };
}
