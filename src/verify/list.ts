/**
 * The chained list of runs held against the runs themselves: a run that is gone with all its keys still stands in the list, and a run that was slipped
 * in stands in no list. Pure.
 */
import type { Inspected } from '../journal/journal.ts';
import type { RunsEvent } from '../journal/runs-events.ts';
import type { Recorded } from '../run/events.ts';
import { type Fault, type Findings, NOTHING_FOUND, wholly } from './fault.ts';

/** With its place, and its time in milliseconds since 1970. */
export type ListEntry = { readonly seq: number; readonly at: number; readonly event: RunsEvent };

type Noted<K extends RunsEvent['kind']> = Extract<RunsEvent, { kind: K }> & { readonly at: number; readonly place: number };
/** What the list says of one run. */
export type ListedRun = {
  readonly began: Noted<'runBegan'> | undefined;
  readonly ended: Noted<'runEnded'> | undefined;
  readonly archived: Extract<RunsEvent, { kind: 'runArchived' }> | undefined;
  readonly expunged: Extract<RunsEvent, { kind: 'runExpunged' }> | undefined;
};

/** `since`: when the list was begun; runs of earlier releases are in none. Undefined while it is empty. */
export type RunList = { readonly runs: ReadonlyMap<string, ListedRun>; readonly since: number | undefined };

const UNHEARD: ListedRun = { began: undefined, ended: undefined, archived: undefined, expunged: undefined };

/** Takes entries one by one, in their order; of each run a few hundred bytes are kept. */
export function createListReader(): { readonly take: (entry: ListEntry) => void; readonly list: () => RunList } {
  const runs = new Map<string, ListedRun>();
  let since: number | undefined;
  return {
    take: (entry) => {
      since ??= entry.at;
      const { run } = entry.event;
      runs.set(run, withEntry(runs.get(run) ?? UNHEARD, entry));
    },
    list: () => ({ runs, since }),
  };
}

function withEntry(run: ListedRun, { seq: place, at, event }: ListEntry): ListedRun {
  switch (event.kind) {
    case 'runBegan':
      return { ...run, began: { ...event, at, place } };
    case 'runEnded':
      return { ...run, ended: { ...event, at, place } };
    case 'runArchived':
      return { ...run, archived: event };
    case 'runExpunged':
      return { ...run, expunged: event };
  }
}

/** One run's journal, wherever it lies, held against the list. */
export function listFindings({ runs, since }: RunList, run: string, { raw }: Inspected, recorded: readonly Recorded[]): Findings {
  const listed = runs.get(run);
  const first = raw[0];
  if (listed?.began === undefined) return notListed(since, recorded);
  const beganAs = first?.seq === 1 && first.hash !== listed.began.first;
  const began: readonly Fault[] = beganAs
    ? [
        {
          seq: 1,
          kind: 'otherHead',
          sentence: `The list of runs says that it began with event ${listed.began.first}, not with the one that stands here.`,
        },
      ]
    : [];
  return { faults: [...began, ...endFaults(listed, raw)], notices: endNotices(listed, recorded) };
}

function notListed(since: number | undefined, recorded: readonly Recorded[]): Findings {
  const at = recorded[0]?.at;
  // Begun before there was a list, or at the very moment.
  if (since === undefined || at === undefined || at <= since) return NOTHING_FOUND;
  return {
    faults: [wholly('notListed', 'The run is not in the list of runs, where every run is entered before anything is started.')],
    notices: [],
  };
}

function endFaults({ ended }: ListedRun, raw: Inspected['raw']): readonly Fault[] {
  if (ended === undefined) return [];
  const last = raw.at(-1);
  if (last?.seq === ended.seq && last.hash === ended.hash) return [];
  const here = last === undefined ? 'nothing stands here' : `here it ends with event ${last.seq}, ${last.hash}`;
  const sentence = `The list of runs says that it ended (${ended.outcome}) with event ${ended.seq}, ${ended.hash}; ${here}.`;
  return [{ seq: last?.seq ?? 0, kind: 'otherHead', sentence }];
}

function endNotices({ ended }: ListedRun, recorded: readonly Recorded[]): Findings['notices'] {
  if (ended !== undefined || recorded.at(-1)?.event.kind !== 'runEnded') return [];
  return [{ seq: 0, sentence: 'The list of runs does not say yet that it ended; the bot or a worker makes up for it.' }];
}

/** Runs that the list has, and that ought to be somewhere; `seen`: those that were found. */
export function* unseenRuns({ runs }: RunList, seen: ReadonlySet<string>): Generator<string> {
  for (const [run, { expunged }] of runs) if (expunged === undefined && !seen.has(run)) yield run;
}

/** Of a run that is here and that the list has: neither list of Redis names it any more. */
export function hiddenFault({ runs }: RunList, run: string): Fault | undefined {
  const listed = runs.get(run);
  if (listed?.began === undefined || listed.expunged !== undefined) return undefined;
  const sentence =
    'The run is in the chained list of runs, and the lists of open and finished runs in Redis do not name it: it was taken out of them, and history does not find it.';
  return wholly('hidden', sentence);
}

function vanishedFault({ began, ended }: ListedRun): Fault {
  const what =
    began === undefined
      ? 'The run'
      : `${began.procedure} on ${began.cluster}, requested by ${began.requester}, ${new Date(began.at).toISOString().slice(0, 19).replace('T', ' ')} UTC,`;
  const how = ended === undefined ? 'had not ended' : `ended (${ended.outcome}) with event ${ended.seq}`;
  return wholly(
    'vanished',
    `${what} is in the list of runs and nowhere else: its journal lies neither in Redis nor in the archive. It ${how}.`,
  );
}

/** One run that is named and that nobody else knows. */
export function vanishedRun({ runs }: RunList, run: string): Fault | undefined {
  const listed = runs.get(run);
  return listed === undefined || listed.expunged !== undefined ? undefined : vanishedFault(listed);
}
