/** `/ha history`: runs that were found, the newest first. Pure. */
import { lackingSentences, moreSentence } from '../../history/answer.ts';
import type { Page, Row } from '../../history/index.ts';
import { type Query, queryWords } from '../../history/query.ts';
import { content, say } from './compose.ts';
import { linkedRun } from './links.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { duration, slackTime } from './times.ts';
import { name, words } from './words.ts';

/** Runs of one answer. */
export const HISTORY_PAGE = 10;

export function historyView(page: Page, query: Query, permalinkOf: (run: string) => string | undefined): Content {
  const searched = words(queryWords(query), 400);
  const lacking = lackingSentences(page);
  if (page.rows.length === 0) {
    const beyond = query.page > 1 ? ` on page ${query.page}` : '';
    const none = `Nothing was found${beyond}. Searched: ${searched}, among the runs that you may see.`;
    return content([none, ...lacking], [none, ...lacking].map(say));
  }
  const head = `*History*: ${searched}${query.page > 1 ? `, page ${query.page}` : ''}, the newest first`;
  const lines = page.rows.map((row) => `• ${rowLine(row, permalinkOf(row.run))}`);
  const more = moreSentence(page, query);
  const groups = [head, ...lines, ...(more === undefined ? [] : [more]), ...lacking];
  return content(groups, groups.map(say));
}

function rowLine(row: Row, permalink: string | undefined): string {
  const took = row.ended === undefined ? '' : `, took ${duration(row.ended - row.started)}`;
  const approved = row.approvers.length === 0 ? 'approved by nobody' : `approved by ${row.approvers.map(person).join(', ')}`;
  const what = `${name(row.procedure)} on ${name(row.cluster)}: *${row.outcome}*`;
  return `${linkedRun(row.run, permalink)} ${what}; ${slackTime(row.started)}${took}; asked by ${person(row.requester)}, ${approved}`;
}
