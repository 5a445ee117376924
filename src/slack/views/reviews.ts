/** `/ha reviews`: what was done in an emergency and waits for somebody's look. Pure. */
import type { DueReview } from '../../run/reviews.ts';
import { content, say } from './compose.ts';
import { threadLink } from './links.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { slackTime } from './times.ts';
import { counted, name, words } from './words.ts';

/** Entries of one answer; the rest is counted. */
export const MOST_REVIEWS = 12;

/** The newest first, each with the way to its thread. */
export function reviewsView(due: readonly DueReview[], permalinkOf: (run: string) => string | undefined): Content {
  if (due.length === 0) {
    const none = 'Nothing waits for a review: every break-glass and every override that you may see was looked at.';
    return content([none], [say(none)]);
  }
  const head = [
    `*${counted(due.length, 'emergency', 'emergencies')} to be reviewed*, by somebody who may approve on the cluster and had no part in it:`,
    '`/ha review <run> <what you found>`'.replace(/</g, '&lt;').replace(/>/g, '&gt;'),
  ].join('\n');
  const lines = due.slice(0, MOST_REVIEWS).map((each) => `• ${lineOf(each, permalinkOf(each.event.run))}`);
  const rest = due.length - MOST_REVIEWS;
  const groups = [head, ...lines, ...(rest > 0 ? [`• and ${rest} older; \`keyturn reviews\` on Keyturn’s machine lists all.`] : [])];
  return content(groups, groups.map(say));
}

function lineOf({ at, event }: DueReview, permalink: string | undefined): string {
  const what = event.kind === 'glassBroken' ? `break-glass at ${name(event.step)}` : `freeze window ${name(event.window)} overridden`;
  return `${slackTime(at)}: ${what} on ${name(event.cluster)} by ${person(event.by)}, ${name(event.run)}${threadLink(permalink)}. Reason: ${words(event.reason, 200)}`;
}
