/** Every run that Redis or the archive knows, and what its journal is worth. Reads only; runs may go on meanwhile. */
import { everyFinished } from '../journal/every-finished.ts';
import type { Journal } from '../journal/journal.ts';
import { archivedRuns } from './archive.ts';
import { type Judged, judgeRun, type Known, type Measure } from './run.ts';

type Lists = Pick<Journal<unknown>, 'openRuns' | 'finishedRuns' | 'listOf' | 'inspect'>;

/** Judges them one by one, the open ones first, so that thousands need no memory. */
export async function* judgeAll(journal: Lists, measure: Measure): AsyncGenerator<Judged> {
  const done = new Set<string>();
  for await (const { run, list } of everyKnown(journal, measure.record)) {
    if (done.has(run)) continue;
    done.add(run);
    const judged = await judgeRun(journal, run, { list }, measure);
    if (judged !== undefined) yield judged;
  }
}

/** A run may end before its journal is read, but not the other way round: so the open ones come first. */
async function* everyKnown(journal: Lists, folder: string | undefined): AsyncGenerator<{ readonly run: string } & Known> {
  for (const run of await journal.openRuns()) yield { run, list: 'open' };
  for await (const { run } of everyFinished(journal)) yield { run, list: 'finished' };
  // What Redis has forgotten, or was never told of after a restore.
  for await (const run of archived(folder)) yield { run, list: 'archived' };
}

async function* archived(folder: string | undefined): AsyncGenerator<string> {
  if (folder !== undefined) yield* archivedRuns(folder);
}

/** One run by its id; undefined where nobody knows it. */
export async function judgeNamed(journal: Lists, run: string, measure: Measure): Promise<Judged | undefined> {
  const list = await journal.listOf(run);
  return judgeRun(journal, run, list === undefined ? undefined : { list }, measure);
}
