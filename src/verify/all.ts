/** Every run that Redis or the archive knows, and what its journal is worth. Reads only; runs may go on meanwhile. */
import { everyFinished } from '../journal/every-finished.ts';
import type { Journal } from '../journal/journal.ts';
import { archivedRuns } from './archive.ts';
import { type Judged, judgeRun, type Known, type Measure } from './run.ts';

type Lists = Pick<Journal<unknown>, 'openRuns' | 'finishedRuns' | 'inspect'>;

/** Judges them one by one, the open ones first, so that thousands need no memory. */
export async function* judgeAll(journal: Lists, measure: Measure): AsyncGenerator<Judged> {
  const done = new Set<string>();
  for (const run of await journal.openRuns()) {
    done.add(run);
    // It may end before its journal is read, but not the other way round.
    const judged = await judgeRun(journal, run, { list: 'open' }, measure);
    if (judged !== undefined) yield judged;
  }
  for await (const { run } of everyFinished(journal)) {
    if (done.has(run)) continue;
    done.add(run);
    const judged = await judgeRun(journal, run, { list: 'finished' }, measure);
    if (judged !== undefined) yield judged;
  }
  // What Redis has forgotten, or was never told of after a restore.
  for await (const run of archived(measure.record)) {
    if (done.has(run)) continue;
    done.add(run);
    const judged = await judgeRun(journal, run, { list: 'archived' }, measure);
    if (judged !== undefined) yield judged;
  }
}

async function* archived(folder: string | undefined): AsyncGenerator<string> {
  if (folder !== undefined) yield* archivedRuns(folder);
}

/** One run by its id; undefined where nobody knows it. */
export async function judgeNamed(journal: Lists, run: string, measure: Measure): Promise<Judged | undefined> {
  return judgeRun(journal, run, await listOf(journal, run), measure);
}

async function listOf(journal: Lists, run: string): Promise<Known> {
  if ((await journal.openRuns()).includes(run)) return { list: 'open' };
  for await (const each of everyFinished(journal)) if (each.run === run) return { list: 'finished' };
  return undefined;
}
