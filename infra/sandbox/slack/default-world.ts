/** The workspace of the demo and of most tests. */
import type { Channel, User, WorldSeed } from './model.ts';

const TEAM = 'T0SANDBOX1';
const OTHER_TEAM = 'T0VENDOR01';
const CREATED = 1_767_225_600;

/** A full member unless the patch says otherwise. */
export function user(id: string, name: string, realName: string, title: string, patch: Partial<User> = {}): User {
  return {
    id,
    team_id: TEAM,
    name,
    real_name: realName,
    title,
    tz: 'Europe/Zurich',
    deleted: false,
    is_bot: false,
    is_workflow_bot: false,
    is_connector_bot: false,
    is_admin: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_stranger: false,
    ...patch,
  };
}

/** A public channel of this workspace unless the patch says otherwise. */
export function channel(id: string, name: string, members: readonly string[], patch: Partial<Channel> = {}): Channel {
  return {
    id,
    name,
    topic: '',
    members,
    is_private: false,
    is_im: false,
    is_archived: false,
    is_ext_shared: false,
    is_pending_ext_shared: false,
    created: CREATED,
    ...patch,
  };
}

const BOT = 'U0KEYTURN1';
const DANA = 'U0DANA0001';
const SAM = 'U0SAM00001';
const ALEX = 'U0ALEX0001';
const ROBIN = 'U0ROBIN001';
const GUEST = 'U0GUEST001';
const LEFT = 'U0LEFT0001';
const ROBOT = 'U0ROBOT001';
const VENDOR = 'U0VENDOR01';

export const DEFAULT_WORLD: WorldSeed = {
  team: { id: TEAM, name: 'Northwind Data', domain: 'northwind-data' },
  app: {
    id: 'A0KEYTURN1',
    botId: 'B0KEYTURN1',
    botUserId: BOT,
    command: '/ha',
    usageHint: '<procedure> <cluster> [name=value …] | help | list | status',
  },
  users: [
    user(DANA, 'dana', 'Dana Reyes', 'On-call engineer'),
    user(SAM, 'sam', 'Sam Okafor', 'Platform lead, approver'),
    user(ALEX, 'alex', 'Alex Kim', 'Analyst, may read only'),
    user(ROBIN, 'robin', 'Robin Vale', 'Database administrator'),
    user(GUEST, 'gwen', 'Gwen Ito', 'Guest', { is_restricted: true }),
    user(LEFT, 'lee', 'Lee Former', 'Left the company', { deleted: true }),
    user(ROBOT, 'deploybot', 'Deploy Bot', 'Another app', { is_bot: true }),
    user(VENDOR, 'vera', 'Vera Vendor', 'Vendor support', { team_id: OTHER_TEAM, is_stranger: true }),
    user(BOT, 'keyturn', 'Keyturn', 'Two keys, one runbook', { is_bot: true }),
  ],
  channels: [
    channel('C0OPS00001', 'ops', [DANA, SAM, ALEX, ROBIN, GUEST, LEFT, ROBOT, BOT], { topic: 'Clusters, incidents, maintenance' }),
    channel('C0STAKE001', 'stakeholders', [DANA, SAM, ALEX, ROBIN, BOT], {
      topic: 'Announcements for everyone who depends on the clusters',
    }),
    channel('C0RANDOM01', 'random', [DANA, SAM, ALEX, GUEST], { topic: 'Anything else' }),
    channel('C0SECRET01', 'incident-private', [DANA, SAM], { is_private: true, topic: 'The bot is not in here' }),
    channel('C0VENDOR01', 'vendor-shared', [DANA, SAM, VENDOR, BOT], { is_ext_shared: true, topic: 'Shared with the vendor' }),
    channel('C0OLD00001', 'old-ops', [DANA, SAM, BOT], { is_archived: true, topic: 'Archived' }),
    channel('D0DANA0001', 'directmessage', [DANA, BOT], { is_im: true, is_private: true, user: DANA }),
  ],
  usergroups: [{ id: 'S0APPROVE1', handle: 'ha-approvers', name: 'HA approvers', users: [SAM], disabled: false }],
};
