/** One message as a row: who, when, what, and the way into its thread. */
import { avatar } from './avatar.js';
import { contentNodes } from './blocks.js';
import { el, icon } from './dom.js';
import { emoji } from './emoji.js';
import { decode } from './mrkdwn.js';
import { notice } from './notice.js';
import { act, nameOf, store } from './store.js';
import { clock, dateOf, full, lastReply } from './time.js';

const isEphemeral = (message) => message.id !== undefined;

/** Slack's own notes come from its Slackbot, other ephemerals from the app. */
function authorOf(message) {
  if (!isEphemeral(message)) return message.user;
  return message.from === 'slackbot' ? 'slackbot' : store.app.botUserId;
}

/** Sends a click on this message; what Slack would tell the person comes back as an ephemeral message. */
function user(channel, message) {
  return async (order) => {
    try {
      await act('click', { channel, ts: message.ts, ...order });
    } catch (error) {
      notice(error.message);
    }
  };
}

function head(message, author) {
  const date = dateOf(message.ts);
  const bot = store.people.get(author)?.is_bot || message.bot_id !== undefined;
  return el(
    'div',
    { class: 'message-head' },
    el('span', { class: 'author' }, author === 'slackbot' ? 'Slackbot' : nameOf(author)),
    bot && el('span', { class: 'badge' }, 'APP'),
    el('time', { class: 'when', datetime: date.toISOString(), title: full(date) }, clock(date)),
  );
}

function onlyYou(message) {
  const dismiss = () => act('dismiss', { id: message.id });
  return el(
    'div',
    { class: 'only-you' },
    icon('eye'),
    el('span', {}, 'Only visible to you'),
    el('button', { type: 'button', class: 'plain', onclick: dismiss }, 'Dismiss'),
  );
}

function replies(message, open) {
  const people = (message.reply_users ?? []).slice(0, 3).map((id) => avatar(id, 'tiny'));
  const count = `${message.reply_count} ${message.reply_count === 1 ? 'reply' : 'replies'}`;
  return el(
    'button',
    { type: 'button', class: 'replies', 'data-testid': 'replies', 'aria-label': `${count}, open thread`, onclick: () => open(message.ts) },
    people,
    el('span', { class: 'count' }, count),
    el('span', { class: 'muted last' }, `Last reply ${lastReply(message.latest_reply)}`),
    el('span', { class: 'muted view' }, 'View thread'),
  );
}

function broadcastLine(channel, message, open) {
  const parent = store.messages.get(channel)?.get(message.thread_ts);
  const about = (parent?.text ?? '').replaceAll(/[*_`]/g, '').split('\n')[0].slice(0, 80);
  return el(
    'button',
    { type: 'button', class: 'plain broadcast', onclick: () => open(message.thread_ts) },
    'replied to a thread',
    about && `: ${decode(about)}`,
  );
}

function reactions(message) {
  return el(
    'div',
    { class: 'reactions' },
    message.reactions.map((each) =>
      el('span', { class: 'reaction', title: each.users.map(nameOf).join(', ') }, emoji(each.name) ?? `:${each.name}:`, ` ${each.count}`),
    ),
  );
}

function tools(message, open) {
  return el(
    'div',
    { class: 'tools' },
    el(
      'button',
      { type: 'button', class: 'tool', 'aria-label': 'Reply in thread', title: 'Reply in thread', onclick: () => open(message.ts) },
      icon('thread'),
    ),
  );
}

/** `place` is 'channel' or 'thread'; `follows` is true where the same person wrote just before. */
export function messageRow(channel, message, { place, follows, open }) {
  const author = authorOf(message);
  const date = dateOf(message.ts);
  const inThread = place === 'thread';
  const broadcast = message.subtype === 'thread_broadcast' && !inThread;
  const body = el(
    'div',
    { class: 'message-body' },
    !follows && head(message, author),
    broadcast && broadcastLine(channel, message, open),
    contentNodes(message, user(channel, message)),
    message.edited && el('span', { class: 'muted edited' }, '(edited)'),
    message.reactions && reactions(message),
    !inThread && message.reply_count > 0 && !broadcast && replies(message, open),
    isEphemeral(message) && onlyYou(message),
  );
  const side = follows ? el('time', { class: 'side-time', 'aria-hidden': 'true' }, clock(date)) : avatar(author);
  return el(
    'article',
    {
      class: `message ${follows ? 'follows' : ''} ${isEphemeral(message) ? 'ephemeral' : ''}`,
      'data-testid': isEphemeral(message) ? 'ephemeral' : inThread ? 'thread-message' : 'message',
      'data-ts': message.ts,
      'aria-label': `${author === 'slackbot' ? 'Slackbot' : nameOf(author)}, ${clock(date)}`,
    },
    side,
    body,
    !inThread && !isEphemeral(message) && tools(message, open),
  );
}
