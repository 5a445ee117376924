/** What an answer says beside the runs, in Slack as on the command line. */
import { ALL_RUNS } from '../../src/history/query.ts';
import { lackingSentences, moreSentence } from '../../src/history/answer.ts';
import type { Page } from '../../src/history/index.ts';
import { historyView } from '../../src/slack/views/history.ts';
import { one } from './support.ts';

const { words: _words, ...row } = one('run7k2m9qxa');
const page = (more: Partial<Page> = {}): Page => ({ rows: [row], more: false, older: undefined, complete: true, unreadable: [], ...more });
const text = (shown: Page, asked = ALL_RUNS): string => JSON.stringify(historyView(shown, asked, () => undefined));

test('nothing is said where nothing lacks and nothing follows', () => {
  expect([moreSentence(page(), ALL_RUNS), lackingSentences(page())]).toEqual([undefined, []]);
  expect(text(page())).not.toMatch(/There are more|may be missing/);
});

test('what follows is asked for by its place, never by counting', () => {
  const older = page({ more: true, older: 1_790_000_000_000_003 });
  expect(moreSentence(older, ALL_RUNS)).toBe(`There are more: the same with \`older:${(1_790_000_000_000_003).toString(36)}\`.`);
  expect(text(older, { ...ALL_RUNS, page: 3 })).toMatch(/There are more: the same with `older:\w+` in place of `page:3`/);
});

test.each<[string, Partial<Page>]>([
  ['while it is being built', { complete: false }],
  ['while some runs cannot be read', { unreadable: ['runsecret11'] }],
])('Slack says that runs may be missing %s, and never which', (_what, lacking) => {
  for (const shown of [page(lacking), page({ ...lacking, rows: [] })]) {
    expect(text(shown)).toMatch(/may be missing here/);
    expect(text(shown)).not.toContain('runsecret11');
  }
});
