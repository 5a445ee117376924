/**
 * Where the list of runs and the register ended when this machine last saw them: `runs-head.json` and `register-head.json` in the data folder, which
 * whoever writes to Redis cannot reach. So a process that starts notices that one of them was cut while none ran.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../archive/durable.ts';
import { codeOf } from '../errors.ts';
import type { Head } from './stored.ts';

export const WITNESS_FILES = { runs: 'runs-head.json', register: 'register-head.json' } as const;

const headSchema = z.strictObject({ seq: z.number().int().positive(), hash: z.string() });

export type Witness = {
  /** Undefined where nothing was seen yet. Throws for a file that cannot be read or holds something else. */
  readonly seen: () => Promise<Head | undefined>;
  /** Remembers a place that lies further on. */
  readonly note: (head: Head) => Promise<void>;
};

/** `folder`: `config.data`. */
export function createWitness(folder: string, log: keyof typeof WITNESS_FILES): Witness {
  const path = join(folder, WITNESS_FILES[log]);
  let reached = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function seen(): Promise<Head | undefined> {
    try {
      return headSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  return {
    seen,
    note: ({ seq, hash }) => {
      const mine = last.then(async () => {
        if (seq <= reached) return;
        // Another process of this machine may be further on.
        const known = await seen().catch(() => undefined);
        if (known === undefined || known.seq < seq) await writeDurably(path, JSON.stringify({ seq, hash }));
        reached = seq;
      });
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
