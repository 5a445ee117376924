import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { verifyJournal } from '../../src/journal/chain.ts';
import { createJournal, type Head, type Journal } from '../../src/journal/journal.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { by, decodeNote, key, lying, type Note, note, quiet } from './samples.ts';

let server: TestRedis;
const releases: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  server = await startRedis();
  releases.push(() => server.stop());
});

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

async function connect(url: string): Promise<RedisClient> {
  const redis = await connectRedis(url, { role: 'journal', log: quiet });
  releases.push(() => disconnectRedis(redis));
  return redis;
}

async function begin(journal: Journal<Note>): Promise<Head> {
  const made = await journal.create('r1', [note('first')], { ...by, requestId: 'q1', lock: 'prod' });
  if (made.kind !== 'created') throw new Error(made.kind);
  return made.head;
}

/** Once the connection is back: what is asked while it is away fails at once. */
async function whenBack<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'REDIS_UNREACHABLE')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test('a killed and restarted Redis has every event', async () => {
  const journal = createJournal({ redis: await connect(server.url), decode: decodeNote, key });
  let head = await begin(journal);
  for (let i = 0; i < 50; i++) {
    const result = await journal.append('r1', head, [note(`n${i}`)], by);
    head = result.head;
  }
  await server.kill9();
  await expect(journal.read('r1')).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
  await server.restart();
  const stored = await whenBack(() => journal.readRaw('r1'));
  expect(stored).toHaveLength(51);
  expect(verifyJournal('r1', lying(stored), key, head)).toEqual([]);
  expect(await journal.holder('prod')).toBe('r1');
  expect(await journal.openRuns()).toEqual(['r1']);
});

test('a Redis that came back empty is lost, not new', async () => {
  const journal = createJournal({ redis: await connect(server.url), decode: decodeNote, key });
  const head = await begin(journal);
  const store = await journal.storeId();
  expect(await journal.storeId()).toBe(store);
  await server.kill9();
  await server.restart({ empty: true });
  const append = () => journal.append('r1', head, [note('x')], by);
  await expect(whenBack(append)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
  await expect(journal.read('r1', { witness: head.seq })).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
  expect(await journal.openRuns()).toEqual([]);
  expect(await journal.storeId()).not.toBe(store);
});

test('a replica confirms, a missing one is reported', async () => {
  const replica = await startRedis({ replicaOf: server.port });
  releases.push(() => replica.stop());
  const redis = await connect(server.url);
  const journal = createJournal({ redis, decode: decodeNote, key, replicas: 1, confirmMs: 4000 });
  const hasty = createJournal({ redis, decode: decodeNote, key, replicas: 1, confirmMs: 100 });
  while (!/state=online/.test(await redis.info('replication'))) await new Promise((resolve) => setTimeout(resolve, 20));
  const head = await begin(journal);
  const first = await journal.append('r1', head, [note('approved')], { ...by, confirm: true });
  expect(first.kind).toBe('appended');
  const behind = await journal.append('r1', head, [note('rejected')], { ...by, confirm: true });
  expect(behind.kind).toBe('behind');
  await replica.kill9();
  const again = (to: Journal<Note>) => to.append('r1', first.head, [note('aborted')], { ...by, confirm: true, id: 'abort' });
  await expect(again(hasty)).rejects.toMatchObject({ code: 'JOURNAL_UNCONFIRMED' });
  await expect(again(hasty)).rejects.toMatchObject({ code: 'JOURNAL_UNCONFIRMED' });
  await replica.restart();
  while (!/state=online/.test(await redis.info('replication'))) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await again(journal)).kind).toBe('appended');
  expect((await journal.read('r1')).map(({ event }) => event.text)).toEqual(['first', 'approved', 'aborted']);
});

test('an append whose reply is lost is sent again and stands once', async () => {
  const proxy = await dropReplies(server.port);
  releases.push(proxy.close);
  const journal = createJournal({ redis: await connect(`redis://127.0.0.1:${proxy.port}`), decode: decodeNote, key });
  let head = await begin(journal);
  for (const text of ['a', 'b', 'c']) {
    proxy.dropNext();
    const result = await journal.append('r1', head, [note(text)], by);
    expect(result.kind).toBe('appended');
    head = result.head;
  }
  expect(proxy.dropped()).toBe(3);
  expect((await journal.read('r1')).map(({ event }) => event.text)).toEqual(['first', 'a', 'b', 'c']);
});

/** Passes everything on; after `dropNext` the next reply is thrown away and its connection cut. */
async function dropReplies(port: number) {
  let armed = false;
  let dropped = 0;
  const sockets = new Set<Socket>();
  const listening: Server = createServer((client) => {
    const upstream = createConnection(port, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (data) => upstream.write(data)).on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('data', (data) => {
      if (!armed) return void client.write(data);
      armed = false;
      dropped += 1;
      client.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    dropNext: () => {
      armed = true;
    },
    dropped: () => dropped,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listening.close();
    },
  };
}
