/** What one person sees of the workspace, as JSON for the page. Pure reading. */
import type { Core } from './core.ts';
import type { Change, Channel, Ephemeral, Json, JsonObject, Message, User } from './model.ts';
import { showMessage } from './web-api/method.ts';

export function stateFor(core: Core, me: string): JsonObject {
  const { world } = core;
  const seen = [...world.channels.values()].filter((each) => mayRead(each, me));
  return {
    me,
    team: { ...world.team },
    app: { ...world.app },
    mode: core.settings.delivery.kind,
    connections: core.sockets.connections,
    people: [...world.users.values()].map(personFor),
    usergroups: [...world.usergroups.values()].map(({ id, handle }) => ({ id, handle })),
    channels: seen.map((each) => channelFor(core, each, me)),
    messages: Object.fromEntries(seen.map((each) => [each.id, messagesFor(core, each.id)])),
    ephemerals: world.ephemerals(me).map(ephemeralFor),
    views: viewsFor(core, me),
  };
}

function mayRead(channel: Channel, me: string): boolean {
  return channel.members.includes(me) || (!channel.is_private && !channel.is_im);
}

function personFor(user: User): JsonObject {
  const guest = user.is_restricted || user.is_ultra_restricted;
  return {
    id: user.id,
    name: user.name,
    real_name: user.real_name,
    title: user.title,
    is_bot: user.is_bot,
    deleted: user.deleted,
    guest,
    external: user.is_stranger,
  };
}

function channelFor(core: Core, channel: Channel, me: string): JsonObject {
  const { members, ...rest } = channel;
  const member = members.includes(me);
  return { ...rest, member_count: members.length, member, bot_member: members.includes(core.world.app.botUserId) };
}

function messagesFor(core: Core, channel: string): readonly JsonObject[] {
  const tops = new Map(core.world.timeline(channel).map((each) => [each.ts, each]));
  return core.world.all(channel).map((each) => messageFor(tops.get(each.ts) ?? each));
}

function messageFor(message: Message): JsonObject {
  return showMessage(message, false);
}

function ephemeralFor(ephemeral: Ephemeral): JsonObject {
  const { blocks, ...rest } = ephemeral;
  return { ...rest, ...(blocks === undefined ? {} : { blocks }) };
}

function viewsFor(core: Core, me: string): readonly Json[] {
  return core.world.openViews(me).map((each) => ({ id: each.id, hash: each.hash, view: each.view }));
}

/** The change as this person's page is told of it; undefined when it is not for them. */
export function changeFor(core: Core, me: string, change: Change): JsonObject | undefined {
  switch (change.kind) {
    case 'message': {
      const channel = core.world.channels.get(change.channel);
      return channel !== undefined && mayRead(channel, me) ? { ...change, message: messageFor(change.message) } : undefined;
    }
    case 'message_deleted':
      return { ...change };
    case 'ephemeral':
      return change.user === me ? { kind: 'ephemeral', ephemeral: ephemeralFor(change.ephemeral) } : undefined;
    case 'ephemeral_gone':
      return change.user === me ? { ...change } : undefined;
    case 'views':
      return change.user === me ? { kind: 'views', views: viewsFor(core, me) } : undefined;
    case 'connections':
      return { ...change };
    case 'members':
      return { kind: 'members' };
    case 'nudge':
    case 'call':
      return undefined;
  }
}
