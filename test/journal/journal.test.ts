import { randomUUID } from 'node:crypto';
import { verifyJournal } from '../../src/journal/chain.ts';
import { createJournal, type Head, type Journal } from '../../src/journal/journal.ts';
import { keys } from '../../src/journal/keys.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { by, decodeNote, key, lying, type Note, note, quiet } from './samples.ts';

let server: TestRedis;
let redis: RedisClient;
let journal: Journal<Note>;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: quiet });
  journal = createJournal({ redis, decode: decodeNote, key });
});

afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});

async function begin(run: string, lock?: string): Promise<Head> {
  const made = await journal.create(run, [note('first')], { ...by, requestId: `q-${run}`, ...(lock === undefined ? {} : { lock }) });
  if (made.kind !== 'created') throw new Error(`expected a new run, got ${made.kind}`);
  return made.head;
}

const fresh = () => `run-${randomUUID()}`;
const texts = async (run: string) => (await journal.read(run)).map(({ event }) => event.text);

/** Appends after whatever came first, until it is in. */
async function insist(run: string, text: string): Promise<void> {
  let head = await journal.head(run);
  for (;;) {
    if (head === undefined) throw new Error('no journal');
    const result = await journal.append(run, head, [note(text)], by);
    if (result.kind === 'appended') return;
    head = result.head;
  }
}

describe('append', () => {
  test('eight writers at once leave one whole chain', async () => {
    const run = fresh();
    await begin(run);
    const writer = async (name: number) => {
      for (let i = 0; i < 25; i++) await insist(run, `${name}.${i}`);
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
    const stored = await journal.readRaw(run);
    expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: 201 }, (_, i) => i + 1));
    expect(verifyJournal(run, lying(stored), key, await journal.head(run))).toEqual([]);
    expect(new Set(await texts(run)).size).toBe(201);
  });

  test('whoever is second is told where it stands', async () => {
    const run = fresh();
    const head = await begin(run);
    const first = await journal.append(run, head, [note('approve')], by);
    const second = await journal.append(run, head, [note('reject')], by);
    expect(second).toEqual({ kind: 'behind', head: first.head });
    expect(await texts(run)).toEqual(['first', 'approve']);
  });

  test('an append sent twice stands once, also when others followed', async () => {
    const run = fresh();
    const head = await begin(run);
    const twice = () => journal.append(run, head, [note('a'), note('b')], { ...by, id: 'mine' });
    const first = await twice();
    if (first.kind !== 'appended') throw new Error('refused');
    await journal.append(run, first.head, [note('c')], by);
    expect(await twice()).toEqual(first);
    expect(await texts(run)).toEqual(['first', 'a', 'b', 'c']);
  });

  test('the same name with more events is not a second sending', async () => {
    const run = fresh();
    const head = await begin(run);
    await journal.append(run, head, [note('a')], { ...by, id: 'mine' });
    expect((await journal.append(run, head, [note('a'), note('b')], { ...by, id: 'mine' })).kind).toBe('behind');
  });

  test('a right number with a wrong past is a loss', async () => {
    const run = fresh();
    const head = await begin(run);
    const foreign = { ...head, hash: 'f'.repeat(64) };
    await expect(journal.append(run, foreign, [note('x')], by)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    await insist(run, 'y');
    await expect(journal.append(run, foreign, [note('x')], by)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    await expect(journal.append(run, { seq: 9, hash: head.hash }, [note('x')], by)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    expect(await texts(run)).toEqual(['first', 'y']);
  });

  test('the reader gets what was written, hash for hash', async () => {
    const run = fresh();
    const head = await begin(run);
    const person = { kind: 'person', person: { team: 'T1', user: 'U1', name: 'Ada "x" \u2028' } } as const;
    const result = await journal.append(run, head, [note('ü\n"\\ \u0000')], { at: 5, actor: person });
    if (result.kind !== 'appended') throw new Error('refused');
    expect(await journal.read(run, { from: 2 })).toEqual(result.stored);
  });
});

describe('create', () => {
  test('one of many claims on a cluster wins', async () => {
    const cluster = randomUUID();
    const runs = Array.from({ length: 10 }, fresh);
    const made = await Promise.all(runs.map((run) => journal.create(run, [note('x')], { ...by, requestId: run, lock: cluster })));
    const winner = runs.filter((_, index) => made[index]?.kind === 'created');
    expect(winner).toHaveLength(1);
    expect(made.filter(({ kind }) => kind === 'locked')).toEqual(Array(9).fill({ kind: 'locked', holder: winner[0] }));
    expect(await journal.holder(cluster)).toBe(winner[0]);
    const heads = await Promise.all(runs.map((run) => journal.head(run)));
    expect(heads.filter((head) => head !== undefined)).toHaveLength(1);
  });

  test('a repeated request makes no second run', async () => {
    const [one, two] = [fresh(), fresh()];
    const ask = (run: string) => journal.create(run, [note('x')], { ...by, requestId: `q-${one}`, lock: one });
    const first = await ask(one);
    expect(await ask(two)).toEqual({ kind: 'repeated', run: one });
    expect(await ask(one)).toEqual(first);
    expect(await journal.lookup(`q-${one}`)).toBe(one);
    expect(await journal.head(two)).toBeUndefined();
  });

  test('a closed run gives back only its own cluster', async () => {
    const [cluster, one, two] = [randomUUID(), fresh(), fresh()];
    const head = await begin(one, cluster);
    expect(await journal.openRuns()).toContain(one);
    await journal.append(one, head, [note('end')], { ...by, closes: { cluster } });
    expect(await journal.holder(cluster)).toBeUndefined();
    expect(await journal.openRuns()).not.toContain(one);
    expect(await journal.finishedRuns({ limit: 1 })).toEqual([{ run: one, at: by.at }]);
    expect(await journal.finishedRuns({ limit: 1, before: by.at })).toEqual([]);
    const other = await begin(two, cluster);
    const third = await begin(fresh());
    expect(third.seq).toBe(1);
    await journal.append(two, other, [note('end')], { ...by, closes: { cluster: 'another' } });
    expect(await journal.holder(cluster)).toBe(two);
  });
});

describe('loss', () => {
  test.each<[string, (run: string) => Promise<unknown>]>([
    ['the stream is gone', (run) => redis.del(keys.journal(run))],
    ['the head is gone', (run) => redis.del(keys.head(run))],
    ['both are gone', (run) => redis.del(keys.head(run), keys.journal(run))],
    ['the end is cut off', (run) => redis.xdel(keys.journal(run), '2-0')],
    ['the middle is cut out', (run) => redis.xdel(keys.journal(run), '1-0')],
  ])('where %s the run is lost, not empty', async (_title, damage) => {
    const run = fresh();
    await begin(run);
    await insist(run, 'second');
    const head = (await journal.head(run)) ?? { seq: 0, hash: '' };
    await damage(run);
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    if (_title !== 'the middle is cut out') {
      await expect(journal.append(run, head, [note('x')], by)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    }
  });

  test('a run never heard of is unknown, not lost', async () => {
    expect(await journal.head('never')).toBeUndefined();
    await expect(journal.read('never')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  test('a number seen elsewhere above the head proves a loss', async () => {
    const run = fresh();
    await begin(run);
    expect(await journal.read(run, { witness: 1 })).toHaveLength(1);
    await expect(journal.read(run, { witness: 2 })).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
  });

  test('an edited event can still be inspected and is named', async () => {
    const run = fresh();
    const head = await begin(run);
    await redis.del(keys.journal(run));
    await redis.xadd(
      keys.journal(run),
      '1-0',
      'id',
      'x',
      'at',
      '1',
      'actor',
      '{"kind":"keyturn"}',
      'prev',
      'p',
      'hash',
      head.hash,
      'event',
      '"E"',
    );
    expect(verifyJournal(run, await journal.inspect(run), key).map(({ kind }) => kind)).toContain('edited');
  });

  test('memory that is full is said in so many words', async () => {
    const run = fresh();
    const head = await begin(run);
    await redis.call('CONFIG', 'SET', 'maxmemory', '1');
    try {
      await expect(journal.append(run, head, [note('x')], by)).rejects.toMatchObject({ code: 'REDIS_OUT_OF_MEMORY' });
    } finally {
      await redis.call('CONFIG', 'SET', 'maxmemory', '0');
    }
    expect(await texts(run)).toEqual(['first']);
  });
});
