/** `keyturn register` on a real Redis: lists by kind and time, newest first, more than a page, and nothing that was forged. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import pino from 'pino';
import { keys } from '../../src/journal/keys.ts';
import { createRegister, type Register } from '../../src/journal/register.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { dana, sam } from '../run/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { keyFor, SECRET } from '../verify/samples.ts';
import { type Cli, createCli } from './world.ts';

const DAY = 86_400_000;
const T = Date.parse('2026-03-01');
let server: TestRedis;
let client: RedisClient;
let redis: Redis;
let register: Register;
let cli: Cli;

beforeAll(async () => {
  server = await startRedis();
  client = await connectRedis(server.url, { role: 'journal', log: pino({ level: 'silent' }) });
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await disconnectRedis(client);
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  cli = createCli();
  const path = join(cli.folder, 'data', 'installation.key');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${SECRET.toString('base64')}\n`, { mode: 0o600 });
  cli.env.REDIS_URL = server.url;
  register = createRegister({ redis: client, key: keyFor('register') });
  const glass = { run: 'run2', request: 'q1', step: 'S1', cluster: 'sample-prod', by: dana, reason: 'all\nis down' };
  await register.append({ kind: 'glassBroken', ...glass }, { at: T, id: 'run2:glass:q1' });
  await register.append({ kind: 'refused', person: dana, action: 'approve', run: 'run2', why: 'own run' }, { at: T + DAY, id: 'r1' });
  const hold = { run: 'run3', hold: 'h1', cluster: 'sample-prod', window: 'quarter end', by: dana, reason: 'the bank calls' };
  await register.append({ kind: 'holdOverridden', ...hold }, { at: T + 2 * DAY, id: 'run3:override:h1' });
  const looked = { run: 'run2', about: 'run2:glass:q1', by: sam, note: 'it was right' };
  await register.append({ kind: 'reviewed', ...looked }, { at: T + 3 * DAY, id: 'reviewed:run2:glass:q1' });
  await register.append({ kind: 'factorEnrolled', user: 'U2', by: 'root' }, { at: T + 4 * DAY, id: 'f1' });
});
afterEach(() => cli.close());

test('emergencies come newest first, with who looked at them', async () => {
  const { code, out } = await cli.run('register', 'emergencies');
  expect([code, out.split('\n')]).toEqual([
    0,
    [
      '2026-03-03 00:00:00 UTC  freeze window overridden: quarter end  run3  sample-prod',
      '  by Dana (U1): the bank calls',
      '  NOT REVIEWED',
      '2026-03-01 00:00:00 UTC  break-glass at S1  run2  sample-prod',
      '  by Dana (U1): all is down',
      '  reviewed by Sam (U2), 2026-03-04 00:00:00 UTC: it was right',
    ],
  ]);
});

test('each list holds its own kind, and all come without a name', async () => {
  expect((await cli.run('register', 'refusals')).out).toMatch(/^2026-03-02 .* refused {2}Dana \(U1\): approve, run2\n {2}own run$/);
  expect((await cli.run('register', 'factors')).out).toBe('2026-03-05 00:00:00 UTC  second factor enrolled for U2 by root');
  expect((await cli.run('register')).out.match(/^2026/gm)).toHaveLength(4);
});

test('times bound a list, and a review after them is still told', async () => {
  const { out } = await cli.run('register', '--json', '--from', '2026-03-01', '--to', '2026-03-02T00:00');
  expect(JSON.parse(out)).toMatchObject({ kind: 'glassBroken', at: '2026-03-01T00:00:00.000Z', review: { by: sam, note: 'it was right' } });
  expect((await cli.run('register', '--from', '2027-01-01')).out).toBe('Nothing of the kind is on record of that time.');
});

test('more entries than a page are all shown once', async () => {
  for (let index = 0; index < 1_100; index += 1)
    await register.append({ kind: 'factorEnrolled', user: `U${index}`, by: 'root' }, { at: T + 5 * DAY + index, id: `many${index}` });
  const { out } = await cli.run('register', 'factors', '--json');
  expect(new Set(out.split('\n').map((line) => JSON.parse(line).user)).size).toBe(1_100);
}, 30_000);

test.each([
  [['secrets'], /There is no list "secrets"\n {2}Check: the word: one of refusals, emergencies, notes, factors/],
  [['--from', 'yesterday'], /--from is "yesterday"\n {2}Check: that it is a day or a time, UTC/],
])('%s is answered with what is allowed', async (args, words) => {
  expect(await cli.run('register', ...args)).toMatchObject({ code: 2, err: expect.stringMatching(words) });
});

test('an entry that was edited is not shown as the truth', async () => {
  const entries = await redis.xrange(keys.register, '-', '+');
  await redis.del(keys.register);
  for (const [id, fields] of entries) await redis.xadd(keys.register, id, ...fields.map((each) => each.replace('own run', 'no reason')));
  const { code, err } = await cli.run('register', 'refusals');
  expect([code, err]).toEqual([2, expect.stringContaining('The register is not what Keyturn wrote')]);
});
