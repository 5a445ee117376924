/** `/ha approvals`: what waits for somebody, and what they gave lately. Pure. */
import type { Row } from '../../history/index.ts';
import type { Approval, RunState } from '../../run/state.ts';
import { askedId } from './approval-joint.ts';
import { content, say } from './compose.ts';
import { linkedRun } from './links.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { slackTime } from './times.ts';
import { heading, name } from './words.ts';

export type Waiting = { readonly state: RunState; readonly approval: Approval; readonly permalink: string | undefined };

export function approvalsView(waiting: readonly Waiting[], given: readonly (Row & { readonly permalink: string | undefined })[]): Content {
  const open = waiting.map(
    ({ state, approval, permalink }) =>
      `• ${linkedRun(state.run, permalink)} ${heading(state)}: ${askedId(approval)}, asked for by ${person(state.requester)}, waits since ${slackTime(approval.askedAt)}, until ${slackTime(approval.expiresAt)}`,
  );
  const past = given.map(
    (row) =>
      `• ${linkedRun(row.run, row.permalink)} ${name(row.procedure)} on ${name(row.cluster)}: ${row.outcome}, ${slackTime(row.started)}`,
  );
  const groups = [
    open.length === 0 ? 'Nothing waits for your approval.' : ['*Waits for your approval* (decided in the thread):', ...open].join('\n'),
    past.length === 0 ? 'You have approved nothing lately.' : ['*Runs that you approved in*, the newest first:', ...past].join('\n'),
  ];
  return content(groups, groups.map(say));
}
