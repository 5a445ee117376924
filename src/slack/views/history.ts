/** `/ha history`: runs that were found, the newest first. Pure. */
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
export function historyView(
  { rows, more, complete }: Page,
  query: Query,
  permalinkOf: (run: string) => string | undefined,
  next: MoreRef,
): Content {
  const searched = words(queryWords(query), 400);
  const building = complete ? [] : [BUILDING];
  if (rows.length === 0) {
    const beyond = query.page > 1 ? ` on page ${query.page}` : '';
    const none = `Nothing was found${beyond}. Searched: ${searched}, among the runs that you may see.`;
    return content([none, ...building], [none, ...building].map(say));
  }
  const head = `*History*: ${searched}${query.page > 1 ? `, page ${query.page}` : ''}, the newest first`;
  const lines = rows.map((row) => `• ${rowLine(row, permalinkOf(row.run))}`);
  const rest = more ? [`There are more: press More, or type the same with \`page:${next.page}\`.`] : [];
  const groups = [head, ...lines, ...rest, ...building];
  return content(groups, [...groups.map(say), ...(more ? moreButton(ACTION.moreHistory, next) : [])]);
}

export const BUILDING = 'The history is still being built from the journals, so runs may be missing here. Ask again in a moment.';

/** None where what was typed is too long to come back with it. */
export function moreButton(action: string, next: MoreRef): readonly Part[] {
  const value = moreValue(next);
  return value === undefined ? [] : [{ kind: 'buttons', id: action, buttons: [button(action, 'More', value)] }];
}

function rowLine(row: Row, permalink: string | undefined): string {
  const approved = row.approvers.length === 0 ? 'approved by nobody' : `approved by ${row.approvers.map(person).join(', ')}`;
  return `${endLine(row, permalink)}; asked by ${person(row.requester)}, ${approved}`;
}

/** Which run, how it ended, when, and how long it took. */
export function endLine(row: Row, permalink: string | undefined): string {
  const took = row.ended === undefined ? '' : `, took ${duration(row.ended - row.started)}`;
  return `${linkedRun(row.run, permalink)} ${name(row.procedure)} on ${name(row.cluster)}: *${row.outcome}*; ${slackTime(row.started)}${took}`;
}
