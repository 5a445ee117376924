/** The chained list of runs, for `keyturn verify`: is it whole, does each run agree with it, and which runs are in it and nowhere else? */
import type { Journal } from '../journal/journal.ts';
import { createRuns, type Runs, type RunsEntry } from '../journal/runs.ts';
import type { Head } from '../journal/stored.ts';
import { createWitness } from '../journal/witness.ts';
import { listedFileFault } from '../verify/archive.ts';
import { type Fault, type Findings, NOTHING_FOUND, type Notice, together } from '../verify/fault.ts';
import { createListReader, hiddenFault, listFindings, type RunList, unseenRuns, vanishedRun } from '../verify/list.ts';
import type { Judged, Look } from '../verify/run.ts';
import type { Store } from './store.ts';
import { witnessFindings } from './verify-witness.ts';

export type JudgedList = Findings & {
  /** Its last entry, to be remembered elsewhere. */
  readonly end: Head | undefined;
  /** Holds a run against the list. */
  readonly look: Look;
  /** Runs that the list has; `seen`: those that were found. */
  readonly unseen: (seen: ReadonlySet<string>) => Iterable<string>;
  /** A run that is nowhere else; undefined where the list does not have it, or says that it was deleted. */
  readonly vanished: (run: string) => Promise<Judged | undefined>;
};

/** `remembered`: where it ended at an earlier verification, instead of what this machine has seen. */
export async function judgeList(
  { config, redis, keyFor }: Store,
  journal: Pick<Journal<unknown>, 'listOf'>,
  remembered: Head | undefined,
): Promise<JudgedList> {
  const witness = createWitness(config.data, 'runs');
  const runs = createRuns({ redis, key: keyFor('runs'), folder: config.record, witness });
  const reader = createListReader();
  let end: Head | undefined;
  const tell = (entry: RunsEntry): void => {
    reader.take(entry);
    end = { seq: entry.seq, hash: entry.hash };
  };
  const faults = await runs.verify({ seen: remembered, tell });
  const list = reader.list();
  const isJudged = list.since === undefined || remembered !== undefined;
  const seen = isJudged ? NOTHING_FOUND : await witnessFindings(witness, 'runs');
  const hidden = async (run: string): Promise<readonly Fault[]> => {
    const fault = hiddenFault(list, run);
    // It may have been in one of them just now, and in the other since; or it may have been deleted.
    const isNamed = fault === undefined || (await journal.listOf(run)) !== undefined || (await wasNoted(runs, 'runExpunged', run));
    return isNamed ? [] : [fault];
  };
  return {
    end,
    faults: [...faults, ...seen.faults],
    notices: [...seen.notices, ...emptyNotices(list)],
    look: async ({ run, found, recorded, known, archived: there }) => {
      // It may have begun since the list was read.
      const isNew = list.runs.get(run)?.began === undefined && (await wasNoted(runs, 'runBegan', run));
      if (isNew) return NOTHING_FOUND;
      const archived = list.runs.get(run)?.archived;
      const file = archived === undefined ? undefined : listedFileFault(config.record, archived, there);
      const isNamed = known?.list === 'open' || known?.list === 'finished';
      return together(listFindings(list, run, found, recorded), {
        faults: [...(file === undefined ? [] : [file]), ...(isNamed ? [] : await hidden(run))],
        notices: [],
      });
    },
    unseen: (found) => unseenRuns(list, found),
    vanished: async (run) => {
      const fault = vanishedRun(list, run);
      // It may have been deleted since.
      return fault === undefined || (await wasNoted(runs, 'runExpunged', run)) ? undefined : judgedGone(list, run, fault);
    },
  };
}

function emptyNotices({ since }: RunList): readonly Notice[] {
  if (since !== undefined) return [];
  return [
    {
      seq: 0,
      sentence: 'There is no list of runs here, so nothing tells whether a whole run is missing. The bot makes one when it starts.',
    },
  ];
}

/** Ids know nothing but kind and run. A list that was tampered with says nothing. */
function wasNoted(runs: Runs, kind: 'runBegan' | 'runExpunged', run: string): Promise<boolean> {
  const event =
    kind === 'runBegan' ? { kind, run, procedure: '', cluster: '', requester: '', first: '' } : ({ kind, run, file: '', why: '' } as const);
  return runs.has(event).catch(() => false);
}

function judgedGone({ runs }: RunList, run: string, fault: Fault): Judged {
  const listed = runs.get(run);
  const { procedure, cluster } = listed?.began ?? {};
  return { run, procedure, cluster, events: 0, outcome: listed?.ended?.outcome ?? 'unknown', faults: [fault], notices: [] };
}
