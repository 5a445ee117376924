/**
 * The chained list of runs held against the runs themselves: a run that is gone with all its keys still stands in the list, and a run that was slipped
 * in stands in no list. Pure.
 */
import type { Inspected } from '../journal/journal.ts';
import type { RunsEvent } from '../journal/runs-events.ts';
import type { Recorded } from '../run/events.ts';
import { utcSecond } from '../utc.ts';
import { type Fault, type Findings, NOTHING_FOUND, wholly } from './fault.ts';

/** With its place, and its time in milliseconds since 1970. */
export type ListEntry = { readonly seq: number; readonly at: number; readonly event: RunsEvent };

/** Where and when the list says it. */
type Noted = { readonly at: number; readonly place: number };
type EventOf<K extends RunsEvent['kind']> = Omit<Extract<RunsEvent, { kind: K }>, 'kind' | 'run'>;
/** What the list says of one run. */
export type ListedRun = {
  readonly began: (EventOf<'runBegan'> & Noted) | undefined;
  readonly ended: (EventOf<'runEnded'> & Noted) | undefined;
  readonly archived: EventOf<'runArchived'> | undefined;
  readonly isExpunged: boolean;
};

/** `since`: when the list was begun; runs of earlier releases are in none. Undefined while it is empty. */
export type RunList = { readonly runs: ReadonlyMap<string, ListedRun>; readonly since: number | undefined };

const UNHEARD: ListedRun = { began: undefined, ended: undefined, archived: undefined, isExpunged: false };

/** Takes entries one by one, in their order; of each run some six hundred bytes are kept. */
export function createListReader(): { readonly take: (entry: ListEntry) => void; readonly list: () => RunList } {
  const runs = new Map<string, ListedRun>();
  const known = new Map<string, string>();
  let since: number | undefined;
  /** Names come again and again. */
  const once = (name: string): string => {
    const same = known.get(name) ?? name;
    known.set(same, same);
    return same;
  };
  const withEntry = (run: ListedRun, { seq: place, at, event }: ListEntry): ListedRun => {
    switch (event.kind) {
      case 'runBegan': {
        const [procedure, cluster, requester] = [once(event.procedure), once(event.cluster), once(event.requester)];
        return { ...run, began: { procedure, cluster, requester, first: event.first, at, place } };
      }
      case 'runEnded':
        return { ...run, ended: { outcome: once(event.outcome), seq: event.seq, hash: event.hash, at, place } };
      case 'runArchived':
        return { ...run, archived: { file: event.file, sha256: event.sha256 } };
      case 'runExpunged':
        return { ...run, isExpunged: true };
    }
  };
  return {
    take: (entry) => {
      since ??= entry.at;
      const { run } = entry.event;
      runs.set(run, withEntry(runs.get(run) ?? UNHEARD, entry));
    },
    list: () => ({ runs, since }),
  };
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
  for (const [run, { isExpunged }] of runs) if (!isExpunged && !seen.has(run)) yield run;
}

/** Of a run that is here and that the list has: neither list of Redis names it any more. */
export function hiddenFault({ runs }: RunList, run: string): Fault | undefined {
  const listed = runs.get(run);
  if (listed?.began === undefined || listed.isExpunged) return undefined;
  const sentence =
    'The run is in the chained list of runs, and the lists of open and finished runs in Redis do not name it: it was taken out of them, and history does not find it.';
  return wholly('hidden', sentence);
}

function vanishedFault({ began, ended }: ListedRun): Fault {
  const what =
    began === undefined ? 'The run' : `${began.procedure} on ${began.cluster}, requested by ${began.requester}, ${utcSecond(began.at)},`;
  const how = ended === undefined ? 'had not ended' : `ended (${ended.outcome}) with event ${ended.seq}`;
  return wholly(
    'vanished',
    `${what} is in the list of runs and nowhere else: its journal lies neither in Redis nor in the archive. It ${how}.`,
  );
}

/** One run that is named and that nobody else knows. */
export function vanishedRun({ runs }: RunList, run: string): Fault | undefined {
  const listed = runs.get(run);
  return listed === undefined || listed.isExpunged ? undefined : vanishedFault(listed);
}
