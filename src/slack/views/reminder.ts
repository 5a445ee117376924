/** The one reply that calls whoever may approve once more: it mentions them, as the card did when it was new. Pure. */
import type { EventOf, Recorded } from '../../run/events.ts';
import { type RunState, stepsOf } from '../../run/state.ts';
import { askedName } from './approval-joint.ts';
import type { Draft } from './compose.ts';
import { notice } from './notices.ts';
import { neededWords, wanted } from './second.ts';
import { slackTime } from './times.ts';

export function reminderDrafts(state: RunState, { request }: EventOf<'approvalReminded'>, each: Recorded): readonly Draft[] {
  const approval = state.approvals[request];
  if (approval === undefined) return [];
  const first = `${wanted(state, stepsOf(approval), approval.backers)}: ${askedName(state, approval)} still waits for ${neededWords(state, stepsOf(approval), approval.backers)}.`;
  const until = `Its card stands above in this thread. It expires ${slackTime(approval.expiresAt)}; nothing is started without an approval.`;
  return [notice(state, each.seq, `reminder:${request}`, first, [until])];
}
