/** `keyturn status | pause | resume | cancel` as a real process, beside a worker with a real Redis and a real host, while Slack is down and while it is up. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pino from 'pino';
import { channel, user } from '../../infra/sandbox/slack/default-world.ts';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import { createFactors } from '../../src/factor/factors.ts';
import { codeAt, newSecret } from '../../src/factor/totp.ts';
import { openInstallationKey } from '../../src/installation-key.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRegister, type RegisterEvent } from '../../src/journal/register.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { converse, type Typed } from '../support/authenticator.ts';
import { freePort } from '../support/redis.ts';
import { openShop, type Shop } from '../worker/shop.ts';

const DANA = 'U0DANA';
const SAM = 'U0SAM';
const ALEX = 'U0ALEX';
const STEP = 30_000;
const log = pino({ level: 'silent' });
const MAIN = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
const LONG = `procedure: long
product: sample
title: Wait for long
steps:
  - { id: A, title: Wait, on: main, run: sleep 300, timeout: 10m }
`;

let shop: Shop;
let slack: SandboxSlack;
let redis: RedisClient;
let key: (purpose: string) => Buffer;
let nowhere: number;
beforeAll(async () => {
  shop = await openShop();
  const users = [user(DANA, 'dana', 'Dana Reyes', ''), user(SAM, 'sam', 'Sam Okafor', ''), user(ALEX, 'alex', 'Alex Kim', '')];
  const channels = [channel('C1', 'ops', [DANA, SAM, ALEX, 'U0KEYTURN1'])];
  slack = await startSandboxSlack({ rates: 'off', world: { users, channels } });
  redis = await connectRedis(shop.redisUrl, { role: 'journal', log });
  key = await openInstallationKey(join(shop.folder, 'data', 'installation.key'));
  nowhere = await freePort();
}, 60_000);
afterAll(async () => {
  await disconnectRedis(redis);
  await slack.close();
  await shop.close();
});

/** Somebody with an app in their hand; codes of the last, this and the next half minute, in this order. */
async function enrolled(id: string): Promise<readonly Typed[]> {
  await redis.del(keys.factor(id));
  const secret = newSecret();
  const factors = createFactors({ redis, key: key('factor'), log });
  expect(await factors.enrol({ user: id, secret, step: 1, by: id, at: Date.now(), first: false })).toBe('enrolled');
  return [-1, 0, 1].map((steps) => () => codeAt(secret, Date.now() + steps * STEP));
}

function keyturn(args: readonly string[], { codes = [] as readonly Typed[], up = false, env = {} as Record<string, string> } = {}) {
  const world = {
    PATH: process.env.PATH,
    REDIS_URL: shop.redisUrl,
    KEYTURN_DATA: join(shop.folder, 'data'),
    KEYTURN_CLUSTERS: join(shop.folder, 'clusters'),
    KEYTURN_PROCEDURES: join(shop.folder, 'procedures'),
    KEYTURN_PEOPLE: join(shop.folder, 'people.yaml'),
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: up ? slack.url : `http://127.0.0.1:${nowhere}/api/`,
    ...env,
  };
  return converse([MAIN, ...args], { cwd: shop.folder, env: world }, codes);
}

async function begun(): Promise<string> {
  const run = await shop.begin(LONG);
  await shop.until(run, ({ steps }) => steps.A?.kind === 'open' && steps.A.hosts.alpha?.kind === 'began');
  return run;
}

async function ended(run: string): Promise<string | undefined> {
  return (await shop.until(run, (state) => state.ended !== undefined)).ended?.outcome;
}

async function byPeople(run: string): Promise<readonly RunEvent[]> {
  const recorded = await shop.recorded(run);
  return recorded.filter(({ actor, event }) => actor.kind === 'person' && event.kind !== 'runRequested').map(({ event }) => event);
}

async function lastRefusal(): Promise<RegisterEvent | undefined> {
  const entries = await createRegister({ redis, key: key('register') }).read({ from: 1, limit: 1_000 });
  return entries.findLast(({ event }) => event.kind === 'refused')?.event;
}

test('a cancel ends the run while Slack is down', async () => {
  const run = await begun();
  const [code = () => ''] = await enrolled(SAM);
  const done = await keyturn(['cancel', 'prod', 'the', 'window is over', '--as', SAM], { codes: [code] });
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(done.out).toContain('Slack could not be asked about you');
  expect(done.out).toContain(`${run} is being cancelled`);
  expect(await ended(run)).toBe('cancelled');
  expect(await byPeople(run)).toMatchObject([
    {
      kind: 'cancelRequested',
      by: { user: SAM },
      reason: 'from the command line, as Slack could not be asked: the window is over',
    },
  ]);
}, 60_000);

test('a pause holds without Slack, a resume wants its word', async () => {
  const run = await begun();
  const [first = () => '', second = () => ''] = await enrolled(DANA);
  expect((await keyturn(['pause', run, '--as', DANA], { codes: [first] })).code).toBe(0);
  const refused = await keyturn(['resume', run, '--as', DANA], { codes: [second] });
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('only pausing and cancelling are possible');
  expect(await lastRefusal()).toMatchObject({ person: { user: DANA }, action: 'settle', run, cluster: 'prod' });
  expect((await shop.desk.state(run))?.paused).toBeDefined();
  await slack.setChannel('C1', { is_ext_shared: true });
  const [fourth = () => ''] = await enrolled(DANA);
  expect((await keyturn(['resume', run, '--as', DANA], { codes: [fourth], up: true })).err).toContain(
    'shared with another organisation by now',
  );
  await slack.setChannel('C1', { is_ext_shared: false });
  const [, third = () => ''] = await enrolled(DANA);
  const resumed = await keyturn(['resume', run, '--as', DANA], { codes: [third], up: true });
  expect(resumed).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`${run} goes on.`) });
  expect(await byPeople(run)).toMatchObject([
    { kind: 'paused', by: { user: DANA }, reason: 'from the command line, as Slack could not be asked' },
    { kind: 'refused', action: 'settle' },
    { kind: 'resumed', by: { user: DANA, name: 'Dana Reyes' }, asked: expect.stringMatching(/^command-line-/) },
  ]);
  await shop.desk.act(
    run,
    { kind: 'cancel', reason: '' },
    { person: { team: 'T1', user: DANA, name: 'Dana' }, kind: { kind: 'member' }, memberOf: [] },
  );
  await ended(run);
}, 60_000);

describe('of a run that goes on', () => {
  let run: string;
  beforeAll(async () => {
    run = await begun();
  }, 30_000);
  afterAll(async () => {
    const [code = () => ''] = await enrolled(SAM);
    expect(await keyturn(['cancel', run, '--as', SAM], { codes: [code], up: true })).toMatchObject({ code: 0 });
    expect(await ended(run)).toBe('cancelled');
    expect((await byPeople(run)).at(-1)).toMatchObject({
      kind: 'cancelRequested',
      reason: 'from the command line',
      by: { name: 'Sam Okafor' },
    });
  }, 30_000);

  async function untouched(): Promise<void> {
    const state = await shop.desk.state(run);
    expect([state?.paused, state?.cancel, state?.ended]).toEqual([undefined, undefined, undefined]);
  }

  test('a wrong code stops nothing and is recorded', async () => {
    await enrolled(SAM);
    const done = await keyturn(['cancel', run, '--as', SAM], { codes: [() => '12345', () => '000000'] });
    expect(done.code).toBe(1);
    expect(done.err).toContain('A code has six digits');
    expect(done.err).toContain('This code is wrong');
    expect(done.err).toContain(`That it is ${SAM} was not proved, so nothing was done.`);
    expect(await lastRefusal()).toMatchObject({ person: { user: SAM }, action: 'stop', run, why: expect.stringContaining('not proved') });
    await untouched();
  });

  test('a code that was used proves nothing', async () => {
    const [code = () => ''] = await enrolled(ALEX);
    expect((await keyturn(['pause', run, '--as', ALEX], { codes: [code] })).err).toContain('You may not decide about runs');
    const again = await keyturn(['pause', run, '--as', ALEX], { codes: [code] });
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('used already') });
    await untouched();
  });

  test('whoever is not enrolled is told how', async () => {
    await redis.del(keys.factor(DANA));
    const done = await keyturn(['cancel', run, '--as', DANA]);
    expect(done).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`keyturn factor enrol ${DANA} --by`) });
    expect(await lastRefusal()).toMatchObject({ person: { user: DANA }, why: expect.stringContaining('no second factor') });
    await untouched();
  });

  test.each([false, true])('somebody without rights is refused, Slack up: %s', async (up) => {
    const [code = () => ''] = await enrolled(ALEX);
    const done = await keyturn(['cancel', run, '--as', ALEX], { codes: [code], up });
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('You may not decide about runs on prod') });
    expect(done.err).toContain(`Who may stop: ${DANA}, ${SAM}.`);
    expect(await lastRefusal()).toMatchObject({ person: { user: ALEX }, action: 'stop', run });
    await untouched();
  });

  test('whom Slack calls deactivated is refused, whatever the code', async () => {
    await slack.setUser('sam', { deleted: true });
    const [code = () => ''] = await enrolled(SAM);
    const done = await keyturn(['cancel', run, '--as', SAM], { codes: [code], up: true });
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('your Slack account is deactivated') });
    await slack.setUser('sam', { deleted: false });
    await untouched();
  });

  test('whom Slack does not know is refused too', async () => {
    slack.fail('users.info', { error: 'user_not_found' });
    const [code = () => ''] = await enrolled(SAM);
    const done = await keyturn(['cancel', run, '--as', SAM], { codes: [code], up: true });
    expect(done).toMatchObject({ code: 1, err: expect.stringContaining('user_not_found') });
    await untouched();
  });

  test.each([
    ['a run that nobody knows', ['cancel', 'runnever99', '--as', SAM], 'Nobody knows a run or cluster “runnever99”'],
    ['an id that is none', ['cancel', 'prod', '--as', 'sam'], 'is no id of a Slack user'],
    ['nobody named', ['cancel', 'prod'], "required option '--as <user>'"],
    ['a reason without end', ['cancel', 'prod', 'x'.repeat(1_001), '--as', SAM], '1000 are allowed'],
  ])('%s is a mistake in the command', async (_what, args, sentence) => {
    expect(await keyturn(args)).toMatchObject({ code: 2, err: expect.stringContaining(sentence) });
    await untouched();
  });

  test('status shows it, in words and for programs', async () => {
    const said = await keyturn(['status']);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain(`${run}  long prod  running A on alpha`);
    expect(said.out).toContain('asked for by Dana (U0DANA)');
    const shown: unknown = JSON.parse((await keyturn(['status', 'prod', '--json'])).out);
    expect(shown).toMatchObject({
      runs: [{ run, cluster: 'prod', procedure: 'long', status: 'running A on alpha', paused: false, cancelling: false, ended: null }],
      damaged: [],
    });
    expect(await keyturn(['status', 'nothing'])).toMatchObject({ code: 2, err: expect.stringContaining('Nobody knows') });
  });

  test('the key of another installation is refused before anything', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-other-'));
    const file = join(folder, 'other.key');
    writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
    const done = await keyturn(['cancel', run, '--as', SAM], { env: { KEYTURN_KEY_FILE: file } });
    expect(done).toMatchObject({ code: 2, err: expect.stringContaining('another installation key') });
    rmSync(folder, { recursive: true });
    await untouched();
  });
});

test('a run that is over cannot be cancelled any more', async () => {
  const run = await shop.begin(LONG.replace('procedure: long', 'procedure: short').replace('sleep 300', 'echo done'));
  await ended(run);
  const [code = () => ''] = await enrolled(SAM);
  expect(await keyturn(['cancel', run, '--as', SAM], { codes: [code], up: true })).toMatchObject({
    code: 1,
    err: expect.stringContaining(`${run} has ended (succeeded)`),
  });
}, 30_000);

test('without REDIS_URL the own Redis is asked', async () => {
  const data = mkdtempSync(join(tmpdir(), 'keyturn-own-'));
  writeFileSync(join(data, 'installation.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
  expect(await keyturn(['status'], { env: { REDIS_URL: '', KEYTURN_DATA: data } })).toMatchObject({ code: 0, out: 'No run goes on.\n' });
  rmSync(data, { recursive: true });
}, 30_000);
