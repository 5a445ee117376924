/** One run's journal judged where it lies, with what else is kept of the run: is it what was written, and was everything in it allowed to happen? */
import { explain, KeyturnError } from '../errors.ts';
import type { Inspected, Journal } from '../journal/journal.ts';
import { isDamage } from '../journal/lost.ts';
import type { Recorded } from '../run/events.ts';
import type { Demands } from '../run/invariants.ts';
import { type Archived, archivedOf, archiveFaults } from './archive.ts';
import { judgeEntries, type Summary } from './entries.ts';
import { type Fault, type Findings, NOTHING_FOUND, type Notice, together, wholly } from './fault.ts';
import { judgeOutputs } from './outputs.ts';

export type { Fault, Notice } from './fault.ts';

export type Judged = Summary & { readonly faults: readonly Fault[]; readonly notices: readonly Notice[] };

/** What else is known of the run: that a list in Redis has it, as one that is open or over, or that a file of the archive is named after it. */
export type Known = { readonly list: 'open' | 'finished' | 'archived' };

/** A run's journal as far as it can be read, and who else knows the run. */
export type Sight = {
  readonly run: string;
  readonly found: Inspected;
  readonly recorded: readonly Recorded[];
  readonly known: Known | undefined;
  readonly archived: Archived;
};

/** What else there is to look at of a run. */
export type Look = (sight: Sight) => Promise<Findings>;

/**
 * What journals are held against: the key that seals them, and how much must be on record. `record`: the folder with outputs and archive;
 * without it they are not looked at. `publicKey`: in base64, that must have signed what is archived. `looks`: what else is looked at.
 */
export type Measure = Demands & {
  readonly key: Buffer;
  readonly record?: string;
  readonly publicKey?: string;
  readonly looks?: readonly Look[];
};

/** Undefined for a run that was never heard of. Never throws for what a journal holds; throws KeyturnError where Redis does not answer. */
export async function judgeRun(
  journal: Pick<Journal<unknown>, 'inspect'>,
  run: string,
  known: Known | undefined,
  measure: Measure,
): Promise<Judged | undefined> {
  const there = await inspected(journal, run);
  if ('unreadable' in there) return { ...nothing(run), faults: [wholly('unreadable', there.unreadable)] };
  try {
    return await judgeThere(there, run, known, measure);
  } catch (error) {
    // About Redis, Slack or the key, and so about every run.
    if (error instanceof KeyturnError) throw error;
    return { ...nothing(run), faults: [wholly('unreadable', `The record cannot be judged: ${explain(error).split('\n')[0]}.`)] };
  }
}

async function judgeThere(
  there: Inspected,
  run: string,
  known: Known | undefined,
  { record, publicKey = '', looks = [], ...measure }: Measure,
): Promise<Judged | undefined> {
  const archived: Archived = record === undefined ? { kind: 'none' } : await archivedOf(record, run);
  const ofArchive = archiveFaults(archived, there, publicKey);
  const isEmpty = there.head === undefined && there.raw.length === 0;
  if (isEmpty && archived.kind !== 'record') {
    if (ofArchive.length > 0) return { ...nothing(run), faults: ofArchive };
    if (known === undefined) return undefined;
    return { ...nothing(run), faults: [goneFault(known)] };
  }
  const found = isEmpty && archived.kind === 'record' ? archived.found : there;
  const { summary, recorded, faults } = judgeEntries(run, found, measure);
  const outputs = record === undefined ? NOTHING_FOUND : await judgeOutputs(record, recorded);
  const others: Findings[] = [];
  for (const look of looks) others.push(await look({ run, found, recorded, known, archived }));
  const all = together({ faults: [...faults, ...ofArchive, ...listFaults(recorded, known)], notices: [] }, outputs, ...others);
  return { ...summary, faults: all.faults.toSorted((a, b) => a.seq - b.seq), notices: all.notices };
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
  return { run, procedure: undefined, cluster: undefined, events: 0, outcome: 'unknown', notices: [] };
}

function goneFault({ list }: Known): Fault {
  const sentence = `The run is in the list of ${list} runs, and its journal is gone: it lies neither in Redis nor in the archive.`;
  return wholly('gone', sentence);
}

/** A run enters the list of finished ones together with its last event. */
function listFaults(recorded: readonly Recorded[], known: Known | undefined): readonly Fault[] {
  if (known?.list !== 'finished' || recorded.at(-1)?.event.kind === 'runEnded') return [];
  const sentence = 'The run is in the list of finished runs, and its journal does not say that it ended.';
  return [{ seq: recorded.at(-1)?.seq ?? 0, kind: 'notEnded', sentence }];
}
