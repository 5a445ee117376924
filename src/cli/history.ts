/** `keyturn history`: the same search as in Slack, at Keyturn's own machine, whether the bot runs or not. */
import type { Command } from 'commander';
import { lackingSentences, moreSentence } from '../history/answer.ts';
import { loadLibrary } from '../files/load.ts';
import { FILTERS, olderWords, parseQuery, queryWords } from '../history/query.ts';
import { type Found, historyLines, rowJson } from './history-text.ts';
import { lookingAt, searchHere } from './looking.ts';
import { withStore } from './store.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

const PAGE = 20;

export type HistoryOptions = { readonly json: boolean; readonly wait: boolean; readonly as?: string | undefined };

/** Throws KeyturnError as `withStore`. */
export async function history(world: CliWorld, terms: readonly string[], { json, wait, as }: HistoryOptions): Promise<Exit> {
  return withStore(world.env, async (store) => {
    const { clusters, procedures } = loadLibrary(store.config);
    const parsed = parseQuery(terms.map(asTyped).join(' '), {
      now: Date.now(),
      me: as === undefined ? [] : [as],
      clusters: clusters.map(({ name }) => name),
      procedures: procedures.map(({ name }) => name),
    });
    if (parsed.kind === 'mistake') {
      for (const sentence of parsed.sentences) world.complain(sentence);
      return EXIT.usage;
    }
    const looking = lookingAt(store);
    const page = await searchHere(world, store, looking, { query: parsed.query, limit: PAGE, wait });
    const rows = await Promise.all(
      page.rows.map(async (row): Promise<Found> => ({ ...row, permalink: await looking.permalinkOf(row.run) })),
    );
    const { complete, unreadable, more, older } = page;
    const searched = queryWords(parsed.query);
    if (json) {
      const next = older === undefined ? null : olderWords(older);
      world.say(JSON.stringify({ searched, page: parsed.query.page, more, next, complete, unreadable, runs: rows.map(rowJson) }));
    } else {
      for (const line of historyLines(rows, searched, moreSentence(page, parsed.query))) world.say(line);
      for (const line of lackingSentences(page)) world.complain(line);
      if (unreadable.length > 0) world.complain(`Not read: ${unreadable.slice(0, 20).join(', ')}${unreadable.length > 20 ? ' …' : ''}`);
    }
    return rows.length === 0 ? EXIT.found : EXIT.ok;
  });
}

/** The shell has taken the quotes off. */
function asTyped(term: string): string {
  if (!/\s/.test(term) || term.includes('"')) return term;
  const [, filter, value] = /^([a-z]+):(.*)$/is.exec(term) ?? [];
  return filter !== undefined && value !== undefined && FILTERS.some((each) => each === filter) ? `${filter}:"${value}"` : `"${term}"`;
}

export function addHistory(program: Command, world: CliWorld, done: (code: Exit) => void): void {
  program
    .command('history [filters...]')
    .description('runs of the past and those that go on, by cluster, procedure, host, person, outcome, time and words; changes nothing')
    .option('--json', 'for programs (docs/history.md)', false)
    .option('--wait', 'read every journal first, however long it takes; without it, for a minute', false)
    .option('--as <id>', 'whom by:me means: the id of a Slack user; needs no proof')
    .addHelpText(
      'after',
      `
Filters: cluster:<name> procedure:<name> host:<name> by:<id, name or me> outcome:<open, succeeded, failed, aborted or cancelled>
since:<day, moment or age> until:<the same> page:<number> older:<place, from an answer>. Everything else must occur in commands, notes, reasons or output.
The name of a cluster or a procedure alone is a filter. It works while the bot runs and when it does not.

Examples:
  $ keyturn history                                        the latest runs
  $ keyturn history atscale-prod outcome:failed since:30d  what failed there in a month
  $ keyturn history by:U0DANA0001 since:2026-01-01 until:2026-03-31
  $ keyturn history "no space left" --json | jq '.runs[].run'

Exit code: 0 runs were found, 1 none was, 2 it cannot be searched as it was typed or set up.`,
    )
    .action(async (terms: string[], options: HistoryOptions) => done(await history(world, terms, options)));
}
