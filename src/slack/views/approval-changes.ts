/** What is another than in the request that was voided before this one: on top of the card. Pure. */
import type { Approval, RunState } from '../../run/state.ts';
import { voidedBefore } from '../../run/voided.ts';
import { type Part, say, show } from './compose.ts';
import { slackTime } from './times.ts';
import { words } from './words.ts';

const MOST = 20;

/** At most two parts: the sentences, and below them what they show as lines. None where nothing has changed. */
export function changedParts(state: RunState, approval: Approval): readonly Part[] {
  const sentences = changedLines(state, approval);
  if (sentences.length === 0) return [];
  const lines = approval.changed.filter((each) => each.includes('\n'));
  return [say(sentences.join('\n')), ...(lines.length === 0 ? [] : [show(lines.join('\n'))])];
}

/** The sentences alone, each without the lines that follow it. */
export function changedLines(state: RunState, approval: Approval): readonly string[] {
  const { changed } = approval;
  if (changed.length === 0) return [];
  const before = voidedBefore(state, approval.step, approval.request);
  const when = before === undefined ? 'before' : slackTime(before.status.at);
  const rest = changed.length - MOST;
  return [
    `*Changed since the request that was voided at ${when}:*`,
    ...changed.slice(0, MOST).map((each) => `• ${words(each.split('\n')[0] ?? '', 500)}`),
    ...(rest > 0 ? [`• and ${rest} more`] : []),
  ];
}
