/**
 * Carries the bytes of a copy to their host, beside their place. It goes on while jobs come and go; whoever asks again joins it.
 *
 * Invariants
 * G1 One transfer an attempt in this process; another process may do the same at the same time, and the sum on the host tells whether what
 *    arrived is whole.
 * G2 Nothing here puts a file in its place: that is the attempt.
 */
import type { Copied, CopyOrder, Files } from '../ssh/files.ts';

export type Staged = Copied | { readonly kind: 'running' };

export interface Stager {
  /** Begins the transfer or joins it; comes back with its end, or with `running` when the time is over. `onProgress` is told bytes and total. */
  stage(key: string, order: Omit<CopyOrder, 'signal' | 'onProgress'>, watch: StageWatch): Promise<Staged>;
  /** Stops a transfer: the part file stays and is never taken for the file. */
  abandon(key: string): void;
  close(): Promise<void>;
}

export type StageWatch = { readonly budgetMs: number; readonly onProgress: (bytes: number, total: number) => void };

type Going = { readonly ended: Promise<Copied>; readonly stop: AbortController; tell: StageWatch['onProgress'] };

export function createStager(files: Pick<Files, 'copy'>): Stager {
  const going = new Map<string, Going>();

  function begin(key: string, order: Omit<CopyOrder, 'signal' | 'onProgress'>): Going {
    const stop = new AbortController();
    const entry: Going = {
      stop,
      tell: () => undefined,
      ended: files
        .copy({ ...order, signal: stop.signal, onProgress: (bytes, total) => entry.tell(bytes, total) })
        .finally(() => going.delete(key)),
    };
    going.set(key, entry);
    return entry;
  }

  return {
    async stage(key, order, { budgetMs, onProgress }) {
      const entry = going.get(key) ?? begin(key, order);
      entry.tell = onProgress;
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<Staged>((resolve) => {
        timer = setTimeout(resolve, budgetMs, { kind: 'running' });
      });
      try {
        return await Promise.race([entry.ended, over]);
      } finally {
        clearTimeout(timer);
      }
    },
    abandon: (key) => going.get(key)?.stop.abort(),
    async close() {
      const all = [...going.values()];
      for (const entry of all) entry.stop.abort();
      await Promise.all(all.map(({ ended }) => ended.catch(() => undefined)));
    },
  };
}
