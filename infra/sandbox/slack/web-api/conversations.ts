/** conversations.*: what the bot may see of channels, their members, their timelines and threads. */
import type { Core } from '../core.ts';
import type { Channel, JsonObject, Message } from '../model.ts';
import type { Args } from './args.ts';
import { showAll } from './chat.ts';
import { isBotIn, type Method, page, refuse, visibleChannel } from './method.ts';

const READ = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const HISTORY = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

function showChannel(core: Core, channel: Channel): JsonObject {
  const plain = !channel.is_im && !channel.is_private;
  const { user, ...flags } = channel;
  const { members, topic, ...rest } = flags;
  return {
    ...rest,
    is_channel: plain,
    is_group: channel.is_private && !channel.is_im,
    is_mpim: false,
    is_general: false,
    is_shared: channel.is_ext_shared,
    is_org_shared: false,
    is_member: isBotIn(core.world, channel),
    num_members: members.length,
    topic: { value: topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    context_team_id: core.world.team.id,
    ...(user === undefined ? {} : { user }),
  };
}

const info: Method = {
  scopes: READ,
  run(core, args) {
    const channel = visibleChannel(core.world, args.text('channel'));
    return channel.kind === 'refused' ? channel.answer : { ok: true, channel: showChannel(core, channel.value) };
  },
};

const list: Method = {
  scopes: READ,
  run(core, args) {
    const types = (args.text('types') || 'public_channel').split(',');
    const typeOf = (each: Channel): string => (each.is_im ? 'im' : each.is_private ? 'private_channel' : 'public_channel');
    const seen = [...core.world.channels.values()].filter((each) => visibleChannel(core.world, each.id).kind === 'found');
    const wanted = seen.filter((each) => types.includes(typeOf(each)) && !(args.flag('exclude_archived') && each.is_archived));
    const { items, next } = page(wanted, args, 100, 1000);
    return { ok: true, channels: items.map((each) => showChannel(core, each)), response_metadata: { next_cursor: next } };
  },
};

const members: Method = {
  scopes: READ,
  run(core, args) {
    const channel = visibleChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    const { items, next } = page(channel.value.members, args, 100, 1000);
    return { ok: true, members: items, response_metadata: { next_cursor: next } };
  },
};

/** Between `oldest` and `latest`, both exclusive unless `inclusive`. */
function within(messages: readonly Message[], args: Args): readonly Message[] {
  const oldest = args.text('oldest') || '0';
  const latest = args.text('latest') || '9999999999.999999';
  const edge = args.flag('inclusive');
  return messages.filter(({ ts }) => (ts > oldest && ts < latest) || (edge && (ts === oldest || ts === latest)));
}

const history: Method = {
  scopes: HISTORY,
  run(core, args) {
    const channel = visibleChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    if (!isBotIn(core.world, channel.value)) return refuse('not_in_channel');
    const newestFirst = [...within(core.world.timeline(channel.value.id), args)].reverse();
    const { items, next } = page(newestFirst, args, 100, 999);
    return {
      ok: true,
      messages: showAll(items, args),
      has_more: next !== '',
      ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
    };
  },
};

/** The parent always comes first, whatever `oldest` says; the replies follow, oldest first. */
const replies: Method = {
  scopes: HISTORY,
  run(core, args) {
    const channel = visibleChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    if (!isBotIn(core.world, channel.value)) return refuse('not_in_channel');
    const [parent, ...rest] = core.world.thread(channel.value.id, args.text('ts'));
    if (parent === undefined) return refuse('thread_not_found');
    const { items, next } = page(within(rest, args), args, 1000, 1000);
    const messages = showAll([parent, ...items], args);
    return { ok: true, messages, has_more: next !== '', ...(next === '' ? {} : { response_metadata: { next_cursor: next } }) };
  },
};

export const CONVERSATIONS: Readonly<Record<string, Method>> = {
  'conversations.info': info,
  'conversations.list': list,
  'conversations.members': members,
  'conversations.history': history,
  'conversations.replies': replies,
};
