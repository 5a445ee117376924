import { createLeases } from '../../src/journal/leases.ts';
import { createLive, type Live, subscribeLive } from '../../src/journal/live.ts';
import { createNotes } from '../../src/journal/notes.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { quiet } from './samples.ts';

let server: TestRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: quiet });
});

afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});

test('a lease is one owner’s until it gives it back', async () => {
  const leases = createLeases(redis);
  expect(await leases.acquire('outbox', 'a', 60_000)).toEqual({ kind: 'held' });
  expect(await leases.acquire('outbox', 'a', 60_000)).toEqual({ kind: 'held' });
  expect(await leases.acquire('outbox', 'b', 60_000)).toMatchObject({ kind: 'taken', by: 'a' });
  expect(await leases.renew('outbox', 'b', 60_000)).toBe(false);
  expect(await leases.release('outbox', 'b')).toBe(false);
  expect(await leases.release('outbox', 'a')).toBe(true);
  expect(await leases.acquire('outbox', 'b', 60_000)).toEqual({ kind: 'held' });
  expect(await leases.renew('outbox', 'a', 60_000)).toBe(false);
});

test('a lease that ran out is taken over, and its old owner learns it', async () => {
  const leases = createLeases(redis);
  await leases.acquire('over', 'dead', 60);
  while ((await leases.acquire('over', 'heir', 60_000)).kind === 'taken') await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await leases.renew('over', 'dead', 60_000)).toBe(false);
  expect(await leases.renew('over', 'heir', 60_000)).toBe(true);
});

test('a run is driven by one owner at a time', async () => {
  const leases = createLeases(redis);
  expect(await leases.isBeating('r1')).toBe(false);
  expect(await leases.beat('r1', 'a', 60_000)).toBe(true);
  expect(await leases.beat('r1', 'b', 60_000)).toBe(false);
  expect(await leases.isBeating('r1')).toBe(true);
  expect(await leases.rest('r1', 'b')).toBe(false);
  expect(await leases.rest('r1', 'a')).toBe(true);
  expect(await leases.isBeating('r1')).toBe(false);
});

test('of two writers of one note the second is refused', async () => {
  const thread = createNotes(redis).thread('r1');
  expect(await thread.compareAndSet('card', undefined, '1')).toBe(true);
  expect(await thread.compareAndSet('card', undefined, '2')).toBe(false);
  expect(await thread.compareAndSet('card', '0', '2')).toBe(false);
  expect(await thread.compareAndSet('card', '1', '2')).toBe(true);
  await thread.set('__proto__', 'x');
  expect([...(await thread.all())].sort()).toEqual([
    ['__proto__', 'x'],
    ['card', '2'],
  ]);
  await thread.remove('__proto__');
  expect(await thread.get('card')).toBe('2');
  expect(await thread.get('none')).toBeUndefined();
});

test('the live tail is heard at once and can be read', async () => {
  const own = await connectRedis(server.url, { role: 'blocking', log: quiet });
  const stop = new AbortController();
  const heard = new Promise<Live>((resolve) => {
    void subscribeLive({ redis: own, onLive: resolve, signal: stop.signal }).then(async () => {
      await redis.publish('{keyturn}:live', 'not ours');
      await createLive(redis).set(live);
    });
  });
  const live: Live = { run: 'r1', step: 'S:1', host: 'h/1', attempt: 1, text: 'stopping…', bytes: 11, at: 5 };
  expect(await heard).toEqual(live);
  expect(await createLive(redis).get('r1', 'S:1', 'h/1')).toEqual(live);
  expect(await createLive(redis).get('r1', 'S:1', 'h')).toBeUndefined();
  stop.abort();
});
