/** One run's journal judged as it lies in Redis: are these the entries that were written, and was everything in them allowed to happen? */
import { explain } from '../errors.ts';
import type { Inspected, Journal } from '../journal/journal.ts';
import { type ChainFault, verifyJournal } from '../journal/chain.ts';
import { isDamage } from '../journal/lost.ts';
import { type Recorded, runEventSchema } from '../run/events.ts';
import { type Demands, type ViolationKind, violationsIn } from '../run/invariants.ts';

/** `seq`: the event; 0 where it is about the journal as a whole. */
export type Fault = {
  readonly seq: number;
  readonly kind: ChainFault['kind'] | ViolationKind | 'gone' | 'unreadable' | 'notEnded';
  readonly sentence: string;
};

export type Judged = {
  readonly run: string;
  /** Of the run, as far as its journal says. */
  readonly procedure: string | undefined;
  readonly cluster: string | undefined;
  readonly events: number;
  /** How it ended; `open` where it has not. */
  readonly outcome: string;
  readonly faults: readonly Fault[];
};

/** What else is known of the run: that a list in Redis has it, as one that is open or over. */
export type Known = { readonly list: 'open' | 'finished' } | undefined;

/** What journals are held against: the key that seals them, and how much must be on record. */
export type Measure = Demands & { readonly key: Buffer };

/** Undefined for a run that was never heard of. Never throws for what a journal holds; throws KeyturnError where Redis does not answer. */
export async function judgeRun(
  journal: Pick<Journal<unknown>, 'inspect'>,
  run: string,
  known: Known,
  { key, ...demands }: Measure,
): Promise<Judged | undefined> {
  const found = await inspected(journal, run);
  if ('unreadable' in found) return { ...nothing(run), faults: [wholly('unreadable', found.unreadable)] };
  const { head, stored, raw } = found;
  if (head === undefined && raw.length === 0) {
    if (known === undefined) return undefined;
    return { ...nothing(run), faults: [wholly('gone', `The run is in the list of ${known.list} runs, and its journal is gone.`)] };
  }
  const { recorded, unreadable } = decoded(stored);
  const chain = verifyJournal(run, found, key);
  // What was cut out is told by the chain; of what cannot be read nothing can be said.
  const isReadable = stored.length > 0 && stored.length === raw.length && unreadable.length === 0;
  const broken = !isReadable ? [] : violationsIn(run, recorded, demands).filter(({ kind }) => chain.length === 0 || kind !== 'gap');
  const faults = [...chain, ...unreadable, ...broken, ...listFaults(recorded, known)];
  return { ...described(run, recorded), events: raw.length, faults: faults.toSorted((a, b) => a.seq - b.seq) };
}

async function inspected(journal: Pick<Journal<unknown>, 'inspect'>, run: string): Promise<Inspected | { readonly unreadable: string }> {
  try {
    return await journal.inspect(run);
  } catch (error) {
    // Anything else is about Redis.
    if (isDamage(error)) return { unreadable: `The journal cannot be read: ${explain(error).split('\n')[0]}` };
    throw error;
  }
}

function nothing(run: string): Omit<Judged, 'faults'> {
  return { run, procedure: undefined, cluster: undefined, events: 0, outcome: 'unknown' };
}

function wholly(kind: Fault['kind'], sentence: string): Fault {
  return { seq: 0, kind, sentence };
}

function described(run: string, recorded: readonly Recorded[]): Omit<Judged, 'faults' | 'events'> {
  const first = recorded[0]?.event;
  const last = recorded.at(-1)?.event;
  const began = first?.kind === 'runRequested' ? first : undefined;
  const outcome = last?.kind === 'runEnded' ? last.outcome : 'open';
  return { run, procedure: began?.procedure.name, cluster: began?.cluster.name, outcome };
}

type Decoded = { readonly recorded: readonly Recorded[]; readonly unreadable: readonly Fault[] };

function decoded(stored: Inspected['stored']): Decoded {
  const recorded: Recorded[] = [];
  const unreadable: Fault[] = [];
  for (const { seq, at, actor, event } of stored) {
    const parsed = runEventSchema.safeParse(event);
    if (parsed.success) recorded.push({ seq, at, actor, event: parsed.data });
    else unreadable.push({ seq, kind: 'unreadable', sentence: `Event ${seq} is nothing that this release of Keyturn writes or can read.` });
  }
  return { recorded, unreadable };
}

/** A run enters the list of finished ones together with its last event. */
function listFaults(recorded: readonly Recorded[], known: Known): readonly Fault[] {
  if (known?.list !== 'finished' || recorded.at(-1)?.event.kind === 'runEnded') return [];
  const sentence = 'The run is in the list of finished runs, and its journal does not say that it ended.';
  return [{ seq: recorded.at(-1)?.seq ?? 0, kind: 'notEnded', sentence }];
}
