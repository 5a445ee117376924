/** Whatever keeps Keyturn from starting is a sentence that says what to check, with exit code 1, on the built program. */
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type Ended, runCommand, runKeyturn, TRACE } from './program.ts';
import { startTown, type Town } from './town.ts';

let town: Town;
let evicting: TestRedis;
let locked: TestRedis;
let foreign: TestRedis;
let scopeless: SandboxSlack;
let taken: Server;

beforeAll(async () => {
  town = await startTown({ withoutBot: true });
  evicting = await startRedis({ args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
  locked = await startRedis();
  const redis = new Redis(locked.url);
  await redis.config('SET', 'requirepass', 'right');
  redis.disconnect();
  scopeless = await startSandboxSlack({ scopes: ['commands', 'chat:write', 'users:read'] });
  taken = createServer().listen(0);
  await once(taken, 'listening');
  writeFileSync(join(town.folder, 'a-file'), '');
  writeFileSync(join(town.folder, 'open.key'), `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o644 });
  writeFileSync(join(town.folder, 'empty.key'), '', { mode: 0o600 });
  await sealedByOthers();
  mkdirSync(join(town.folder, 'only-node'));
  symlinkSync(process.execPath, join(town.folder, 'only-node/node'));
}, 60_000);

/** A worker of another installation has used that Redis, and is gone. */
async function sealedByOthers(): Promise<void> {
  foreign = await startRedis();
  const redis = new Redis(foreign.url);
  await redis.set('{keyturn}:sealed-by', '0123456789abcdef');
  redis.disconnect();
}

afterAll(async () => {
  taken.close();
  await Promise.all([town.close(), foreign.stop(), evicting.stop(), locked.stop(), scopeless.close()]);
});

/** Undefined takes a variable away. */
type Env = Readonly<Record<string, string | undefined>>;

function start(env: Env, ...args: readonly string[]): Promise<Ended> {
  return runKeyturn({ env: { ...town.env, ...env }, folder: town.folder }, ...args);
}

function expectPlain({ code, err }: Ended, words: readonly (string | RegExp)[]): void {
  for (const word of words) expect(err).toMatch(word);
  expect(err).toMatch(/^Keyturn cannot start: /);
  expect(err).toMatch(/^ {2}Check: \S.{10,}/m);
  expect(err).not.toMatch(TRACE);
  expect(code).toBe(1);
}

function portOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? String(address.port) : '';
}

const HTTP: Env = { SLACK_APP_TOKEN: undefined, SLACK_SIGNING_SECRET: 'a-signing-secret' };

describe('a variable', () => {
  test.each<[string, Env, readonly RegExp[]]>([
    ['no bot token', { SLACK_BOT_TOKEN: undefined }, [/SLACK_BOT_TOKEN is not set/, /OAuth & Permissions/]],
    ['no way to receive', { SLACK_APP_TOKEN: undefined }, [/Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET/, /Basic Information/]],
    ['a token of a person', { SLACK_BOT_TOKEN: 'xoxp-private' }, [/SLACK_BOT_TOKEN is a token that begins with xoxp-/]],
    ['an app token of another kind', { SLACK_APP_TOKEN: 'xoxb-private' }, [/SLACK_APP_TOKEN is a token that begins with xoxb-/]],
    ['a short signing secret', { ...HTTP, SLACK_SIGNING_SECRET: 'private' }, [/SLACK_SIGNING_SECRET/, /at least 8 characters/]],
    ['a port that is none', { ...HTTP, PORT: '70000' }, [/PORT is “70000”/, /1 to 65535/]],
    ['a Web API in the clear', { SLACK_API_URL: 'http://slack.example/api/' }, [/SLACK_API_URL is/, /https:\/\//]],
    ['another kind of Redis', { REDIS_URL: 'http://someone:private@redis' }, [/REDIS_URL/, /rediss:\/\//]],
    ['a Redis without a port', { REDIS_URL: 'redis://someone:private@redis:port' }, [/REDIS_URL cannot be used/]],
    ['replicas in words', { KEYTURN_REPLICAS: 'two' }, [/KEYTURN_REPLICAS is “two”/, /0 to 9/]],
    ['no message a second', { KEYTURN_POSTS_PER_SECOND: '0' }, [/KEYTURN_POSTS_PER_SECOND is “0”/]],
    ['a loud log', { LOG_LEVEL: 'loud' }, [/LOG_LEVEL is “loud”/, /debug/]],
  ])('%s is told by name and never shown', async (_title, env, words) => {
    const ended = await start(env);
    expectPlain(ended, words);
    expect(`${ended.out}${ended.err}`).not.toContain('private');
  });

  test('all mistakes are told at the first start', async () => {
    const env = {
      SLACK_BOT_TOKEN: undefined,
      SLACK_APP_TOKEN: 'x',
      SLACK_API_URL: 'x',
      REDIS_URL: 'x',
      KEYTURN_REPLICAS: 'x',
      LOG_LEVEL: 'x',
    };
    const ended = await start(env);
    expectPlain(ended, [/6 settings are wrong/, ...Object.keys(env).map((name) => new RegExp(`- ${name} is `))]);
  });

  test('a .env that cannot be read is told by every program', async () => {
    const world = { env: town.env, folder: join(town.folder, 'odd') };
    mkdirSync(join(world.folder, '.env'), { recursive: true });
    expectPlain(await runKeyturn(world), [/\.env cannot be read/]);
    const { code, err } = await runCommand(world, 'lint');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('.env cannot be read') });
    expect(err).not.toMatch(TRACE);
  });

  test('a role that there is not is told', async () => {
    expectPlain(await start({}, 'wroker'), [/“wroker” is not a role/, /npm run worker/]);
  });
});

test.each<[string, () => Env, readonly RegExp[]]>([
  ['Redis where nothing listens', () => ({ REDIS_URL: 'redis://127.0.0.1:1' }), [/127\.0\.0\.1:1 did not answer.*connection refused/]],
  ['a Redis password that is missing', () => ({ REDIS_URL: locked.url }), [/refuses the login/, /password in REDIS_URL/]],
  [
    'a Redis password that is wrong',
    () => ({ REDIS_URL: locked.url.replace('//', '//:private@') }),
    [/refuses the login/, /password in REDIS_URL/],
  ],
  ['a Redis that throws data away', () => ({ REDIS_URL: evicting.url }), [/maxmemory-policy allkeys-lru/, /noeviction/]],
  [
    'a data folder inside a file',
    () => ({ KEYTURN_DATA: join(town.folder, 'a-file/data') }),
    [/cannot write its data folder/, /KEYTURN_DATA/],
  ],
  ['a data folder that is a file', () => ({ KEYTURN_DATA: join(town.folder, 'a-file') }), [/cannot write its data folder/, /KEYTURN_DATA/]],
  ['a data folder that cannot be made', () => ({ KEYTURN_DATA: '/proc/keyturn' }), [/cannot write its data folder/, /KEYTURN_DATA/]],
  ['a key that others may read', () => ({ KEYTURN_KEY_FILE: join(town.folder, 'open.key') }), [/its rights are 644/, /chmod 600/]],
  ['a key file that is empty', () => ({ KEYTURN_KEY_FILE: join(town.folder, 'empty.key') }), [/it is empty/, /from its backup/]],
  ['a key in a folder that is not there', () => ({ KEYTURN_KEY_FILE: '/nowhere/at/all.key' }), [/its folder does not exist/]],
  [
    'a Redis that another key has sealed',
    () => ({ REDIS_URL: foreign.url }),
    [/sealed with another installation key than that of/, /copy of the same key file/],
  ],
  [
    'no redis-server on the PATH',
    () => ({ REDIS_URL: undefined, PATH: join(town.folder, 'only-node') }),
    [/neither redis-server nor valkey-server/, /apt-get install/],
  ],
  ['a bot token that Slack refuses', () => ({ SLACK_BOT_TOKEN: 'xoxb-private' }), [/Slack refused SLACK_BOT_TOKEN \(invalid_auth\)/]],
  ['an app token that Slack refuses', () => ({ SLACK_APP_TOKEN: 'xapp-private' }), [/Slack refused SLACK_APP_TOKEN/, /connections:write/]],
  ['Slack out of reach', () => ({ SLACK_API_URL: 'http://127.0.0.1:1/api/' }), [/Slack at 127\.0\.0\.1:1 could not be used/, /firewall/]],
  ['scopes that were not granted', () => scopeless.env, [/lacks the bot scopes channels:read, channels:history/, /Reinstall to Workspace/]],
  ['a port in use', () => ({ ...HTTP, PORT: portOf(taken) }), [/cannot listen on port \d+/, /set PORT to another/]],
])('%s stops the start in plain words', async (_title, env, words) => {
  const ended = await start(env());
  expectPlain(ended, words);
  expect(`${ended.out}${ended.err}`).not.toContain('private');
});
