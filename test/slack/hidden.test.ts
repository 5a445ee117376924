/** What is kept from somebody: its name is answered like a name that stands for nothing, whatever command names it. */
import type { Cluster } from '../../src/inventory/model.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Channel } from '../../src/slack/channels.ts';
import { runCommand } from '../../src/slack/commands/run-command.ts';
import type { Office } from '../../src/slack/office.ts';
import { carryOut } from '../../src/slack/run-order.ts';
import { logInMemory } from './bench.ts';
import { cluster, FakeDesk, OPS, restart, stateOf, TEAM } from './fake-desk.ts';

const ALEX = 'U0ALEX0001';
const KIM = 'U0KIM00001';
const LEE = 'U0LEE00001';
const people = (...users: readonly string[]) => ({ users: [...users], groups: [] });
/** Lee may stop there, and is in no other list. */
const vault: Cluster = {
  ...cluster,
  name: 'vault-prod',
  product: 'vault',
  may: { start: people(KIM), approve: people(KIM), read: people(), cancel: people(LEE) },
};
const rotate: Procedure = { ...restart, name: 'rotate-root', title: 'Rotate the root key', product: 'vault' };
/** Kept from everybody but Kim, on a cluster that all may see. */
const drain: Procedure = { ...restart, name: 'drain', may: { read: people(KIM) } };

class Desk extends FakeDesk {
  override clusters(): readonly Cluster[] {
    return [cluster, vault];
  }
  override procedures(): readonly Procedure[] {
    return [restart, rotate, drain];
  }
}

const here: Channel = { kind: 'channel', id: OPS, member: true, shared: false, archived: false };
let desk: Desk;
let channels: Record<string, Channel>;

beforeEach(() => {
  desk = new Desk();
  channels = {};
});

function office(): Office {
  return {
    desk,
    channels: { look: async ({ id }) => channels[id] ?? here },
    directory: { standingOf: async ({ team, user }) => standing(user, team) },
    factors: { verify: async () => ({ kind: 'notEnrolled' }) },
    log: logInMemory().logger,
    permalinkOf: async () => undefined,
    threadOf: async () => undefined,
    recordOf: async () => undefined,
    firstOf: async () => undefined,
    upload: async () => undefined,
    openForm: async () => undefined,
  };
}

function standing(user: string, team = TEAM): Standing {
  return { person: { team, user, name: user }, kind: { kind: 'member' }, memberOf: [] };
}

async function told(user: string, text: string): Promise<string> {
  const answer = await runCommand(office(), { team: TEAM, user, channel: OPS, channelName: 'ops', text, triggerId: 't1' });
  return answer.kind === 'now' ? JSON.stringify(answer.content) : 'later';
}

const going = (on: Cluster, procedure: Procedure) =>
  stateOf('runvault1', { cluster: on, procedure, channel: { team: TEAM, id: 'C0VAULT001' } });

test.each(['status', 'pause', 'resume', 'cancel', 'rotate-root', 'plan rotate-root', 'restart'])(
  '`/ha %s` tells nothing of a hidden cluster, idle or busy',
  async (command) => {
    const absent = (await told(ALEX, `${command} valet-prod`)).replaceAll('valet-prod', 'x').replace(/ Did you mean [^?]*\?/, '');
    const idle = (await told(ALEX, `${command} vault-prod`)).replaceAll('vault-prod', 'x').replace(/ Did you mean [^?]*\?/, '');
    desk.runs.set('runvault1', going(vault, rotate));
    const busy = (await told(ALEX, `${command} vault-prod`)).replaceAll('vault-prod', 'x').replace(/ Did you mean [^?]*\?/, '');
    expect([idle, busy]).toEqual([absent, absent]);
    expect(busy).not.toMatch(/runvault1|U0KIM|Rotate/);
  },
);

test.each(['status runvault1', 'pause runvault1', 'cancel runvault1', 'help rotate-root', 'help drain'])(
  '`/ha %s` finds nothing',
  async (text) => {
    desk.runs.set('runvault1', going(vault, rotate));
    const answer = await told(ALEX, text);
    expect(answer).toMatch(/There is no (procedure|run or cluster)/);
    expect(answer.replaceAll(/There is no [^.]*\./g, '')).not.toMatch(/runvault1|rotate-root|drain|U0KIM|Rotate/);
    expect(desk.acts).toEqual([]);
  },
);

test('an attempt on what is hidden is recorded', async () => {
  desk.runs.set('runvault1', going(vault, rotate));
  for (const text of ['rotate-root vault-prod', 'cancel runvault1']) await told(ALEX, text);
  expect(desk.turnedAway).toMatchObject([
    { user: ALEX, action: 'start' },
    { user: ALEX, action: 'stop' },
  ]);
});

test('whoever may only stop a hidden run stops it', async () => {
  desk.runs.set('runvault1', going(vault, rotate));
  expect(await told(LEE, 'cancel runvault1')).toContain('is being cancelled');
});

test('what holds a cluster is told as far as it may be seen', async () => {
  const hidden = going(cluster, drain);
  const locked = { kind: 'locked', holder: 'runvault1', state: hidden } as const;
  const order = {
    what: 'start',
    procedure: 'restart',
    cluster: cluster.name,
    params: {},
    channel: { team: TEAM, id: OPS },
    requestId: 'r1',
  } as const;
  const answer = async (user: string): Promise<string> => {
    const at = office();
    const held = { ...at, desk: Object.assign(new Desk(), { start: async () => locked }) };
    return JSON.stringify(await carryOut(held, { ...order, standing: standing(user) }));
  };
  expect(await answer(ALEX)).not.toMatch(/announce-1|U0DANA/);
  expect(await answer(KIM)).toMatch(/announce-1.*U0DANA/);
});

test.each<[string, Channel]>([
  ['shared with others', { kind: 'channel', id: 'C0VAULT001', member: true, shared: true, archived: false }],
  ['one that Keyturn left', { kind: 'hidden' }],
])('a run whose channel is %s is resumed from nowhere', async (_what, channel) => {
  const paused = { by: standing(KIM).person, at: 0, reason: '' };
  desk.runs.set('runvault1', { ...going(vault, rotate), paused });
  channels.C0VAULT001 = channel;
  expect(await told(KIM, 'resume runvault1')).toMatch(/shared with another|not in this channel/);
  expect(desk.runs.get('runvault1')?.paused).toBeDefined();
  delete channels.C0VAULT001;
  expect(await told(KIM, 'resume runvault1')).toContain('goes on');
});
