/** users.*, usergroups.*, team.info, auth.test, api.test, apps.connections.open, reactions.add. */
import type { Core } from '../core.ts';
import type { JsonObject, Reaction, User, Usergroup } from '../model.ts';
import { type Method, page, refuse, visibleChannel } from './method.ts';

export function showUser(user: User): JsonObject {
  const { title, ...flags } = user;
  return {
    ...flags,
    is_owner: false,
    is_primary_owner: false,
    is_app_user: false,
    updated: 1_767_225_600,
    profile: { real_name: user.real_name, display_name: user.name, real_name_normalized: user.real_name, title, team: user.team_id },
  };
}

function showGroup(core: Core, group: Usergroup): JsonObject {
  return {
    id: group.id,
    team_id: core.world.team.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    user_count: group.users.length,
    date_delete: group.disabled ? 1 : 0,
  };
}

const usersInfo: Method = {
  scopes: ['users:read'],
  run(core, args) {
    const user = core.world.users.get(args.text('user'));
    return user === undefined ? refuse('user_not_found') : { ok: true, user: showUser(user) };
  },
};

const usersList: Method = {
  scopes: ['users:read'],
  run(core, args) {
    const { items, next } = page([...core.world.users.values()], args, 1000, 1000);
    return { ok: true, members: items.map(showUser), cache_ts: Math.floor(core.now() / 1000), response_metadata: { next_cursor: next } };
  },
};

const groupsList: Method = {
  scopes: ['usergroups:read'],
  run(core, args) {
    const groups = [...core.world.usergroups.values()].filter((each) => args.flag('include_disabled') || !each.disabled);
    return {
      ok: true,
      usergroups: groups.map((each) => ({ ...showGroup(core, each), ...(args.flag('include_users') ? { users: each.users } : {}) })),
    };
  },
};

const groupUsers: Method = {
  scopes: ['usergroups:read'],
  run(core, args) {
    const group = core.world.usergroups.get(args.text('usergroup'));
    if (group === undefined || (group.disabled && !args.flag('include_disabled'))) return refuse('no_such_subteam');
    return { ok: true, users: group.users };
  },
};

const authTest: Method = {
  run(core) {
    const { team, app } = core.world;
    const bot = core.world.users.get(app.botUserId);
    const who = { user: bot?.name ?? 'bot', user_id: app.botUserId, bot_id: app.botId, app_id: app.id };
    return { ok: true, url: `${core.origin}/`, team: team.name, team_id: team.id, is_enterprise_install: false, ...who };
  },
};

const teamInfo: Method = {
  scopes: ['team:read'],
  run: (core) => ({ ok: true, team: { ...core.world.team, email_domain: '', icon: {} } }),
};

const connectionsOpen: Method = {
  token: 'app',
  run: (core) => ({
    ok: true,
    url: `${core.origin.replace('http', 'ws')}/link/?ticket=${core.sockets.issueTicket()}&app_id=${core.world.app.id}`,
  }),
};

const reactionsAdd: Method = {
  scopes: ['reactions:write'],
  run(core, args) {
    const channel = visibleChannel(core.world, args.text('channel'));
    if (channel.kind === 'refused') return channel.answer;
    const message = core.world.all(channel.value.id).find((each) => each.ts === args.text('timestamp'));
    if (message === undefined) return refuse('message_not_found');
    const name = args.text('name');
    const bot = core.world.app.botUserId;
    const before = (message.reactions ?? []).find((each) => each.name === name);
    if (before?.users.includes(bot)) return refuse('already_reacted');
    const mine: Reaction = { name, users: [...(before?.users ?? []), bot] };
    core.world.replace(channel.value.id, {
      ...message,
      reactions: [...(message.reactions ?? []).filter((each) => each.name !== name), mine],
    });
    return { ok: true };
  },
};

export const PEOPLE: Readonly<Record<string, Method>> = {
  'api.test': {
    token: 'none',
    run: (_core, args) => (args.has('error') ? refuse(args.text('error'), { args: args.raw }) : { ok: true, args: args.raw }),
  },
  'auth.test': authTest,
  'team.info': teamInfo,
  'apps.connections.open': connectionsOpen,
  'users.info': usersInfo,
  'users.list': usersList,
  'usergroups.list': groupsList,
  'usergroups.users.list': groupUsers,
  'reactions.add': reactionsAdd,
};
