/** The app in Slack: what is its own there, and how its messages are linked to. Pure. */
import type { Standing } from './standing.ts';

/** The app itself, by the ids that Slack gives it. */
export type Me = {
  readonly userId: string;
  readonly botId: string | undefined;
  /** Of the workspace, with a slash at its end. */
  readonly url: string;
};

/** Posted by the app. */
export function isOurs(me: Me, { botId, user }: Standing): boolean {
  return botId !== undefined && me.botId !== undefined ? botId === me.botId : user === me.userId;
}

/** As Slack makes them; asking it for each would cost a call. */
export function linkOf({ url }: Me, channel: string, ts: string): string {
  return `${url.replace(/\/?$/, '/')}archives/${channel}/p${ts.replace('.', '')}`;
}
