/** Who somebody is: judged by fields of Slack, read at the moment, refused when nothing is known. */
import { createServer } from 'node:http';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import { createDirectory, type Directory, type SlackUser, whyBarred } from '../../src/slack/directory.ts';
import type { Known } from '../../src/files/people.ts';
import { parsePeople } from '../../src/inventory/people.ts';
import { createWebClient, identify } from '../../src/slack/web.ts';
import { logInMemory } from './bench.ts';

const OWN = { teamId: 'T1', enterpriseId: undefined };
const GRID = { teamId: 'T1', enterpriseId: 'E1' };
const user = (patch: Partial<SlackUser> = {}): SlackUser => ({ id: 'U1', team_id: 'T1', ...patch });

test.each([
  ['deactivated', user({ deleted: true }), 'deactivated'],
  ['a bot', user({ is_bot: true }), 'bots'],
  ['a workflow', user({ is_workflow_bot: true }), 'bots'],
  ['a connector', user({ is_connector_bot: true }), 'bots'],
  ['a guest', user({ is_restricted: true }), 'guests'],
  ['a guest of one channel', user({ is_ultra_restricted: true }), 'guests'],
  ['a stranger', user({ is_stranger: true }), 'other organisations'],
  ['of another workspace', user({ team_id: 'T2' }), 'other organisations'],
  ['of no workspace', user({ team_id: undefined }), 'other organisations'],
  ['of another organisation', user({ team_id: 'T2', enterprise_user: { enterprise_id: 'E2' } }), 'other organisations'],
])('whoever is %s is barred', (_who, person, fragment) => {
  expect(whyBarred(person, GRID)).toContain(fragment);
});

test('a colleague in another workspace of the organisation is let in', () => {
  const colleague = user({ team_id: 'T2', enterprise_user: { enterprise_id: 'E1' } });
  expect(whyBarred(colleague, GRID)).toBeUndefined();
  expect(whyBarred(colleague, OWN)).toContain('other organisations');
  expect(whyBarred(user(), OWN)).toBeUndefined();
});

describe('asking Slack', () => {
  let sandbox: SandboxSlack;
  let directory: Directory;
  let people: Known;
  beforeEach(async () => {
    people = { kind: 'known', identities: new Map() };
    sandbox = await startSandboxSlack({ rates: 'off' });
    const { logger: log } = logInMemory();
    const web = createWebClient({ botToken: sandbox.botToken, apiUrl: sandbox.url }, log);
    directory = createDirectory({ web, identity: await identify(web), people: () => people, log });
  });
  afterEach(() => sandbox.close());

  const sam = { team: 'T0SANDBOX1', user: 'U0SAM00001' };

  test('a member has the name of the profile', async () => {
    const standing = await directory.standingOf(sam, []);
    expect(standing).toEqual({ person: { ...sam, name: 'Sam Okafor' }, kind: { kind: 'member' }, memberOf: [] });
    expect(sandbox.callsOf('usergroups.users.list')).toEqual([]);
  });

  test('two accounts in the file of people are one person', async () => {
    const parsed = parsePeople('people: { sam@example.com: [U0SAM00001, U0DANA0001] }', 'people.yaml');
    if (parsed.kind === 'ok') people = { kind: 'known', identities: parsed.identities };
    const identity = { name: 'sam@example.com', accounts: ['U0SAM00001', 'U0DANA0001'] };
    expect((await directory.standingOf(sam, [])).identity).toEqual(identity);
    expect((await directory.standingOf({ ...sam, user: 'U0DANA0001' }, [])).identity).toEqual(identity);
  });

  test('a mistake in the file of people confirms nobody', async () => {
    const parsed = parsePeople('people: { sam: [U0SAM00001], pat: [U0SAM00001] }', 'people.yaml');
    if (parsed.kind === 'bad') people = { kind: 'broken', findings: parsed.findings };
    const why = expect.stringContaining('the account U0SAM00001 belongs to sam already');
    expect((await directory.standingOf(sam, [])).kind).toEqual({ kind: 'unverified', why });
  });

  test('the workspace is that of the profile, not of the payload', async () => {
    const standing = await directory.standingOf({ team: 'T0FORGED01', user: sam.user }, []);
    expect(standing.person.team).toBe('T0SANDBOX1');
  });

  test('only named groups are asked for, each once', async () => {
    const standing = await directory.standingOf(sam, ['S0APPROVE1', 'S0APPROVE1']);
    expect(standing.memberOf).toEqual(['S0APPROVE1']);
    expect(sandbox.callsOf('usergroups.users.list')).toHaveLength(1);
    expect((await directory.standingOf({ ...sam, user: 'U0DANA0001' }, ['S0APPROVE1'])).memberOf).toEqual([]);
  });

  test('a group that is gone has no members', async () => {
    sandbox.fail('usergroups.users.list', { error: 'no_such_subteam' });
    expect(await directory.standingOf(sam, ['S0GONE0001'])).toMatchObject({ kind: { kind: 'member' }, memberOf: [] });
  });

  test('membership is read anew at every question', async () => {
    expect((await directory.standingOf(sam, ['S0APPROVE1'])).memberOf).toHaveLength(1);
    await sandbox.setUsergroup('S0APPROVE1', { users: [] });
    expect((await directory.standingOf(sam, ['S0APPROVE1'])).memberOf).toEqual([]);
  });

  test.each([
    ['users.info', { error: 'internal_error' }, 'internal_error'],
    ['users.info', { status: 503 }, '503'],
    ['users.info', { rateLimited: 7 }, 'wait 7 s'],
    ['users.info', { dropBeforeProcessing: true }, 'gave no answer'],
    ['users.info', { error: 'user_not_found' }, 'user_not_found'],
    ['usergroups.users.list', { error: 'missing_scope' }, 'S0APPROVE1'],
    ['usergroups.users.list', { dropBeforeProcessing: true }, 'S0APPROVE1'],
  ] as const)('when %s ends with %j, nobody is known', async (method, fault, fragment) => {
    sandbox.fail(method, fault);
    const standing = await directory.standingOf(sam, ['S0APPROVE1']);
    expect(standing).toMatchObject({ kind: { kind: 'unverified', why: expect.stringContaining(fragment) }, memberOf: [] });
    // Slack's own word about the person or the app is no silence.
    const isSilent = standing.kind.kind === 'unverified' && standing.kind.silent === true;
    expect(isSilent).toBe(!/not_found|missing_scope/.test(JSON.stringify(fault)));
  });
});

test('a profile that names no workspace is not taken for ours, whatever the payload says', async () => {
  const slack = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, user: { id: 'U0OUT00001', name: 'out' } }));
  });
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
  try {
    const at = slack.address();
    const port = typeof at === 'object' && at !== null ? at.port : 0;
    const { logger: log } = logInMemory();
    const web = createWebClient({ botToken: 'xoxb-1', apiUrl: `http://127.0.0.1:${port}/` }, log);
    const identity = { teamId: 'T1', enterpriseId: undefined, botUserId: 'U0BOT', botId: 'B0BOT', team: 'own', url: '' };
    const known: Known = { kind: 'known', identities: new Map() };
    const directory = createDirectory({ web, identity, people: () => known, log });
    expect(await directory.standingOf({ team: 'T1', user: 'U0OUT00001' }, [])).toMatchObject({ kind: { kind: 'barred' } });
  } finally {
    await new Promise((resolve) => slack.close(resolve));
  }
});
