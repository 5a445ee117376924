/**
 * One process at a time at the file of the index. SQLite in WebAssembly locks by a folder beside the file, which a killed process leaves behind; so
 * whoever uses the file holds a lease in Redis, and under the lease such a folder can only be a left one.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KeyturnError } from '../errors.ts';
import type { Leases } from '../journal/leases.ts';

/** Much longer than any single piece of work, short enough that a killed process blocks nobody for long. */
const LEASE_MS = 5_000;
/** Longer than a lease: one that was left behind has run out by then. */
const PATIENCE_MS = 8_000;

export type Exclusive = <T>(work: () => T) => Promise<T>;

/** `work` is short, and waits for nothing. KeyturnError HISTORY_BUSY where another process does not let go. */
export function createExclusive(leases: Pick<Leases, 'acquire' | 'release'>, file: string, owner: string): Exclusive {
  const name = `history-${createHash('sha256').update(file).digest('hex').slice(0, 16)}`;
  let last: Promise<unknown> = Promise.resolve();
  async function alone<T>(work: () => T): Promise<T> {
    for (const until = Date.now() + PATIENCE_MS; ; ) {
      const lease = await leases.acquire(name, owner, LEASE_MS);
      if (lease.kind === 'held') break;
      if (Date.now() > until) throw busy(file);
      await delay(Math.min(20, Math.max(lease.forMs, 1)));
    }
    try {
      return work();
    } finally {
      await leases.release(name, owner);
    }
  }
  return (work) => {
    const next = last.then(
      () => alone(work),
      () => alone(work),
    );
    last = next;
    return next;
  };
}

function busy(file: string): KeyturnError {
  return new KeyturnError('HISTORY_BUSY', `The history (${file}) is in use by another process of Keyturn`, 'try again in a moment');
}
