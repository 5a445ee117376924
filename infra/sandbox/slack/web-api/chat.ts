/** chat.*: posting, changing, deleting, ephemeral messages, permalinks. */
import { checkBlocks } from '../check-blocks.ts';
import type { Core } from '../core.ts';
import { str } from '../find.ts';
import { type JsonObject, jsonObjectSchema, type Message } from '../model.ts';
import type { Draft } from '../world.ts';
import type { Args } from './args.ts';
import { type Found, found, type Method, refusal, refuse, showMessage, visibleChannel, writableChannel } from './method.ts';

/** `text` is cut here (docs.slack.dev/reference/methods/chat.postMessage). */
const MAX_TEXT = 40_000;
/** chat.update refuses longer text. */
const MAX_UPDATED_TEXT = 4_000;
const MAX_METADATA_BYTES = 8_192;

type Content = Pick<Draft, 'text' | 'blocks' | 'metadata'>;

/** Text, blocks and metadata of a call, checked. */
function readContent(core: Core, args: Args): Found<Content> {
  const blocks = args.has('blocks') ? checkBlocks(args.json('blocks'), 'message', () => core.world.nextId('b')) : undefined;
  if (blocks?.kind === 'refused')
    return refusal(blocks.error, { errors: [...blocks.messages], response_metadata: { messages: [...blocks.messages] } });
  const shown = blocks === undefined || blocks.value.length === 0 ? {} : { blocks: blocks.value };
  if (args.text('text') === '' && shown.blocks === undefined) return refusal('no_text');
  const metadata = readMetadata(args);
  if (metadata.kind === 'refused') return metadata;
  return found({ text: [...args.text('text')].slice(0, MAX_TEXT).join(''), ...shown, ...metadata.value });
}

function readMetadata(args: Args): Found<Pick<Draft, 'metadata'>> {
  if (!args.has('metadata')) return found({});
  const parsed = jsonObjectSchema.safeParse(args.json('metadata'));
  if (!parsed.success || str(parsed.data, 'event_type') === undefined) return refusal('invalid_metadata_format');
  if (JSON.stringify(parsed.data).length > MAX_METADATA_BYTES) return refusal('metadata_too_large');
  return found({ metadata: parsed.data });
}

/** The bot's side of every message that it writes. */
export function asBot(core: Core): Pick<Message, 'user' | 'bot_id' | 'app_id'> {
  const { botUserId, botId, id } = core.world.app;
  return { user: botUserId, bot_id: botId, app_id: id };
}

/** The thread to post in, or the reason why not: a reply's ts answers in its parent's thread, an unknown one not at all. */
function readThread(core: Core, channel: string, args: Args): Found<Pick<Draft, 'thread_ts' | 'subtype'>> {
  if (!args.has('thread_ts')) return found({});
  const parent = core.world.message(channel, args.text('thread_ts'));
  if (parent === undefined) return refusal('thread_not_found');
  const broadcast = args.flag('reply_broadcast') ? { subtype: 'thread_broadcast' } : {};
  return found({ thread_ts: parent.thread_ts ?? parent.ts, ...broadcast });
}

const postMessage: Method = {
  scopes: ['chat:write'],
  run(core, args) {
    const channel = writableChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    const content = readContent(core, args);
    if (content.kind === 'refused') return content.answer;
    const thread = readThread(core, channel.value.id, args);
    if (thread.kind === 'refused') return thread.answer;
    const message = core.world.post(channel.value.id, { ...asBot(core), ...content.value, ...thread.value });
    const cut = [...args.text('text')].length > MAX_TEXT ? { response_metadata: { warnings: ['message_truncated'] } } : {};
    return { ok: true, channel: channel.value.id, ts: message.ts, message: showMessage(message, true), ...cut };
  },
};

/** The bot's own message with this ts. */
function ownMessage(core: Core, args: Args, notOwn: string): Found<{ readonly channel: string; readonly message: Message }> {
  const channel = writableChannel(core.world, args.text('channel'));
  if (channel.kind === 'refused') return channel;
  const message = core.world.all(channel.value.id).find((each) => each.ts === args.text('ts'));
  if (message === undefined) return refusal('message_not_found');
  return message.bot_id === core.world.app.botId ? found({ channel: channel.value.id, message }) : refusal(notOwn);
}

const update: Method = {
  scopes: ['chat:write'],
  run(core, args) {
    const own = ownMessage(core, args, 'cant_update_message');
    if (own.kind === 'refused') return own.answer;
    if (args.text('text').length > MAX_UPDATED_TEXT) return refuse('msg_too_long');
    const content = readContent(core, args);
    if (content.kind === 'refused') return content.answer;
    const { blocks: _old, edited: _mark, ...kept } = own.value.message;
    // Text without blocks removes the old blocks and carries the mark "(edited)"; an edit with blocks shows none.
    const edited = content.value.blocks === undefined ? { edited: { user: core.world.app.botUserId, ts: core.world.nextTs() } } : {};
    const message: Message = { ...kept, ...content.value, ...edited };
    core.world.replace(own.value.channel, message);
    return { ok: true, channel: own.value.channel, ts: message.ts, text: message.text, message: showMessage(message, true) };
  },
};

const remove: Method = {
  scopes: ['chat:write'],
  run(core, args) {
    const own = ownMessage(core, args, 'cant_delete_message');
    if (own.kind === 'refused') return own.answer;
    core.world.remove(own.value.channel, own.value.message.ts);
    return { ok: true, channel: own.value.channel, ts: own.value.message.ts };
  },
};

const postEphemeral: Method = {
  scopes: ['chat:write'],
  run(core, args) {
    const channel = writableChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    const content = readContent(core, args);
    if (content.kind === 'refused') return content.answer;
    const user = core.world.users.get(args.text('user'));
    if (user === undefined || user.deleted || !channel.value.members.includes(user.id)) return refuse('user_not_in_channel');
    const { metadata: _none, ...shown } = content.value;
    const thread = args.has('thread_ts') ? { thread_ts: args.text('thread_ts') } : {};
    const ephemeral = core.world.ephemeral({ channel: channel.value.id, user: user.id, from: 'app', ...shown, ...thread });
    return { ok: true, message_ts: ephemeral.ts };
  },
};

const getPermalink: Method = {
  run(core, args) {
    const channel = visibleChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    const message = core.world.message(channel.value.id, args.text('message_ts'));
    if (message === undefined) return refuse('message_not_found');
    return { ok: true, channel: channel.value.id, permalink: permalink(core, channel.value.id, message) };
  },
};

/** Opens on the sandbox page, with its thread where it is a reply. */
export function permalink(core: Core, channel: string, message: Message): string {
  const reply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
  const thread = reply ? `?thread_ts=${message.thread_ts}&cid=${channel}` : '';
  return `${core.origin}/archives/${channel}/p${message.ts.replace('.', '')}${thread}`;
}

export const CHAT: Readonly<Record<string, Method>> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};

/** What `showMessage` gives, for a whole list. */
export function showAll(messages: readonly Message[], args: Args): readonly JsonObject[] {
  return messages.map((each) => showMessage(each, args.flag('include_all_metadata')));
}
