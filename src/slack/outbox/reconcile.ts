/**
 * Makes one thread show its journal: one pass compares what ought to stand there with what was delivered and makes the calls that are missing.
 *
 * Invariants
 * R1 Posts go out in the order of the journal; one that waits holds back those after it, but not the updates.
 * R2 A message that is not final is updated at most every few seconds; its final content always goes out.
 * R3 `showed` is written only when nothing was left to do.
 */

import type { Live } from '../ports.ts';
import { type Message, thread } from '../views/index.ts';
import { type Courier, contentDigest, type Delivery, post, update } from './deliver.ts';
import { createLedger, type Entry, type Ledger } from './ledger.ts';
import type { RunReader, ThreadStore } from './ports.ts';

export type Pass = {
  /** The journal's sequence number that this pass looked at. */
  readonly seq: number;
  /** Milliseconds until there is something to do again; undefined when the thread shows everything. */
  readonly again: number | undefined;
  readonly parked: readonly { readonly key: string; readonly why: string }[];
  readonly ended: boolean;
};

export type Thread = {
  readonly run: string;
  readonly courier: Courier;
  readonly journal: Pick<RunReader, 'readRun'>;
  readonly notes: ThreadStore;
  readonly live: () => readonly Live[];
  /** When each message that is not final was updated last, in milliseconds; kept by the caller between passes. */
  readonly updatedAt: Map<string, number>;
  /** The thread has seen more than the journal holds. */
  readonly onRewind: (run: string, seen: number, head: number) => void;
};

/** Slack takes nothing for the moment (channel archived, bot removed): tried again after this long. */
const PARKED_MS = 30_000;

/** One pass over the thread. */
export async function reconcile(target: Thread): Promise<Pass> {
  const { state, recorded } = await target.journal.readRun(target.run);
  const ledger = createLedger(target.notes, target.run);
  const seen = await ledger.projected();
  if (seen > state.seq) {
    target.onRewind(target.run, seen, state.seq);
    return { seq: state.seq, again: undefined, parked: [], ended: true };
  }
  const messages = thread(state, recorded, target.live());
  const channel = state.channel.id;
  const posts = await postMissing(target, ledger, messages, channel);
  const updates = await updateChanged(target, ledger, messages);
  const waits = [...posts.waits, ...updates];
  if (waits.length === 0 && posts.parked.length === 0 && seen < state.seq) await ledger.showed(state.seq);
  const again = waits.length > 0 ? Math.min(...waits) : posts.parked.length > 0 ? PARKED_MS : undefined;
  return { seq: state.seq, again, parked: posts.parked, ended: state.ended !== undefined };
}

/** R1. A message in another channel that is parked holds nothing back. */
async function postMissing(
  target: Thread,
  ledger: Ledger,
  messages: readonly Message[],
  channel: string,
): Promise<{ readonly waits: readonly number[]; readonly parked: Pass['parked'] }> {
  const waits: number[] = [];
  const parked: { key: string; why: string }[] = [];
  for (const message of messages) {
    const delivery = await postOne(target, ledger, message, channel);
    if (delivery.kind === 'wait') {
      waits.push(delivery.ms);
      break;
    }
    if (delivery.kind === 'parked') {
      parked.push({ key: message.key, why: delivery.why });
      if (message.place.kind !== 'channel') break;
    }
  }
  return { waits, parked };
}

async function postOne(target: Thread, ledger: Ledger, message: Message, channel: string): Promise<Delivery> {
  const entries = await ledger.entries();
  const entry = entries.get(message.key);
  if (entry?.state === 'posted' || entry?.state === 'frozen') return { kind: 'delivered' };
  const to = message.place.kind === 'channel' ? message.place.channel : channel;
  const top = entries.get('card');
  const thread = message.place.kind === 'reply' ? tsOf(top) : undefined;
  const delivery = await post(target.courier, ledger, entry, { run: target.run, channel: to, thread, message });
  if (delivery.kind === 'delivered') target.updatedAt.set(message.key, target.courier.now());
  return delivery;
}

function tsOf(entry: Entry | undefined): string | undefined {
  return entry === undefined || entry.state === 'posting' ? undefined : entry.ts;
}

/** Final contents first, so that buttons vanish before a progress line moves. */
async function updateChanged(target: Thread, ledger: Ledger, messages: readonly Message[]): Promise<readonly number[]> {
  const entries = await ledger.entries();
  const waits: number[] = [];
  for (const message of [...messages].sort((a, b) => Number(b.final) - Number(a.final))) {
    const entry = entries.get(message.key);
    if (entry?.state !== 'posted' || entry.digest === contentDigest(message)) continue;
    const wait = message.final ? 0 : tooSoon(target, message);
    if (wait > 0) {
      waits.push(wait);
      continue;
    }
    const delivery = await update(target.courier, ledger, entry, message);
    if (delivery.kind === 'wait') waits.push(delivery.ms);
    else target.updatedAt.set(message.key, target.courier.now());
  }
  return waits;
}

/** R2. */
function tooSoon(target: Thread, message: Message): number {
  const last = target.updatedAt.get(message.key);
  return last === undefined ? 0 : last + target.courier.limits.liveEveryMs - target.courier.now();
}
