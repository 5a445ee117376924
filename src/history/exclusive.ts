/**
 * One process at a time at the file of the index. SQLite in WebAssembly locks by a folder beside the file, which a killed process leaves behind; so
 * whoever uses the file holds a lease in Redis, and under the lease such a folder can only be a left one.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KeyturnError } from '../errors.ts';
import type { Leases } from '../journal/leases.ts';

/** Ten times the longest piece of work on a slow and busy machine, and short enough that a process killed in the midst of one blocks nobody for long. */
const LEASE_MS = 15_000;
/** Longer than a lease: one that was left behind has run out by then. */
const PATIENCE_MS = 20_000;

/** `alone`: nobody else can have been at it meanwhile. False after a process stood still for longer than its lease. */
export type Done<T> = { readonly value: T; readonly alone: boolean };
/** `work` is short, and waits for nothing. KeyturnError HISTORY_BUSY where another process does not let go. */
export type Exclusive = <T>(work: () => T) => Promise<Done<T>>;

export type ExclusiveTimes = { readonly leaseMs: number; readonly patienceMs: number };

export function createExclusive(
  leases: Pick<Leases, 'acquire' | 'release'>,
  file: string,
  owner: string,
  { leaseMs, patienceMs }: ExclusiveTimes = { leaseMs: LEASE_MS, patienceMs: PATIENCE_MS },
): Exclusive {
  const name = leaseOf(file);
  let last: Promise<unknown> = Promise.resolve();
  async function held<T>(work: () => T): Promise<Done<T>> {
    for (const until = Date.now() + patienceMs; ; ) {
      const lease = await leases.acquire(name, owner, leaseMs);
      if (lease.kind === 'held') break;
      if (Date.now() > until) throw historyBusy(file);
      await delay(Math.min(20, Math.max(lease.forMs, 1)));
    }
    let value: T;
    try {
      value = work();
    } catch (error) {
      await leases.release(name, owner).catch(() => undefined);
      throw error;
    }
    return { value, alone: await leases.release(name, owner) };
  }
  return (work) => {
    const next = last.then(
      () => held(work),
      () => held(work),
    );
    last = next;
    return next;
  };
}

/** The name of the lease under which a file is used. */
export function leaseOf(file: string): string {
  return `history-${createHash('sha256').update(file).digest('hex').slice(0, 16)}`;
}

export function historyBusy(file: string): KeyturnError {
  return new KeyturnError('HISTORY_BUSY', `The history (${file}) is in use by another process of Keyturn`, 'try again in a moment');
}
