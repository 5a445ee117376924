/** Which runs may belong to a period, from the lists of the journal. */
import type { Journal } from '../journal/journal.ts';

const PAGE = 500;

/** Every run that is open now, and every one that ended at or after `from` (milliseconds); whoever asks leaves out what began too late. */
export async function* runsSince(journal: Pick<Journal<unknown>, 'openRuns' | 'finishedRuns'>, from: number): AsyncGenerator<string> {
  const seen = new Set<string>();
  const fresh = (run: string): boolean => !seen.has(run) && seen.add(run).has(run);
  for (const run of await journal.openRuns()) if (fresh(run)) yield run;
  let before: number | undefined;
  for (let limit = PAGE; ; ) {
    const page = await journal.finishedRuns({ limit, ...(before === undefined ? {} : { before }) });
    const mine = page.filter(({ run, at }) => at >= from && fresh(run));
    for (const { run } of mine) yield run;
    const last = page.at(-1);
    if (last === undefined || page.length < limit || last.at < from) return;
    // Several may have ended in one millisecond: each page begins with the last one of the page before.
    if (mine.length === 0) limit *= 2;
    before = last.at + 1;
  }
}
