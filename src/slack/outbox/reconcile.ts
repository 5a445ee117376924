/**
 * Makes one thread show its journal: one pass compares what ought to stand there with what was delivered and makes the calls that are missing.
 *
 * Invariants
 * R1 Posts go out in the order of the journal; one that waits holds back those after it, but not the updates.
 * R2 A message that is not final is updated at most every few seconds, and what goes on for long ever more rarely; final content always goes out.
 * R3 `showed` is written only when nothing was left to do. Progress of what goes on is never done, and holds nothing up.
 * R4 A thread whose first message was deleted is begun again, a few times at most: whatever Slack answers, the channel is not flooded.
 */
import type { Live } from '../ports.ts';
import { type Message, type Plans, thread } from '../views/index.ts';
import { liveEvery, sightOf } from './cadence.ts';
import { attachBeside, type Attaching } from './attaching.ts';
import { type Courier, contentDigest, type Delivery, type Order, wait } from './courier.ts';
import { post, update } from './deliver.ts';
import { withKept } from './kept-live.ts';
import { createLedger, type Entry, type Ledger, placeOf } from './ledger.ts';
import type { RunReader, ThreadStore } from './ports.ts';
import { withReissues } from './reissue.ts';

export type Parked = { readonly key: string; readonly why: string };

export type Pass = {
  /** Milliseconds until there is something to do again; undefined when the thread shows everything. */
  readonly again: number | undefined;
  /** Nothing is left to do but what Slack refuses for the time being. */
  readonly done: boolean;
  readonly parked: readonly Parked[];
  readonly ended: boolean;
  /** What is printed meanwhile can be shown no sooner than in so many milliseconds. */
  readonly liveIn: number;
};

/** What the caller keeps of one thread between passes: times by key, in milliseconds, and what attempts printed last. */
export type Memory = {
  readonly updatedAt: Map<string, number>;
  readonly seenAt: Map<string, number>;
  readonly kept: Map<string, Live | undefined>;
  readonly plans: Plans;
  /** First messages whose link is kept. */
  readonly linked: Set<string>;
  readonly files: Attaching;
};

export type Thread = {
  readonly run: string;
  readonly courier: Courier;
  readonly journal: Pick<RunReader, 'readRun' | 'lastLive'>;
  readonly notes: ThreadStore;
  readonly live: readonly Live[];
  readonly memory: Memory;
  /** Has the thread looked at again. */
  readonly wake: () => void;
  /** The thread has seen more than the journal holds. */
  readonly onRewind: (run: string, seen: number, head: number) => void;
};

/** Slack takes nothing for the moment (channel archived, bot removed): tried again after this long. */
const PARKED_MS = 30_000;
const MOST_THREADS = 3;

type Work = { readonly target: Thread; readonly ledger: Ledger; readonly channel: string };
/** `later`: progress that may not be shown yet. */
type Left = { readonly waits: readonly number[]; readonly parked: readonly Parked[]; readonly later: readonly number[] };

/** One pass over the thread. */
export async function reconcile(target: Thread): Promise<Pass> {
  const { state, recorded, end } = await target.journal.readRun(target.run);
  const ledger = createLedger(target.notes, target.run);
  const seen = await ledger.projected();
  if (seen > state.seq) {
    target.onRewind(target.run, seen, state.seq);
    return { again: undefined, done: true, parked: [], ended: true, liveIn: 0 };
  }
  const { courier, memory } = target;
  const shown = thread(state, recorded, await withKept(target, state), courier.now(), memory.plans, end);
  const messages = withReissues(target.run, shown, await ledger.entries());
  const work = { target, ledger, channel: state.channel.id };
  const posts = await postMissing(work, messages);
  const updates = await updateChanged(work, messages);
  await keepLink(work);
  const files = attachBeside(target, work.channel, messages, await ledger.entries());
  const waits = [...posts.waits, ...updates.waits, ...files.waits];
  const parked = [...posts.parked, ...updates.parked, ...files.parked];
  if (waits.length === 0 && parked.length === 0 && seen < state.seq) await ledger.showed(state.seq);
  const times = nextLook(target, messages, [...waits, ...posts.later, ...updates.later, ...(parked.length > 0 ? [PARKED_MS] : [])]);
  return { ...times, done: waits.length === 0, parked, ended: state.ended !== undefined };
}

/** The link to the thread is kept beside it, for whoever looks for the run when Slack is not there to be asked. */
async function keepLink({ target, ledger }: Work): Promise<void> {
  const { courier, memory, run } = target;
  const card = placeOf((await ledger.entries()).get('card'));
  if (card === undefined || memory.linked.has(card.ts) || !courier.mayAct()) return;
  const answer = await courier.web.permalink({ channel: card.channel, ts: card.ts });
  if (answer.kind !== 'done') return courier.log.debug({ run }, 'the link to a thread could not be had; it is asked for again later');
  await ledger.linked(answer.value);
  memory.linked.add(card.ts);
}

/** What goes on reads differently by and by, whether or not there is news. */
function nextLook(target: Thread, messages: readonly Message[], waits: readonly number[]): Pick<Pass, 'again' | 'liveIn'> {
  const now = target.courier.now();
  const alive = messages.flatMap((message) => (message.alive === undefined || message.final ? [] : [{ message, alive: message.alive }]));
  const soonest = alive.map(({ message }) => tooSoon(target, message));
  const again = [...waits, ...alive.map(({ message, alive: { changesAt } }) => Math.max(changesAt - now, tooSoon(target, message)))];
  return {
    again: again.length > 0 ? Math.min(...again) : undefined,
    liveIn: soonest.length > 0 ? Math.min(...soonest) : 0,
  };
}

/** R1. A message in another channel that is parked holds nothing back. Files come beside the posts (attaching.ts). */
async function postMissing(work: Work, messages: readonly Message[]): Promise<Left> {
  const waits: number[] = [];
  const parked: Parked[] = [];
  for (const message of messages) noteSight(work.target, message);
  for (const [place, message] of messages.entries()) {
    const entry = (await work.ledger.entries()).get(message.key);
    if (message.file !== undefined || (entry !== undefined && entry.state !== 'posting')) continue;
    const early = entry === undefined && isLast(work.target, messages, place) ? firstSight(work.target, message) : 0;
    if (early > 0) return { waits, parked, later: [early] };
    const delivery = await postOne(work, entry, message);
    if (delivery.kind === 'wait') {
      waits.push(delivery.ms);
      break;
    }
    if (delivery.kind === 'delivered') continue;
    parked.push({ key: message.key, why: delivery.why });
    if (message.place.kind !== 'channel') break;
  }
  return { waits, parked, later: [] };
}

/** Nothing but attempts under way stands behind it. */
function isLast({ courier }: Thread, messages: readonly Message[], place: number): boolean {
  return messages.slice(place + 1).every((later) => sightOf(later, courier.limits) > 0);
}

async function postOne(work: Work, entry: Entry | undefined, message: Message): Promise<Delivery> {
  const { target, ledger } = work;
  const top = (await ledger.entries()).get('card');
  const delivery = await post(target.courier, ledger, entry, orderOf(work, message, top));
  if (delivery.kind === 'delivered') target.memory.updatedAt.set(message.key, target.courier.now());
  return delivery.kind === 'threadGone' ? beginAgain(work, delivery.why) : delivery;
}

/** Several attempts wait side by side. */
function noteSight({ memory, courier }: Thread, message: Message): void {
  if (message.alive !== undefined && !memory.seenAt.has(message.key)) memory.seenAt.set(message.key, courier.now());
}

/** An attempt under way waits a moment for its end. */
function firstSight({ memory, courier }: Thread, message: Message): number {
  const now = courier.now();
  return (memory.seenAt.get(message.key) ?? now) + sightOf(message, courier.limits) - now;
}

function orderOf(work: Work, message: Message, top: Entry | undefined): Order {
  const channel = channelOf(work, message);
  return { run: work.target.run, channel, thread: message.place.kind === 'reply' ? placeOf(top)?.ts : undefined, message };
}

/** From the journal: what Redis remembers of a post must not lead a run's output into another channel. */
function channelOf(work: Work, message: Message): string {
  return message.place.kind === 'channel' ? message.place.channel : work.channel;
}

/** R4. The card is looked for and posted like one of unknown fate. */
async function beginAgain(work: Work, why: string): Promise<Delivery> {
  const { run, courier } = work.target;
  const count = await work.ledger.beganAgain();
  if (count > MOST_THREADS) return { kind: 'parked', why };
  courier.log.warn({ run, why }, 'the first message of a thread was deleted; the thread is begun again with a new one');
  await work.ledger.write('card', { state: 'posting', channel: work.channel, since: courier.now() });
  return wait(0);
}

/** Final contents first, so that buttons vanish before a progress line moves. */
async function updateChanged(work: Work, messages: readonly Message[]): Promise<Left> {
  const entries = await work.ledger.entries();
  const waits: number[] = [];
  const later: number[] = [];
  const parked: Parked[] = [];
  for (const message of [...messages].sort((a, b) => Number(b.final) - Number(a.final))) {
    const entry = entries.get(message.key);
    if (entry?.state !== 'posted' || entry.digest === contentDigest(message)) continue;
    const early = message.final ? 0 : tooSoon(work.target, message);
    if (early > 0) {
      (message.alive === undefined ? waits : later).push(early);
      continue;
    }
    const delivery = await updateOne(work, entry, message);
    if (delivery.kind === 'wait') waits.push(delivery.ms);
    else if (delivery.kind !== 'delivered') parked.push({ key: message.key, why: delivery.why });
  }
  return { waits, parked, later };
}

async function updateOne(work: Work, entry: Extract<Entry, { state: 'posted' }>, message: Message): Promise<Delivery> {
  const { run, memory } = work.target;
  const courier = { ...work.target.courier, log: work.target.courier.log.child({ run }) };
  const delivery = await update(courier, work.ledger, { ...entry, channel: channelOf(work, message) }, message);
  if (delivery.kind === 'delivered') memory.updatedAt.set(message.key, courier.now());
  return delivery;
}

/** R2. */
function tooSoon({ memory, courier }: Thread, message: Message): number {
  const last = memory.updatedAt.get(message.key);
  return last === undefined ? 0 : Math.max(last + liveEvery(message, last, courier.limits.liveEveryMs) - courier.now(), 0);
}
