/** Plain facts of a channel, and whether Keyturn may be commanded there. Read at each command: a channel may have been shared a moment ago. */
import type { WebClient } from '@slack/web-api';
import { sayFailure, webFailure } from './failure.ts';

export type Channel =
  | { readonly kind: 'channel'; readonly id: string; readonly member: boolean; readonly shared: boolean; readonly archived: boolean }
  | { readonly kind: 'direct' }
  /** Slack shows the app no such channel: a private one that it was not invited to. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface Channels {
  /** Never rejects. */
  look(place: { readonly id: string; readonly name?: string | undefined }): Promise<Channel>;
}

/** One question of Slack's third tier (50 a minute), asked beside the one about the person. */
export function createChannels(web: WebClient): Channels {
  return {
    async look({ id, name }) {
      if (id.startsWith('D') || name === 'directmessage' || name?.startsWith('mpdm-') === true) return { kind: 'direct' };
      return ask(web, id);
    },
  };
}

async function ask(web: WebClient, id: string): Promise<Channel> {
  try {
    const { channel } = await web.conversations.info({ channel: id });
    if (channel === undefined) return { kind: 'unknown', why: 'Slack described no channel' };
    if (channel.is_im === true || channel.is_mpim === true) return { kind: 'direct' };
    // Pending invitations count: the other side can join between the start of a run and its first output.
    const shared = channel.is_ext_shared === true || channel.is_pending_ext_shared === true;
    return { kind: 'channel', id, member: channel.is_member !== false, shared, archived: channel.is_archived === true };
  } catch (error) {
    const failure = webFailure(error);
    if (failure.kind === 'said' && ['channel_not_found', 'not_in_channel'].includes(failure.code)) return { kind: 'hidden' };
    return { kind: 'unknown', why: sayFailure(failure) };
  }
}

/** The sentence that refuses a command here, or nothing. Pure. */
export function whyNotHere(channel: Channel): string | undefined {
  switch (channel.kind) {
    case 'direct':
      return 'Keyturn works in channels only, where others see what is done. Use a channel that Keyturn is in.';
    case 'hidden':
      return notMember;
    case 'unknown':
      return `Slack could not tell what this channel is (${channel.why}), so nothing was done. Try again in a moment.`;
    case 'channel':
      if (!channel.member) return notMember;
      if (channel.shared)
        return 'This channel is shared with another organisation, which would read all output. Use a channel of your own.';
      return channel.archived ? 'This channel is archived. Use one that is not.' : undefined;
  }
}

const notMember = 'Keyturn is not in this channel, so it could not post the thread. Type `/invite @Keyturn` here, then repeat the command.';

/** The sentence that refuses a decision in the channel of a run that goes on, or nothing: the channel may have changed since the start. Pure. */
export function whyNotOn(channel: Channel): string | undefined {
  switch (channel.kind) {
    case 'direct':
      return `This is no channel any more in which others see what is done, so nothing was decided. ${stopping}`;
    case 'hidden':
      return `Keyturn is not in this channel any more, so nothing was decided. Type \`/invite @Keyturn\` here, then press the button again. ${stopping}`;
    case 'unknown':
      return `Slack could not tell what this channel is now (${channel.why}), so nothing was decided. Press the button again in a moment. ${stopping}`;
    case 'channel':
      if (!channel.member) return whyNotOn({ kind: 'hidden' });
      if (channel.shared)
        return `This channel is shared with another organisation by now, which reads all that is written here, so nothing was decided. ${stopping}`;
      return channel.archived ? `This channel is archived by now, so nothing was decided. ${stopping}` : undefined;
  }
}

const stopping = 'Pause, Cancel, Reject and Abort still work.';
