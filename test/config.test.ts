/** The environment, read once: every mistake by name, no secret in any sentence, and the three lists of variables in step. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, VARIABLES } from '../src/config.ts';
import { KeyturnError } from '../src/errors.ts';

const SOCKET = { SLACK_BOT_TOKEN: 'xoxb-1-abc', SLACK_APP_TOKEN: 'xapp-1-def' };
const HTTP = { SLACK_BOT_TOKEN: 'xoxb-1-abc', SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef' };

function problemOf(read: () => unknown): KeyturnError {
  try {
    read();
  } catch (error) {
    if (error instanceof KeyturnError) return error;
    throw error;
  }
  throw new Error('no problem was reported');
}

test('two tokens are enough for everything else', () => {
  const config = readConfig(SOCKET);
  expect(config.slack).toEqual({
    botToken: 'xoxb-1-abc',
    transport: { kind: 'socket', appToken: 'xapp-1-def' },
    apiUrl: 'https://slack.com/api/',
  });
  expect(config).toMatchObject({ role: 'both', redisUrl: undefined, replicas: 0, logLevel: 'info', notices: [] });
  expect(config.procedures).toBe(join(process.cwd(), 'procedures'));
  expect(config.clusters).toBe(join(process.cwd(), 'infra/clusters'));
  expect(config.data).toBe(join(process.cwd(), '.keyturn'));
});

test('a signing secret alone means HTTP', () => {
  expect(readConfig({ ...HTTP, PORT: '8080' }).slack?.transport).toEqual({
    kind: 'http',
    signingSecret: HTTP.SLACK_SIGNING_SECRET,
    port: 8080,
  });
  expect(readConfig(HTTP).slack?.transport).toMatchObject({ port: 3000 });
});

test('with both transports given, sockets win aloud', () => {
  const config = readConfig({ ...HTTP, ...SOCKET });
  expect(config.slack?.transport.kind).toBe('socket');
  expect(config.notices).toEqual([expect.stringContaining('Socket Mode is used')]);
});

test('a worker needs nothing of Slack', () => {
  expect(readConfig({}, 'worker').slack).toBeUndefined();
});

test('all mistakes are told in one error', () => {
  const wrong = { SLACK_BOT_TOKEN: 'xoxp-person', SLACK_SIGNING_SECRET: 'short', PORT: '70000', KEYTURN_REPLICAS: '-1', LOG_LEVEL: 'loud' };
  const problem = problemOf(() => readConfig({ ...wrong, REDIS_URL: 'http://redis', SLACK_API_URL: 'http://slack.example/api/' }));
  expect(problem.code).toBe('CONFIG_INVALID');
  for (const name of [...Object.keys(wrong), 'REDIS_URL', 'SLACK_API_URL']) expect(problem.message).toContain(name);
  expect(problem.message).toContain('7 settings are wrong');
});

test('a secret with a mistake is never shown', () => {
  const secrets = {
    SLACK_BOT_TOKEN: 'xoxp-very-private',
    SLACK_APP_TOKEN: 'hunter2hunter2',
    REDIS_URL: 'http://user:hush@redis',
  };
  const { message } = problemOf(() => readConfig(secrets));
  for (const word of ['very-private', 'hunter2', 'hush']) expect(message).not.toContain(word);
  expect(message).toContain('a token that begins with xoxp-');
  expect(message).toContain('14 characters long');
});

test.each([
  ['no Slack variable at all', {}, ['SLACK_BOT_TOKEN is not set', 'Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set']],
  ['a variable that is empty', { ...SOCKET, SLACK_BOT_TOKEN: '  ' }, ['SLACK_BOT_TOKEN is not set']],
  ['the two tokens exchanged', { SLACK_BOT_TOKEN: 'xapp-1', SLACK_APP_TOKEN: 'xoxb-1' }, ['begins with xapp-', 'begins with xoxb-']],
])('%s is told with where to find it', (_title, env, sentences) => {
  const problem = problemOf(() => readConfig(env));
  for (const sentence of sentences) expect(problem.message).toContain(sentence);
  expect(problem.message).toContain('api.slack.com/apps');
});

test('administrators are people by their ids', () => {
  expect(readConfig(SOCKET).administrators).toEqual([]);
  expect(readConfig({ ...SOCKET, KEYTURN_ADMINISTRATORS: 'U0DANA0001, W0SAM00001,' }).administrators).toEqual(['U0DANA0001', 'W0SAM00001']);
  for (const wrong of ['dana', 'S0LEADS', 'U0DANA0001;U0SAM00001']) {
    expect(problemOf(() => readConfig({ ...SOCKET, KEYTURN_ADMINISTRATORS: wrong })).message).toContain('KEYTURN_ADMINISTRATORS is');
  }
});

test.each([
  'redis://localhost:6379',
  'rediss://r:6380/1',
  'unix:///run/redis.sock',
  'redis+sentinel://a:26379,b:26379/main',
  'rediss+cluster://a:6379,b:6379',
])('the Redis address %s is taken', (url) => {
  expect(readConfig({ ...SOCKET, REDIS_URL: url }).redisUrl).toBe(url);
});

test.each(['http://127.0.0.1:3000/api', 'http://localhost:3000/api/', 'https://slack-gov.com/api'])(
  'the Slack root %s ends in one slash',
  (url) => {
    expect(readConfig({ ...SOCKET, SLACK_API_URL: url }).slack?.apiUrl).toMatch(/[^/]\/$/);
  },
);

test.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['keyturn.example:65535', { host: 'keyturn.example', port: 65_535 }],
])('the place for metrics %s is taken', (value, place) => {
  expect(readConfig({ ...SOCKET, KEYTURN_STATUS: value }).status).toEqual(place);
});

test.each(['0', '65536', 'yes', ':9464', '0.0.0.0', 'http://127.0.0.1:9464', '127.0.0.1:9464/metrics', '::1:9464', 'a b:9464'])(
  'the place for metrics %s is refused, with what is allowed',
  (value) => {
    const { message } = problemOf(() => readConfig({ ...SOCKET, KEYTURN_STATUS: value }));
    expect(message).toContain(`KEYTURN_STATUS is “${value}”; it must be a TCP port, or address:port`);
  },
);

test('without a place nothing is told', () => {
  expect(readConfig(SOCKET).status).toBeUndefined();
});

const names = VARIABLES.map((row) => row.name);

test('.env.example has every variable and no other', () => {
  const example = readFileSync('.env.example', 'utf8');
  const there = [...example.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]);
  expect([...there].sort()).toEqual([...names].sort());
});

test('.env.example says for each what happens without it', () => {
  const blocks = readFileSync('.env.example', 'utf8')
    .split('\n\n')
    .filter((block) => /^[A-Z][A-Z0-9_]*=/m.test(block));
  expect(blocks).toHaveLength(names.length);
  for (const block of blocks) expect(block).toMatch(/^# Without it: /m);
});

test('the set-up guide explains every variable', () => {
  const guide = readFileSync('docs/slack-setup.md', 'utf8');
  for (const name of names) expect(guide).toContain(`\`${name}\``);
});
