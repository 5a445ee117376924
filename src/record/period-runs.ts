/** Which runs may belong to a period, from the lists of the journal and from the list of runs. */
import { everyFinished } from '../journal/every-finished.ts';
import type { Journal } from '../journal/journal.ts';

/**
 * Every run that is open now, every one that ended at or after `from` (milliseconds), and what the list of runs names; each once. Whoever asks leaves
 * out what does not belong there.
 */
export async function* runsSince(
  journal: Pick<Journal<unknown>, 'openRuns' | 'finishedRuns'>,
  from: number,
  listed: Iterable<string>,
): AsyncGenerator<string> {
  const given = new Set<string>();
  const isNew = (run: string): boolean => !given.has(run) && given.add(run).size > 0;
  for (const run of await journal.openRuns()) if (isNew(run)) yield run;
  for await (const { run, at } of everyFinished(journal)) {
    if (at < from) break;
    if (isNew(run)) yield run;
  }
  for (const run of listed) if (isNew(run)) yield run;
}
