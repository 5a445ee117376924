/** The chained list of runs, for `keyturn verify`: is it whole, does each run agree with it, and which runs are in it and nowhere else? */
import type { ChainFault } from '../journal/chain.ts';
import { createRuns, type Runs } from '../journal/runs.ts';
import { createWitness } from '../journal/witness.ts';
import { listedFileFault } from '../verify/archive.ts';
import { type Fault, NOTHING_FOUND, together } from '../verify/fault.ts';
import { listFindings, type RunList, readList, vanishedRun, vanishedRuns } from '../verify/list.ts';
import type { Judged, Look } from '../verify/run.ts';
import type { Store } from './store.ts';

export type JudgedList = {
  readonly faults: readonly ChainFault[];
  /** Holds a run against the list. */
  readonly look: Look;
  /** Runs that the list has and nothing else does; `seen`: those that were found. */
  readonly vanished: (seen: ReadonlySet<string>) => Promise<readonly Judged[]>;
  readonly vanishedNamed: (run: string) => Promise<Judged | undefined>;
};

export async function judgeList({ config, redis, keyFor }: Store): Promise<JudgedList> {
  const runs = createRuns({ redis, key: keyFor('runs'), folder: config.record, witness: createWitness(config.data) });
  const faults = await runs.verify();
  const list = await readList(await runs.proven());
  return {
    faults,
    look: async (run, found, recorded) => {
      // It may have begun since the list was read.
      const isNew = list.runs.get(run)?.began === undefined && (await wasNoted(runs, 'runBegan', run));
      if (isNew) return NOTHING_FOUND;
      const archived = list.runs.get(run)?.archived;
      const file = archived === undefined ? undefined : await listedFileFault(config.record, archived);
      return together(listFindings(list, run, found, recorded), { faults: file === undefined ? [] : [file], notices: [] });
    },
    vanished: async (seen) => {
      const gone: Judged[] = [];
      for (const { run, fault } of vanishedRuns(list, seen)) {
        // It may have been deleted since.
        if (!(await wasNoted(runs, 'runExpunged', run))) gone.push(judgedGone(list, run, fault));
      }
      return gone;
    },
    vanishedNamed: async (run) => {
      const fault = vanishedRun(list, run);
      return fault === undefined ? undefined : judgedGone(list, run, fault);
    },
  };
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
