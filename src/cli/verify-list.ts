/** The list of runs for `keyturn verify`: its own chain, and that every run that it names is there. */
import { createRuns } from '../journal/runs.ts';
import { createWitness } from '../journal/witness.ts';
import { explain } from '../errors.ts';
import type { ChainFault } from '../journal/chain.ts';
import { listedFileFault } from '../verify/archive.ts';
import { type Findings, together } from '../verify/fault.ts';
import { listFindings, readList, type RunList, type Vanished, vanishedRun, vanishedRuns } from '../verify/list.ts';
import type { Look } from '../verify/run.ts';
import type { Store } from './store.ts';

export type ListLook = {
  readonly look: Look;
  /** What is wrong with the list itself; the whole list was proved. */
  readonly faults: readonly ChainFault[];
  /** Why runs could not be held against it, in a sentence. */
  readonly unreadable: string | undefined;
  /** Runs that are nowhere but in the list: all but those that were looked at, or the named one. */
  readonly vanished: () => readonly Vanished[];
  readonly vanishedNamed: (run: string) => Vanished | undefined;
};

/** A run is entered a moment after its first event. Milliseconds. */
const MOMENT_MS = 60_000;

const EMPTY: RunList = { runs: new Map(), since: undefined };

/** Reads the list before the runs: what begins meanwhile is not held against it. */
export async function listLook({ config, redis, keyFor }: Store): Promise<ListLook> {
  const runs = createRuns({ redis, key: keyFor('runs'), folder: config.record, witness: createWitness(config.data) });
  const faults = await runs.verify();
  const begun = Date.now();
  const { list, unreadable } = await readable(() => readList(runs.everything()));
  const seen = new Set<string>();
  return {
    faults,
    unreadable,
    async look(run, found, recorded): Promise<Findings> {
      seen.add(run);
      const isNew = (recorded[0]?.at ?? 0) >= begun - MOMENT_MS;
      if (unreadable !== undefined || isNew) return { faults: [], notices: [] };
      const archived = list.runs.get(run)?.archived;
      const file = archived === undefined ? undefined : await listedFileFault(config.record, archived);
      return together(listFindings(list, run, found, recorded), { faults: file === undefined ? [] : [file], notices: [] });
    },
    vanished: () => vanishedRuns(list, seen),
    vanishedNamed: (run) => {
      const fault = vanishedRun(list, run);
      return fault === undefined ? undefined : { run, fault };
    },
  };
}

/** A list that is damaged keeps no run from being checked by itself. */
async function readable(read: () => Promise<RunList>): Promise<{ readonly list: RunList; readonly unreadable: string | undefined }> {
  try {
    return { list: await read(), unreadable: undefined };
  } catch (error) {
    return { list: EMPTY, unreadable: explain(error).split('\n')[0] };
  }
}
