/** `/ha history`: runs that were found, the newest first. Pure. */
import { lackingSentences, moreSentence } from '../../history/answer.ts';
import type { Page, Row } from '../../history/index.ts';
import { type Query, queryWords } from '../../history/query.ts';
import { ACTION, type MoreRef, moreValue } from './actions.ts';
import { button } from './buttons.ts';
import { content, type Part, say } from './compose.ts';
import { linkedRun } from './links.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { duration, slackTime } from './times.ts';
import { name, words } from './words.ts';

/** Runs of one answer. */
export const HISTORY_PAGE = 10;

/** `next`: what its button asks for, where there are more. */
export function historyView(page: Page, query: Query, permalinkOf: (run: string) => string | undefined, next?: MoreRef): Content {
  // Of a page that a button asked for the number says enough.
  const searched = words(queryWords(query.page > 1 ? { ...query, older: undefined } : query), 400);
  const lacking = lackingSentences(page);
  if (page.rows.length === 0) {
    const beyond = query.page > 1 ? ` on page ${query.page}` : '';
    const none = `Nothing was found${beyond}. Searched: ${searched}, among the runs that you may see.`;
    return content([none, ...lacking], [none, ...lacking].map(say));
  }
  const head = `*History*: ${searched}${query.page > 1 ? `, page ${query.page}` : ''}, the newest first`;
  const lines = page.rows.map((row) => `• ${rowLine(row, permalinkOf(row.run))}`);
  const further = next === undefined ? [] : moreButton(ACTION.moreHistory, next);
  const more = moreSentence(page, query, further.length > 0 ? 'press More, or type ' : '');
  const groups = [head, ...lines, ...(more === undefined ? [] : [more]), ...lacking];
  return content(groups, [...groups.map(say), ...further]);
}

/** None where what was typed is too long to come back with it. */
export function moreButton(action: string, next: MoreRef): readonly Part[] {
  const value = moreValue(next);
  return value === undefined ? [] : [{ kind: 'buttons', id: action, buttons: [button(action, 'More', value)] }];
}

function rowLine(row: Row, permalink: string | undefined): string {
  const approved = row.approvers.length === 0 ? 'approved by nobody' : `approved by ${row.approvers.map(person).join(', ')}`;
  const glass = row.glass === undefined ? '' : `, *BREAK-GLASS* by ${row.glass.map(person).join(', ')}`;
  return `${endLine(row, permalink)}; asked by ${person(row.requester)}, ${approved}${glass}`;
}

/** Which run, how it ended, when, and how long it took. */
export function endLine(row: Row, permalink: string | undefined): string {
  const took = row.ended === undefined ? '' : `, took ${duration(row.ended - row.started)}`;
  return `${linkedRun(row.run, permalink)} ${name(row.procedure)} on ${name(row.cluster)}: *${row.outcome}*; ${slackTime(row.started)}${took}`;
}
