/**
 * Brings the files of one thread to Slack beside its passes, one after the other: an upload takes as long as it takes, and the thread goes on meanwhile.
 *
 * F1 Within a process one file of a thread is brought at a time, by a look at the bookkeeping of its own: a pass may have read it earlier.
 * F2 What does not get through is tried again ever more rarely, and nobody waits for it.
 */
import { explain } from '../../errors.ts';
import type { Message } from '../views/index.ts';
import { attach } from './attach.ts';
import type { Delivery } from './courier.ts';
import { createLedger, type Entry, placeOf } from './ledger.ts';
import type { Parked, Thread } from './reconcile.ts';

/** Kept between passes. */
export type Attaching = {
  running: Promise<void> | undefined;
  /** Nothing is to be tried before this; milliseconds of the courier's clock. */
  next: number;
  /** Times without success in a row, by key. */
  readonly failures: Map<string, number>;
  parked: readonly Parked[];
};

export function nothingAttached(): Attaching {
  return { running: undefined, next: 0, failures: new Map(), parked: [] };
}

/** Whoever is woken at the end need not look sooner. */
const BUSY_MS = 5_000;
const AGAIN_MS = 30_000;
const AGAIN_MOST_MS = 600_000;

/** Begins what is to be done; never waits for it. */
export function attachBeside(
  thread: Thread,
  channel: string,
  messages: readonly Message[],
  entries: ReadonlyMap<string, Entry>,
): { readonly waits: readonly number[]; readonly parked: readonly Parked[] } {
  const { courier, memory } = thread;
  const { files } = memory;
  const missing = messages.filter((message) => isMissing(message, entries));
  if (missing.length === 0 || placeOf(entries.get('card')) === undefined) return { waits: [], parked: [] };
  const parked = files.parked.filter(({ key }) => missing.some((message) => message.key === key));
  const early = files.next - courier.now();
  if (files.running === undefined && early > 0)
    return parked.length === missing.length ? { waits: [], parked } : { waits: [early], parked };
  files.running ??= bringAll(thread, channel, missing).finally(() => {
    files.running = undefined;
    thread.wake();
  });
  return { waits: [BUSY_MS], parked };
}

function isMissing({ key, file }: Message, entries: ReadonlyMap<string, Entry>): boolean {
  const entry = entries.get(key);
  return file !== undefined && (entry === undefined || entry.state === 'posting');
}

/** Never rejects. */
async function bringAll(thread: Thread, channel: string, missing: readonly Message[]): Promise<void> {
  const { courier, memory } = thread;
  const { files } = memory;
  const waits: number[] = [];
  const parked: Parked[] = [];
  for (const message of missing) {
    const delivery = await bring(thread, channel, message);
    if (delivery.kind === 'wait') waits.push(delivery.ms);
    if (delivery.kind === 'delivered') files.failures.delete(message.key);
    if (delivery.kind !== 'parked' && delivery.kind !== 'threadGone') continue;
    const failures = (files.failures.get(message.key) ?? 0) + 1;
    files.failures.set(message.key, failures);
    parked.push({ key: message.key, why: delivery.why });
    waits.push(Math.min(AGAIN_MS * 2 ** (failures - 1), AGAIN_MOST_MS));
  }
  files.parked = parked;
  files.next = courier.now() + (waits.length === 0 ? 0 : Math.min(...waits));
}

/** F1. */
async function bring({ run, courier, notes }: Thread, channel: string, message: Message): Promise<Delivery> {
  try {
    const ledger = createLedger(notes, run);
    const entries = await ledger.entries();
    if (!isMissing(message, entries)) return { kind: 'delivered' };
    const thread = placeOf(entries.get('card'))?.ts;
    return await attach(courier, ledger, entries.get(message.key), { run, channel, thread, message });
  } catch (error) {
    return { kind: 'parked', why: explain(error) };
  }
}
