/** Every run that is over, the latest first, page by page. */
import type { Finished, Journal } from './journal.ts';

const PAGE = 500;

/** Each once. Several may have ended in one millisecond, so each page begins with the last one of the page before. */
export async function* everyFinished(journal: Pick<Journal<unknown>, 'finishedRuns'>): AsyncGenerator<Finished> {
  const seen = new Set<string>();
  let before: number | undefined;
  for (let limit = PAGE; ; ) {
    const page = await journal.finishedRuns({ limit, ...(before === undefined ? {} : { before }) });
    const fresh = page.filter(({ run }) => !seen.has(run));
    for (const finished of fresh) {
      seen.add(finished.run);
      yield finished;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    if (fresh.length === 0) limit *= 2;
    before = last.at + 1;
  }
}
