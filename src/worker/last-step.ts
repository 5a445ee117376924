/** How steps went on a cluster when each was last tried there, well or badly: for whoever approves them. */
import type { Journal } from '../journal/journal.ts';
import type { Recorded, RunEvent, Trouble } from '../run/events.ts';
import { utcMinute } from '../utc.ts';

export type LastStep = { readonly run: string; readonly at: number; readonly ms: number; readonly result: string };

/** Runs that are looked back on, newest first. */
const LOOKED_AT = 50;

/** By step id; steps that were never tried are left out. */
export type FindLastSteps = (procedure: string, cluster: string, steps: readonly string[]) => Promise<ReadonlyMap<string, LastStep>>;

/** Each journal is read once for all of the steps, and none beyond the last one that is needed. */
export function createLastSteps(journal: Pick<Journal<RunEvent>, 'finishedRuns' | 'read'>): FindLastSteps {
  return async (procedure, cluster, steps) => {
    const found = new Map<string, LastStep>();
    for (const { run } of await journal.finishedRuns({ limit: LOOKED_AT })) {
      // A damaged journal of an old run must not keep a new one from being asked for.
      const recorded = await journal.read(run).catch(() => []);
      for (const step of steps) {
        const last = found.has(step) ? undefined : lastOf(run, recorded, procedure, cluster, step);
        if (last !== undefined) found.set(step, last);
      }
      if (steps.every((step) => found.has(step))) break;
    }
    return found;
  };
}

/** Undefined for another procedure or cluster, and where the step was not begun. `ms` is from its first start to the last word about it. */
export function lastOf(run: string, recorded: readonly Recorded[], procedure: string, cluster: string, step: string): LastStep | undefined {
  const [first] = recorded;
  if (first?.event.kind !== 'runRequested' || first.event.procedure.name !== procedure || first.event.cluster.name !== cluster)
    return undefined;
  const of = recorded.filter(({ event }) => 'step' in event && event.step === step);
  const began = of.find(({ event }) => event.kind === 'attemptIntended' || event.kind === 'watchBegan');
  if (began === undefined) return undefined;
  const words = new Map<string, { readonly word: string; readonly at: number }>();
  for (const { event, at } of of) {
    if (event.kind === 'hostPassed') words.set(event.host, { word: 'succeeded', at });
    if (event.kind === 'troubleRaised' && event.host !== undefined) {
      const word = wordOf(event.what);
      if (word !== undefined) words.set(event.host, { word, at });
    }
  }
  const all = [...words.values()];
  const at = Math.max(began.at, ...all.map((each) => each.at));
  const bad = all.find(({ word }) => word !== 'succeeded');
  return { run, at, ms: at - began.at, result: bad?.word ?? (all.length === 0 ? 'end not recorded' : 'succeeded') };
}

/** Undefined for troubles in which nothing was begun. */
function wordOf({ kind }: Trouble): string | undefined {
  switch (kind) {
    case 'failed':
      return 'failed';
    case 'unknown':
      return 'end unknown';
    case 'checkFailed':
      return 'check failed';
    case 'rolesChanged':
    case 'rejected':
    case 'expired':
    case 'blocked':
    case 'declined':
      return undefined;
  }
}

/** `last time: succeeded in 41 s (run7f3k2qxa, 2026-11-25 02:00 UTC)`. */
export function lastStepWords({ run, at, ms, result }: LastStep): string {
  const how = result === 'succeeded' ? `succeeded in ${seconds(ms)}` : `${result} after ${seconds(ms)}`;
  return `last time: ${how} (${run}, ${utcMinute(at)})`;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}
