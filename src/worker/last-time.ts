/** How long a procedure took on a cluster when it last succeeded: for plans, and for whoever approves. */
import type { Journal } from '../journal/journal.ts';
import type { Recorded, RunEvent } from '../run/events.ts';
import type { LastTime } from '../run/plan.ts';

/** Runs that are looked back on, newest first; and for how long an answer is good. */
const LOOKED_AT = 200;
const GOOD_MS = 60_000;

export function createLastTime(
  journal: Pick<Journal<RunEvent>, 'finishedRuns' | 'read'>,
  now: () => number,
): (procedure: string, cluster: string) => Promise<LastTime | undefined> {
  const known = new Map<string, { readonly at: number; readonly last: LastTime | undefined }>();
  return async (procedure, cluster) => {
    const key = `${cluster}/${procedure}`;
    const kept = known.get(key);
    if (kept !== undefined && now() - kept.at < GOOD_MS) return kept.last;
    const last = await find(journal, procedure, cluster);
    known.set(key, { at: now(), last });
    return last;
  };
}

async function find(
  journal: Pick<Journal<RunEvent>, 'finishedRuns' | 'read'>,
  procedure: string,
  cluster: string,
): Promise<LastTime | undefined> {
  for (const { run } of await journal.finishedRuns({ limit: LOOKED_AT })) {
    // A damaged journal of an old run must not keep a new one from being planned.
    const recorded = await journal.read(run).catch(() => []);
    const last = durationsOf(run, recorded, procedure, cluster);
    if (last !== undefined) return last;
  }
  return undefined;
}

/** Undefined for another procedure or cluster, and for a run that did not succeed. A step's time is from its first start to its last pass. */
export function durationsOf(run: string, recorded: readonly Recorded[], procedure: string, cluster: string): LastTime | undefined {
  const [first] = recorded;
  const end = recorded.at(-1);
  if (first?.event.kind !== 'runRequested' || end?.event.kind !== 'runEnded' || end.event.outcome !== 'succeeded') return undefined;
  if (first.event.procedure.name !== procedure || first.event.cluster.name !== cluster) return undefined;
  const began = new Map<string, number>();
  const steps: Record<string, number> = {};
  for (const { event, at } of recorded) {
    if ((event.kind === 'attemptIntended' || event.kind === 'watchBegan') && !began.has(event.step)) began.set(event.step, at);
    if (event.kind === 'hostPassed') steps[event.step] = at - (began.get(event.step) ?? at);
  }
  return { run, endedAt: end.at, ms: end.at - first.at, steps };
}
