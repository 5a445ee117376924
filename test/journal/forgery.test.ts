/** Whoever can write to Redis, and what becomes of what they write: real Redis, by hand, with everything but the key. */
import { createHash, randomUUID } from 'node:crypto';
import { canonical } from '../../src/canonical.ts';
import { verifyJournal } from '../../src/journal/chain.ts';
import { createJournal, type Head, type Journal } from '../../src/journal/journal.ts';
import { keys } from '../../src/journal/keys.ts';
import { createSealer } from '../../src/journal/seal.ts';
import { chainAfter, genesis } from '../../src/journal/stored.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { by, decodeNote, key, type Note, note, quiet } from './samples.ts';

let server: TestRedis;
let redis: RedisClient;
let journal: Journal<Note>;
let damaged: string[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: quiet });
  journal = ours();
});

afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});

beforeEach(() => {
  damaged = [];
});

/** Another process of this installation, which has seen nothing yet. */
const ours = (): Journal<Note> =>
  createJournal({ redis, decode: decodeNote, key, onDamage: (run, { code }) => damaged.push(`${run} ${code}`) });

const TEXTS = ['one', 'two', 'three', 'four'];

/** A run of four events, written by another process than the one that reads it here. */
async function written(texts: readonly string[] = TEXTS): Promise<string> {
  const run = `run-${randomUUID()}`;
  const writer = ours();
  const made = await writer.create(run, texts.slice(0, 1).map(note), { ...by, requestId: run });
  if (made.kind !== 'created') throw new Error(`expected a new run, got ${made.kind}`);
  let head = made.head;
  for (const text of texts.slice(1)) {
    const appended = await writer.append(run, head, [note(text)], by);
    if (appended.kind !== 'appended') throw new Error('somebody else came first');
    head = appended.head;
  }
  return run;
}

type Fields = Record<string, string>;

async function fieldsOf(run: string, seq: number): Promise<Fields> {
  const [entry] = await redis.xrange(keys.journal(run), `${seq}-0`, `${seq}-0`);
  const flat = entry?.[1] ?? [];
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])));
}

/** Writes the whole stream anew, each entry as `change` wants it, and sets the head to its end: what Redis lets anybody do. */
async function rewrite(run: string, change: (fields: Fields, seq: number) => Fields | undefined, last = 4): Promise<void> {
  const entries: [number, Fields][] = [];
  for (let seq = 1; seq <= last; seq += 1) {
    const fields = change(await fieldsOf(run, seq), seq);
    if (fields !== undefined) entries.push([seq, fields]);
  }
  await redis.del(keys.journal(run));
  for (const [seq, fields] of entries) await redis.xadd(keys.journal(run), `${seq}-0`, ...Object.entries(fields).flat());
  const [seq, fields] = entries.at(-1) ?? [0, {}];
  await redis.hset(keys.head(run), 'seq', String(seq), 'hash', fields.hash ?? '');
}

const only = (seq: number, change: (fields: Fields) => Fields) => (fields: Fields, at: number) => (at === seq ? change(fields) : fields);
const edited = (fields: Fields): Fields => ({ ...fields, event: canonical(note('forged')) });

/** The chain from `seq` on made right again with everything that does not need the key. */
function rechained(run: string, from: number): (fields: Fields, seq: number) => Fields {
  let prev = '';
  return (fields, seq) => {
    const next = seq < from ? fields : { ...fields, prev: seq === from ? (fields.prev ?? '') : prev };
    const places = `"id":${canonical(next.id)},"prev":${canonical(next.prev)},"run":${canonical(run)},"seq":${seq}`;
    const hash = createHash('sha256').update(`{"actor":${next.actor},"at":${next.at},"event":${next.event},${places}}`).digest('hex');
    prev = seq < from ? (fields.hash ?? '') : hash;
    return seq < from ? fields : { ...next, hash };
  };
}

test('what Keyturn wrote is read and verified whole', async () => {
  const run = await written();
  expect((await journal.read(run)).map(({ event }) => event.text)).toEqual(TEXTS);
  expect(verifyJournal(run, await journal.inspect(run), key, await journal.head(run))).toEqual([]);
});

describe('every change made in Redis freezes the run', () => {
  const rechain = (seq: number, change: (fields: Fields) => Fields) => (run: string) => {
    const chain = rechained(run, seq);
    return rewrite(run, (fields, at) => chain(at === seq ? change(fields) : fields, at));
  };
  const FORGED = 'JOURNAL_FORGED';

  test.each<[string, string, string, (run: string) => Promise<unknown>]>([
    ['content altered, hash left', FORGED, 'edited 2', (run) => rewrite(run, only(2, edited))],
    ['the last content altered, hash left', FORGED, 'edited 4', (run) => rewrite(run, only(4, edited))],
    ['content altered, all hashes made right', FORGED, 'unsealed 2', rechain(2, edited)],
    ['the last content altered, hash and head made right', FORGED, 'unsealed 4', rechain(4, edited)],
    [
      'a time altered',
      FORGED,
      'edited 3',
      (run) =>
        rewrite(
          run,
          only(3, (fields) => ({ ...fields, at: '1' })),
        ),
    ],
    [
      'a seal taken away',
      FORGED,
      'unsealed 3',
      (run) =>
        rewrite(
          run,
          only(3, ({ seal: _seal, ...fields }) => fields),
        ),
    ],
    [
      'a seal that is empty',
      FORGED,
      'unsealed 3',
      (run) =>
        rewrite(
          run,
          only(3, (fields) => ({ ...fields, seal: '' })),
        ),
    ],
    [
      'a seal in capitals',
      FORGED,
      'unsealed 3',
      (run) =>
        rewrite(
          run,
          only(3, (fields) => ({ ...fields, seal: (fields.seal ?? '').toUpperCase() })),
        ),
    ],
    [
      'blanks put into the event',
      FORGED,
      'edited 2',
      (run) =>
        rewrite(
          run,
          only(2, (fields) => ({ ...fields, event: ` ${fields.event}` })),
        ),
    ],
    [
      'members moved from event to time',
      FORGED,
      'edited 2',
      (run) =>
        rewrite(
          run,
          only(2, (fields) => ({ ...fields, at: `${fields.at},"x":1` })),
        ),
    ],
    [
      'a field too many',
      FORGED,
      'edited 2',
      (run) =>
        rewrite(
          run,
          only(2, (fields) => ({ ...fields, more: 'x' })),
        ),
    ],
    [
      'an event that is no JSON',
      FORGED,
      'edited 2',
      (run) =>
        rewrite(
          run,
          only(2, (fields) => ({ ...fields, event: '{' })),
        ),
    ],
    ['an event taken out', 'JOURNAL_LOST', 'missing 2', (run) => rewrite(run, (fields, seq) => (seq === 2 ? undefined : fields))],
    ['the first event taken out', 'JOURNAL_LOST', 'missing 1', (run) => redis.xdel(keys.journal(run), '1-0')],
  ])('%s', async (_what, code, fault, damage) => {
    const run = await written();
    const head = (await ours().head(run)) ?? { seq: 0, hash: '' };
    await damage(run);
    await expect(journal.read(run)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(run),
      check: expect.stringMatching(/Redis/),
    });
    await expect(journal.readRaw(run)).rejects.toMatchObject({ code });
    expect(damaged).toEqual([`${run} ${code}`, `${run} ${code}`]);
    const faults = verifyJournal(run, await journal.inspect(run), key, head);
    expect(faults.map(({ kind, seq }) => `${kind} ${seq}`)).toContain(fault);
  });

  test('two events put in each other’s place', async () => {
    const run = await written();
    const [second, third] = [await fieldsOf(run, 2), await fieldsOf(run, 3)];
    await rewrite(run, (fields, seq) => ({ 2: third, 3: second })[seq] ?? fields);
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_FORGED' });
    const kinds = verifyJournal(run, await journal.inspect(run), key).map(({ kind, seq }) => `${kind} ${seq}`);
    expect(kinds).toEqual(expect.arrayContaining(['reordered 2', 'edited 2', 'reordered 3', 'edited 3']));
  });

  test('an event with a right seal moved from another run', async () => {
    const [run, other] = [await written(), await written(['one', 'approve', 'three', 'four'])];
    const taken = await fieldsOf(other, 2);
    await rewrite(
      run,
      only(2, (fields) => ({ ...taken, prev: fields.prev ?? '' })),
    );
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_FORGED' });
  });

  test('a whole journal of another run under a new name', async () => {
    const other = await written();
    const run = `run-${randomUUID()}`;
    await redis.copy(keys.journal(other), keys.journal(run));
    await redis.copy(keys.head(other), keys.head(run));
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_FORGED' });
  });

  test.each<[string, (run: string) => ReturnType<typeof chainAfter>]>([
    ['the seals of another key', (run) => forgedChain(run, Buffer.alloc(32, 'guess'))],
    ['hashes in place of seals', (run) => forgedChain(run, undefined)],
  ])('a whole journal made by hand with %s', async (_seals, forge) => {
    const run = `run-${randomUUID()}`;
    const { fields, stored } = forge(run);
    const names = ['id', 'at', 'actor', 'prev', 'hash', 'event', 'seal'];
    for (let at = 0; at < fields.length; at += 7) {
      const flat = names.flatMap((name, index) => [name, fields[at + index] ?? '']);
      await redis.xadd(keys.journal(run), `${at / 7 + 1}-0`, ...flat);
    }
    await redis.hset(keys.head(run), 'seq', String(stored.length), 'hash', stored.at(-1)?.hash ?? '');
    await redis.zadd(keys.open, '1', run);
    await expect(journal.read(run)).rejects.toMatchObject({
      code: 'JOURNAL_FORGED',
      message: expect.stringContaining("not of this installation's key"),
    });
    expect(verifyJournal(run, await journal.inspect(run), key).map(({ kind }) => kind)).toEqual(['unsealed', 'unsealed']);
  });

  test('keys that hold something else altogether', async () => {
    const run = await written();
    await redis.del(keys.journal(run));
    await redis.set(keys.journal(run), 'x');
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_FORGED' });
  });

  test('a stream whose top was taken away by hand takes no append', async () => {
    const run = await written();
    const head = { seq: 3, hash: (await fieldsOf(run, 3)).hash ?? '' };
    await redis.xdel(keys.journal(run), '4-0');
    await redis.hset(keys.head(run), 'seq', '3', 'hash', head.hash);
    await expect(ours().append(run, head, [note('x')], by)).rejects.toMatchObject({ code: 'JOURNAL_FORGED' });
    await redis.call('XSETID', keys.journal(run), '3-0');
    await expect(ours().append(run, head, [note('x')], by)).resolves.toMatchObject({ kind: 'appended' });
  });

  test('a journal written before there were seals', async () => {
    const run = await written();
    await rewrite(run, ({ seal: _seal, ...fields }) => fields);
    await expect(journal.read(run)).rejects.toMatchObject({ message: expect.stringContaining('a Keyturn before seals') });
  });

  function forgedChain(run: string, guess: Buffer | undefined): ReturnType<typeof chainAfter> {
    const sealer = guess === undefined ? { seal: (hash: string) => hash } : createSealer(guess);
    return chainAfter(run, { seq: 0, hash: genesis(run) }, ['root', 'me'].map(note), by, sealer);
  }
});

describe('what a process has seen is its witness', () => {
  /** Events cut off and the head set back, all seals right: an approval taken back, an ending forgotten. */
  async function setBack(run: string, to: number): Promise<Head> {
    const { hash = '' } = await fieldsOf(run, to);
    await rewrite(run, (fields, seq) => (seq > to ? undefined : fields));
    return { seq: to, hash };
  }

  test('an end cut off together with the head is found', async () => {
    const run = await written();
    await journal.read(run);
    const head = await setBack(run, 2);
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_LOST', message: expect.stringContaining('event 4 was seen') });
    await expect(journal.read(run, { from: 2 })).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    // Whoever has seen nothing more cannot know: an outside witness tells.
    await expect(ours().read(run)).resolves.toHaveLength(2);
    await expect(ours().read(run, { witness: 4 })).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    expect(verifyJournal(run, await ours().inspect(run), key, { seq: 4, hash: 'x' }).map(({ kind }) => kind)).toEqual(['cut']);
    expect(head.seq).toBe(2);
  });

  test('a past that was continued differently is found, also by reading on', async () => {
    const run = await written();
    await journal.read(run);
    const before = await setBack(run, 2);
    const other = ours();
    let head = before;
    for (const text of ['THREE', 'FOUR', 'FIVE']) {
      const appended = await other.append(run, head, [note(text)], by);
      if (appended.kind !== 'appended') throw new Error('behind');
      head = appended.head;
    }
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    for (const from of [4, 5]) await expect(journal.read(run, { from })).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
  });

  test('our own appends count as seen', async () => {
    const run = await written();
    const stored = await journal.read(run);
    const [first] = stored;
    const last = stored.at(-1);
    if (first === undefined || last === undefined) throw new Error('empty');
    await journal.append(run, last, [note('five')], by);
    await setBack(run, 4);
    await expect(journal.read(run)).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
    await expect(journal.read(run, { from: 5 })).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
  });

  test('reading while others write takes nothing for a loss', async () => {
    const run = await written();
    let head: Head = (await journal.head(run)) ?? { seq: 0, hash: '' };
    const reads: Promise<unknown>[] = [];
    for (let turn = 0; turn < 200; turn += 1) {
      reads.push(journal.read(run), journal.read(run, { from: head.seq + 1 }));
      const appended = await journal.append(run, head, [note(`more ${turn}`)], by);
      if (appended.kind !== 'appended') throw new Error('behind');
      head = appended.head;
    }
    await Promise.all(reads);
    expect(damaged).toEqual([]);
  });
});

test('an append sent twice believes no forged answer', async () => {
  const run = await written();
  const head = { seq: 3, hash: (await fieldsOf(run, 3)).hash ?? '' };
  const id = ((await fieldsOf(run, 4)).id ?? '').replace(/\.0$/, '');
  const twice = () => journal.append(run, head, [note('four')], { ...by, id });
  await expect(twice()).resolves.toMatchObject({ kind: 'appended', head: { seq: 4 } });
  await rewrite(run, only(4, edited));
  await expect(twice()).rejects.toMatchObject({ code: 'JOURNAL_FORGED', message: expect.stringContaining('not what was written') });
  const chain = rechained(run, 4);
  await rewrite(run, chain);
  await expect(twice()).rejects.toMatchObject({ code: 'JOURNAL_FORGED', message: expect.stringContaining('The seal of event 4') });
});

test('a damaged journal leaves the other runs alone', async () => {
  const [bad, good] = [await written(), await written()];
  await rewrite(bad, only(2, edited));
  await expect(journal.read(bad)).rejects.toMatchObject({ code: 'JOURNAL_FORGED' });
  const [last] = (await journal.read(good)).slice(-1);
  if (last === undefined) throw new Error('empty');
  await expect(journal.append(good, last, [note('five')], by)).resolves.toMatchObject({ kind: 'appended' });
  // Put right again (a restored copy), it is read again.
  await rewrite(
    bad,
    only(2, (fields) => ({ ...fields, event: canonical(note('two')) })),
  );
  await expect(journal.read(bad)).resolves.toHaveLength(4);
});
