/** The entries of one run, wherever they lie: is the chain whole, and was everything in them allowed to happen? Pure. */
import { verifyJournal } from '../journal/chain.ts';
import type { Inspected } from '../journal/journal.ts';
import { type Recorded, runEventSchema } from '../run/events.ts';
import { type Demands, violationsIn } from '../run/invariants.ts';
import type { Fault } from './fault.ts';

/** What journals are held against: the key that seals them, where it is at hand, and how much must be on record. */
export type EntryMeasure = Demands & { readonly key?: Buffer | undefined };

export type Summary = {
  readonly run: string;
  /** Of the run, as far as its journal says. */
  readonly procedure: string | undefined;
  readonly cluster: string | undefined;
  readonly events: number;
  /** How it ended; `open` where it has not. */
  readonly outcome: string;
};

export type JudgedEntries = { readonly summary: Summary; readonly recorded: readonly Recorded[]; readonly faults: readonly Fault[] };

export function judgeEntries(run: string, found: Inspected, { key, ...demands }: EntryMeasure): JudgedEntries {
  const { stored, raw } = found;
  const { recorded, unreadable } = decoded(stored);
  const chain = verifyJournal(run, found, key);
  // What was cut out is told by the chain; of what cannot be read nothing can be said.
  const isReadable = stored.length > 0 && stored.length === raw.length && unreadable.length === 0;
  const broken = !isReadable ? [] : violationsIn(run, recorded, demands).filter(({ kind }) => chain.length === 0 || kind !== 'gap');
  return { summary: { ...described(run, recorded), events: raw.length }, recorded, faults: [...chain, ...unreadable, ...broken] };
}

function described(run: string, recorded: readonly Recorded[]): Omit<Summary, 'events'> {
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
