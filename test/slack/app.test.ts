/** The edge as a whole: starting, losing Slack, closing, and who is let in over HTTP. */
import { startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import type { SlackConfig } from '../../src/config.ts';
import { KeyturnError } from '../../src/errors.ts';
import { createSlack } from '../../src/slack/app.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import { pauseAfter } from '../../src/slack/socket-link.ts';
import { createWebClient, type Identity, identify } from '../../src/slack/web.ts';
import { type Bench, firstAnswer, freePort, logInMemory, nobody, startBench } from './bench.ts';
import { FakeDesk, gate } from './fake-desk.ts';

const IDENTITY: Identity = {
  teamId: 'T0SANDBOX1',
  enterpriseId: undefined,
  botUserId: 'U0KEYTURN1',
  botId: 'B0KEYTURN1',
  team: 'Northwind Data',
  url: '',
};

async function codeOf(work: Promise<unknown>): Promise<KeyturnError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KeyturnError) return error;
  throw new Error(`expected a KeyturnError, got ${String(error)}`);
}

function edge(config: SlackConfig) {
  const { logger: log } = logInMemory();
  const web = createWebClient(config, log);
  const directory = createDirectory({ web, identity: IDENTITY, people: () => ({ kind: 'known', identities: new Map() }), log });
  return createSlack({
    config,
    identity: IDENTITY,
    desk: new FakeDesk(),
    web,
    directory,
    factors: nobody,
    log,
    permalinkOf: async () => undefined,
    threadOf: async () => undefined,
    recordOf: async () => undefined,
  });
}

describe('starting', () => {
  test('a refused bot token is told with where to look', async () => {
    const sandbox = await startSandboxSlack();
    const web = createWebClient({ botToken: 'xoxb-wrong', apiUrl: sandbox.url }, logInMemory().logger);
    const problem = await codeOf(identify(web));
    expect(problem.code).toBe('SLACK_TOKEN_REFUSED');
    expect(problem.message).toBe('Slack refused SLACK_BOT_TOKEN (invalid_auth).');
    expect(problem.check).toContain('OAuth & Permissions');
    await sandbox.close();
  });

  test('a missing scope is named', async () => {
    const sandbox = await startSandboxSlack({
      scopes: ['commands', 'chat:write', 'users:read', 'channels:history', 'groups:history'],
    });
    const config: SlackConfig = { botToken: sandbox.botToken, transport: { kind: 'socket', appToken: 'xapp-1' }, apiUrl: sandbox.url };
    const problem = await codeOf(identify(createWebClient(config, logInMemory().logger)));
    expect(problem.code).toBe('SLACK_SCOPES_MISSING');
    expect(problem.message).toContain('channels:read');
    await sandbox.close();
  });

  test('an unreachable Slack is told with its address', async () => {
    const port = await freePort();
    const config: SlackConfig = {
      botToken: 'xoxb-1',
      transport: { kind: 'socket', appToken: 'xapp-1' },
      apiUrl: `http://127.0.0.1:${port}/api/`,
    };
    const problem = await codeOf(identify(createWebClient(config, logInMemory().logger)));
    expect(problem.code).toBe('SLACK_UNREACHABLE');
    expect(problem.message).toContain(`127.0.0.1:${port}`);
  });

  test('a refused app token ends the start and no more', async () => {
    const sandbox = await startSandboxSlack();
    const slack = edge({ botToken: sandbox.botToken, transport: { kind: 'socket', appToken: 'xapp-wrong' }, apiUrl: sandbox.url });
    const problem = await codeOf(slack.start());
    expect(problem.code).toBe('SLACK_APP_TOKEN_REFUSED');
    expect(problem.check).toContain('connections:write');
    expect(slack.ready().ready).toBe(false);
    await sandbox.close();
  });

  test('a port in use is named', async () => {
    const sandbox = await startSandboxSlack();
    const config = (port: number): SlackConfig => ({
      botToken: sandbox.botToken,
      transport: { kind: 'http', signingSecret: sandbox.signingSecret, port },
      apiUrl: sandbox.url,
    });
    const port = await freePort();
    const first = edge(config(port));
    await first.start();
    const problem = await codeOf(edge(config(port)).start());
    expect(problem.code).toBe('SLACK_PORT_TAKEN');
    expect(problem.message).toContain(String(port));
    await first.close();
    await sandbox.close();
  });
});

describe('over sockets', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench('socket');
  });
  afterEach(() => bench.close());

  test('two connections are held and reported', async () => {
    await bench.sandbox.waitFor(() => bench.slack.ready().links.every((link) => link.state === 'connected'), { what: 'two links' });
    expect(bench.slack.ready()).toMatchObject({ ready: true, links: [{ name: 'socket-1' }, { name: 'socket-2' }] });
    expect(bench.sandbox.connections).toBe(2);
  });

  test.each(['abrupt', 'refresh_requested', 'warning', 'link_disabled'] as const)('after “%s” both connections come back', async (how) => {
    bench.sandbox.dropConnections(how);
    const before = bench.sandbox.callsOf('apps.connections.open').length;
    await bench.sandbox.waitFor(() => bench.sandbox.callsOf('apps.connections.open').length >= before + 2, {
      what: 'two new connections asked for',
    });
    // A command that goes to a connection on its way out is lost, as with Slack itself: wait until only the new ones are there.
    await bench.sandbox.waitFor(
      () => bench.sandbox.connections === 2 && bench.slack.ready().links.every((link) => link.state === 'connected'),
      { what: 'two new links and no old one' },
    );
    expect(await bench.answer('dana', 'ops', '/ha list')).toContain('atscale-prod');
  });

  test('one lost connection leaves the other one working', async () => {
    bench.sandbox.fail('apps.connections.open', { error: 'internal_error', times: 1_000 });
    bench.sandbox.dropConnections('abrupt', 1);
    await bench.sandbox.waitFor(() => bench.sandbox.connections === 1, { what: 'one connection left' });
    expect(await bench.answer('dana', 'ops', '/ha list')).toContain('atscale-prod');
    expect(bench.slack.ready().ready).toBe(true);
  });

  test.each([
    ['a revoked token', { error: 'token_revoked', times: 4 }, 'Slack refused SLACK_APP_TOKEN (token_revoked)'],
    ['an error page', { status: 500, times: 4 }, 'HTTP status 500'],
  ])('%s while reconnecting is outlived', async (_what, fault, sentence) => {
    bench.sandbox.fail('apps.connections.open', fault);
    bench.sandbox.dropConnections('abrupt');
    const count = (words: string): number => bench.log.lines.filter((line) => line.includes(words)).length;
    await bench.sandbox.waitFor(() => count('the connection to Slack is back') === 2, { timeoutMs: 20_000, what: 'both links to be back' });
    // Four tries failed; each link told the cause once.
    expect(bench.log.lines.filter((line) => line.includes(sentence) && line.includes('goes on trying'))).toHaveLength(2);
    expect(count('Keyturn goes on trying')).toBe(2);
    expect(await bench.answer('dana', 'ops', '/ha list')).toContain('atscale-prod');
  });

  test('the work goes on when its connection is lost', async () => {
    const held = gate();
    bench.desk.held = held.passed;
    const typed = bench.sandbox.person('dana').command({ channel: 'ops', text: '/ha restart atscale-prod' });
    await bench.sandbox.waitFor(() => bench.sandbox.callsOf('users.info').length > 0, { what: 'the command on its way' });
    bench.sandbox.dropConnections('abrupt');
    held.open();
    await typed;
    expect(bench.desk.started).toHaveLength(1);
  });

  test('closing waits for what is being handled', async () => {
    const held = gate();
    bench.desk.held = held.passed;
    const typed = bench.sandbox.person('dana').command({ channel: 'ops', text: '/ha restart atscale-prod' });
    await bench.sandbox.waitFor(() => bench.sandbox.callsOf('users.info').length > 0, { what: 'the command on its way' });
    const closed = bench.slack.close();
    held.open();
    await closed;
    expect(await firstAnswer(bench.sandbox, await typed)).toContain('runtest1');
    expect(bench.slack.ready().ready).toBe(false);
    await bench.sandbox.waitFor(() => bench.sandbox.connections === 0, { what: 'no connection left' });
  });
});

describe('over HTTP', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench('http');
  });
  afterAll(() => bench.close());

  const body = new URLSearchParams({
    command: '/ha',
    text: 'restart atscale-prod',
    user_id: 'U0DANA0001',
    team_id: 'T0SANDBOX1',
    channel_id: 'C0OPS00001',
    trigger_id: 'forged',
  }).toString();
  const now = (): number => Math.floor(Date.now() / 1000);

  test.each([
    ['a wrong signature', () => ({ signature: `v0=${'0'.repeat(64)}` })],
    ['no version in the signature', () => ({ signature: 'x' })],
    ['a timestamp of ten minutes ago', () => ({ timestamp: now() - 600 })],
    ['a timestamp in ten minutes', () => ({ timestamp: now() + 600 })],
    ['a timestamp that is no number', () => ({ headers: { 'x-slack-request-timestamp': 'soon' } })],
  ])('a request with %s is refused', async (_what, patch) => {
    const receipt = await bench.sandbox.deliverRaw({ body, ...patch() });
    expect(receipt).toMatchObject({ kind: 'refused', status: 401 });
    expect(bench.desk.started).toEqual([]);
  });

  test('the same request rightly signed is taken', async () => {
    expect(await bench.sandbox.deliverRaw({ body })).toMatchObject({ kind: 'acked' });
    expect(bench.desk.started).toHaveLength(1);
  });

  test('other paths are not found', async () => {
    const transport = bench.config.transport;
    const port = transport.kind === 'http' ? transport.port : 0;
    for (const path of ['/', '/slack/install', '//']) expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
  });
});

test('pauses between tries grow to half a minute', () => {
  expect([0, 1, 2, 3, 7, 50].map((failures) => pauseAfter(failures, 1))).toEqual([0, 500, 1000, 2000, 30_000, 30_000]);
  expect(pauseAfter(50, 0)).toBe(22_500);
});
