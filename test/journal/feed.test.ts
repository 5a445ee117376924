import { type FeedEntry, followFeed, type News } from '../../src/journal/feed.ts';
import { createJournal } from '../../src/journal/journal.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { by, decodeNote, key, note, quiet } from './samples.ts';

let server: TestRedis;
let redis: RedisClient;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: quiet });
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await disconnectRedis(redis);
  await server.stop();
});

async function begin(run: string): Promise<void> {
  const journal = createJournal({ redis, decode: decodeNote, key });
  for (;;) {
    const made = await journal.create(run, [note(run)], { ...by, requestId: run }).catch(() => undefined);
    if (made !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A follower whose news can be waited for. */
async function follow(from: string | 'now') {
  const own = await connectRedis(server.url, { role: 'blocking', log: quiet });
  const stop = new AbortController();
  const entries: FeedEntry[] = [];
  const kinds: string[] = [];
  let wake: () => void = () => undefined;
  const onNews = (news: News) => {
    kinds.push(news.kind);
    if (news.kind === 'entries') entries.push(...news.entries);
    wake();
  };
  const ended = followFeed({ redis: own, from, onNews, signal: stop.signal, log: quiet });
  stops.push(async () => {
    stop.abort();
    await ended;
  });
  const until = async (isThere: () => boolean) => {
    while (!isThere()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { entries, kinds, until };
}

test('every append is told with its run and number', async () => {
  const { entries, until } = await follow('0-0');
  await begin('r1');
  await until(() => entries.length === 1);
  expect(entries).toMatchObject([{ run: 'r1', seq: 1 }]);
});

test('a follower goes on from the entry it names', async () => {
  await begin('r1');
  await begin('r2');
  const all = await follow('0-0');
  await all.until(() => all.entries.length === 2);
  const rest = await follow(all.entries[0]?.id ?? '');
  await rest.until(() => rest.entries.length === 1);
  expect(rest.entries).toMatchObject([{ run: 'r2', seq: 1 }]);
  expect(rest.kinds).not.toContain('gap');
});

test('after an outage nothing is missed or told twice', async () => {
  const { entries, kinds, until } = await follow('0-0');
  await begin('r1');
  await until(() => entries.length === 1);
  await server.kill9();
  await server.restart();
  await begin('r2');
  await until(() => entries.length === 2);
  expect(entries.map(({ run }) => run)).toEqual(['r1', 'r2']);
  expect(kinds).not.toContain('gap');
});

test('a feed that was cut behind the follower is told as a gap', async () => {
  await begin('r1');
  await redis.xtrim('{keyturn}:feed', 'MAXLEN', 0);
  const { kinds, until } = await follow('1-1');
  await until(() => kinds.includes('gap'));
  expect(kinds).toEqual(['gap']);
});
