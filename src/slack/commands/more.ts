/** The button under a page of a private answer: the page after it, for whoever clicks and as they may read now. */
import { note } from '../note.ts';
import type { Office } from '../office.ts';
import type { Click } from '../payloads.ts';
import { still } from '../still.ts';
import type { Content, MoreRef } from '../views/index.ts';
import { history } from './history.ts';
import { approvals } from './look-back.ts';

export type FurtherPage = { readonly of: 'history' | 'approvals'; readonly more: MoreRef };

export async function furtherPage(whole: Office, click: Click, { of, more }: FurtherPage): Promise<Content | undefined> {
  const { team, user, channel } = click;
  if (channel === undefined) return note(`It is not known where you are. Type \`/ha ${of} page:${more.page}\` in a channel.`);
  const office = { ...whole, desk: still(whole.desk) };
  const asked = { team, user, channel, channelName: undefined };
  const { page, older, text } = more;
  const answer = of === 'history' ? await history(office, asked, text, { page, older }) : await approvals(office, asked, page, older);
  return answer.kind === 'now' ? answer.content : answer.meanwhile;
}
