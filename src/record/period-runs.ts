/** Which runs may belong to a period, from the lists of the journal. */
import { everyFinished } from '../journal/every-finished.ts';
import type { Journal } from '../journal/journal.ts';

/** Every run that is open now, and every one that ended at or after `from` (milliseconds); whoever asks leaves out what began too late. */
export async function* runsSince(journal: Pick<Journal<unknown>, 'openRuns' | 'finishedRuns'>, from: number): AsyncGenerator<string> {
  const open = await journal.openRuns();
  yield* open;
  const seen = new Set(open);
  for await (const { run, at } of everyFinished(journal)) {
    if (at < from) return;
    if (!seen.has(run)) yield run;
  }
}
