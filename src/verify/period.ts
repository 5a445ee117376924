/**
 * Everything of a period as one file, beside its runs: the piece of the list of runs and of the register, and that every run which the list names is in
 * the file. A piece has no signature; only its own links, and the installation's seals where its key is at hand, speak for it. Pure.
 */
import type { Period } from '../export/period.ts';
import { verifyJournal } from '../journal/chain.ts';
import { RUNS_NAME } from '../journal/runs.ts';
import { type RunsEvent, runsEventSchema } from '../journal/runs-events.ts';
import type { RecordEntry } from '../record/model.ts';
import { type Fault, type Findings, together, wholly } from './fault.ts';
import { inspectedFrom } from './record.ts';

/** Keys that seal the two, where they are at hand. */
export type PeriodKeys = { readonly runs: Buffer; readonly register: Buffer } | undefined;

export function judgePeriod(period: Period, keys: PeriodKeys): Findings {
  const pieces = [
    ...pieceFaults('the list of runs', RUNS_NAME, period.list, keys?.runs),
    ...pieceFaults('the register', 'register', period.register, keys?.register),
  ];
  return together({ faults: pieces, notices: [] }, listedFindings(period));
}

/** It begins where the period does: what stood before is no gap. */
function pieceFaults(what: string, name: string, entries: readonly RecordEntry[], key: Buffer | undefined): readonly Fault[] {
  const first = entries[0]?.seq ?? 1;
  return verifyJournal(name, inspectedFrom(entries), key)
    .filter(({ kind, seq }) => kind !== 'missing' || seq >= first)
    .map((fault) => ({ ...fault, sentence: `In ${what}: ${fault.sentence}` }));
}

function listedFindings({ list, runs }: Period): Findings {
  const clusters = new Set<string>();
  const here = new Map(runs.map((record) => [record.run, record]));
  const events = list.flatMap(eventIn);
  for (const event of events) if (event.kind === 'runBegan' && here.has(event.run)) clusters.add(event.cluster);
  const expunged = new Set(events.flatMap((event) => (event.kind === 'runExpunged' ? [event.run] : [])));
  const absent = events.flatMap((event) => (event.kind === 'runBegan' && !here.has(event.run) && !expunged.has(event.run) ? [event] : []));
  const vanished = absent.filter(({ cluster }) => clusters.has(cluster));
  const elsewhere = absent.length - vanished.length;
  const ends = events.flatMap((event) => (event.kind === 'runEnded' ? endFault(event, here.get(event.run)?.entries) : []));
  const sentence = `The list of runs names ${elsewhere} more on clusters of which this file holds no run: it was made for some clusters only, or they were taken out.`;
  return { faults: [...vanished.map(vanishedFault), ...ends], notices: elsewhere === 0 ? [] : [{ seq: 0, sentence }] };
}

function vanishedFault({ run, procedure, cluster, requester }: Extract<RunsEvent, { kind: 'runBegan' }>): Fault {
  return wholly('vanished', `${run}, ${procedure} on ${cluster}, requested by ${requester}, is in the list of runs and not in the file.`);
}

/** A run that was exported while it was on has fewer events; none has others. */
function endFault(ended: Extract<RunsEvent, { kind: 'runEnded' }>, entries: readonly RecordEntry[] | undefined): readonly Fault[] {
  if (entries === undefined) return [];
  const last = entries.at(-1);
  if (last?.seq === ended.seq && last.hash === ended.hash) return [];
  return [
    wholly(
      'otherHead',
      `${ended.run}: the list of runs says that it ended with event ${ended.seq}, ${ended.hash}; in the file it ends otherwise.`,
    ),
  ];
}

function eventIn({ event }: RecordEntry): readonly RunsEvent[] {
  try {
    const read = runsEventSchema.safeParse(JSON.parse(event));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}
