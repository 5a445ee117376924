import pino from 'pino';
import { KeyturnError } from '../../src/errors.ts';
import { checkRedis, judge, parseInfo } from '../../src/redis/check.ts';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import { quiet } from '../journal/samples.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;

beforeAll(async () => {
  server = await startRedis({ appendonly: false });
});

afterAll(() => server.stop());

test('a Redis that is not there is named without its password', async () => {
  const port = await freePort();
  const failure: unknown = await connectRedis(`redis://:secret@127.0.0.1:${port}`, { role: 'journal', log: quiet, timeoutMs: 300 }).catch(
    (error) => error,
  );
  if (!(failure instanceof KeyturnError)) throw new Error('it connected');
  expect(failure.code).toBe('REDIS_UNREACHABLE');
  expect(failure.message).toBe(`Redis at redis://:***@127.0.0.1:${port} did not answer within 0.3 s: connection refused`);
});

test('a wrong password is said at once', async () => {
  const failure = connectRedis(`redis://nobody:wrong@127.0.0.1:${server.port}`, { role: 'queue', log: quiet, timeoutMs: 60_000 });
  await expect(failure).rejects.toMatchObject({ code: 'REDIS_LOGIN' });
});

test('loss and return are one line each', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(String(JSON.parse(line).msg)) });
  const redis = await connectRedis(server.url, { role: 'blocking', log });
  await server.kill9();
  await new Promise((resolve) => setTimeout(resolve, 600));
  await server.restart();
  await redis.ping();
  await disconnectRedis(redis);
  expect(lines).toEqual(['the connection to Redis is lost, trying again', 'Redis is back']);
});

test('a server that hangs gives an error, not a wait', async () => {
  const redis = await connectRedis(server.url, { role: 'journal', log: quiet });
  process.kill(server.pid(), 'SIGSTOP');
  await expect(redis.ping()).rejects.toThrow('Command timed out');
  process.kill(server.pid(), 'SIGCONT');
  await disconnectRedis(redis);
});

test('a server without append-only file is warned about', async () => {
  const redis = await connectRedis(server.url, { role: 'journal', log: quiet });
  expect(await checkRedis(redis)).toEqual([expect.stringContaining('appendonly is off')]);
  await disconnectRedis(redis);
});

const info = (text: string) => parseInfo(text.replaceAll(' ', '\r\n'));

test.each([
  ['redis_version:6.0.9 aof_enabled:1', 'REDIS_TOO_OLD'],
  ['redis_version:7.0.0 maxmemory:100 maxmemory_policy:allkeys-lru aof_enabled:1', 'REDIS_EVICTS'],
])('%s is refused', (text, code) => {
  expect(() => judge(info(text))).toThrow(expect.objectContaining({ code }));
});

test('an evicting policy without a limit is only warned about', () => {
  expect(judge(info('redis_version:10.1.0 maxmemory:0 maxmemory_policy:allkeys-lru aof_enabled:1'))).toEqual([
    expect.stringContaining('noeviction'),
  ]);
  expect(judge(info('redis_version:6.2.0 maxmemory:9 maxmemory_policy:noeviction aof_enabled:1'))).toEqual([]);
});
