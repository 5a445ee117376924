/** The register on a real Redis: what is recorded, how often, and what becomes of it in the hands of whoever can write to Redis. */
import { randomUUID } from 'node:crypto';
import { keys } from '../../src/journal/keys.ts';
import { createRegister, type Register, type RegisterEvent } from '../../src/journal/register.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { key, quiet } from './samples.ts';

let server: TestRedis;
let redis: RedisClient;
let damaged: string[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: quiet });
});

afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});

beforeEach(async () => {
  await redis.flushall();
  damaged = [];
});

/** The register as one process has it. */
const open = (secret = key): Register => createRegister({ redis, key: secret, onDamage: ({ message }) => damaged.push(message) });

const ada = { team: 'T1', user: 'U1', name: 'Ada' };
const bob = { team: 'T1', user: 'U2', name: 'Bob' };
const refused = (person = ada, action = 'approve'): RegisterEvent => ({
  kind: 'refused',
  person,
  action,
  run: 'run1',
  why: 'not in the list',
});
const reviewed = (note: string): RegisterEvent => ({ kind: 'reviewed', run: 'run1', about: 'x', by: bob, note });
const HOUR = 3_600_000;

async function filled(count: number): Promise<Register> {
  const register = open();
  for (let seq = 1; seq <= count; seq += 1) await register.append(reviewed(`note ${seq}`), { at: seq, id: `id-${seq}` });
  return register;
}

const seqs = async (read: ReturnType<Register['read']>) => (await read).map(({ seq }) => seq);
const faults = async (register: Register, seen?: Awaited<ReturnType<Register['head']>>) =>
  (await register.verify({ seen })).map(({ kind, seq }) => `${kind} ${seq}`);

test.each<RegisterEvent>([
  { kind: 'refused', person: ada, action: 'start', cluster: 'c', procedure: 'p', why: 'ü <!channel> "x"\n' },
  { kind: 'glassBroken', run: 'run1', request: 'q', step: 'S1', cluster: 'c', by: ada, reason: 'fire' },
  { kind: 'holdOverridden', run: 'run1', hold: 'h', cluster: 'c', window: 'w', by: ada, reason: 'must' },
  { kind: 'reviewed', run: 'run1', about: 'id', by: bob, note: 'seen' },
  { kind: 'factorEnrolled', user: 'U1', by: 'root' },
  { kind: 'factorReset', user: 'U1', by: 'root', reason: 'lost telephone' },
])('$kind is given back as it was recorded', async (event) => {
  const register = open();
  expect(await register.append(event, { at: 5, id: 'one' })).toEqual({ kind: 'appended', seq: 1 });
  expect(await open().read()).toEqual([{ seq: 1, id: 'one', at: 5, event, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect(await register.verify({ seen: await register.head() })).toEqual([]);
  expect(damaged).toEqual([]);
});

test('an empty register is whole and says so', async () => {
  expect(await open().read()).toEqual([]);
  expect(await open().head()).toBeUndefined();
  expect(await open().verify()).toEqual([]);
});

test('the same id again changes nothing, also later', async () => {
  const register = await filled(3);
  expect(await open().append(reviewed('other words'), { at: 99, id: 'id-2' })).toEqual({ kind: 'known', seq: 2 });
  expect((await register.read()).map(({ event }) => event.kind === 'reviewed' && event.note)).toEqual(['note 1', 'note 2', 'note 3']);
});

test('ten processes at once leave one whole chain', async () => {
  const processes = Array.from({ length: 10 }, () => open());
  await Promise.all(
    processes.flatMap((register) => Array.from({ length: 10 }, () => register.append(reviewed('x'), { at: 1, id: randomUUID() }))),
  );
  expect(await seqs(open().read({ limit: 1000 }))).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  expect(await open().verify({ seen: await open().head() })).toEqual([]);
});

test('it is read in parts, from both ends', async () => {
  const register = await filled(7);
  expect(await seqs(register.read({ limit: 3 }))).toEqual([1, 2, 3]);
  expect(await seqs(register.read({ from: 6 }))).toEqual([6, 7]);
  expect(await seqs(register.read({ limit: 2, newestFirst: true }))).toEqual([7, 6]);
  expect(await seqs(register.read({ from: 5, limit: 2, newestFirst: true }))).toEqual([5, 4]);
  expect(await seqs(register.read({ from: 8 }))).toEqual([]);
});

test('more entries than one page are verified', async () => {
  const register = open();
  for (let from = 0; from < 1_100; from += 100) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let at = 0; at < 5; at += 1) await register.append(reviewed('x'), { at: 1, id: `${from}-${lane}-${at}` });
      }),
    );
  }
  expect(await register.verify({ seen: await register.head() })).toEqual([]);
  await redis.xdel(keys.register, '900-0');
  expect(await faults(register)).toEqual(['missing 900']);
}, 30_000);

describe('flooding', () => {
  const many = async (register: Register, count: number, event: RegisterEvent, at: number, name: string) => {
    for (let n = 0; n < count; n += 1) await register.append(event, { at: at + n, id: `${name}-${n}` });
  };

  test('one person’s refusals stop at twenty an hour', async () => {
    const register = open();
    await many(register, 500, refused(), 0, 'a');
    expect(await register.append(refused(), { at: 600, id: 'late' })).toEqual({ kind: 'withheld' });
    expect(await register.read({ limit: 1000 })).toHaveLength(20);
  });

  test('what was withheld is told by the next one recorded', async () => {
    const register = open();
    await many(register, 25, refused(), 0, 'a');
    await register.append(refused(), { at: HOUR, id: 'next' });
    const [last] = await register.read({ newestFirst: true, limit: 1 });
    expect(last).toMatchObject({ seq: 21, event: { kind: 'refused', unrecorded: 5 } });
  });

  test('other people, actions and events are recorded all the same', async () => {
    const register = open();
    await many(register, 30, refused(), 0, 'a');
    for (const [id, event] of Object.entries({ b: refused(bob), c: refused(ada, 'start'), d: reviewed('x') })) {
      expect(await register.append(event, { at: 50, id })).toMatchObject({ kind: 'appended' });
    }
  });

  test('a text without end is cut', async () => {
    const register = open();
    await register.append(reviewed(`${'😀'.repeat(100_000)}`), { at: 1, id: 'long' });
    const [entry] = await register.read();
    expect(entry?.event.kind === 'reviewed' && entry.event.note).toBe(`${'😀'.repeat(1_999)}…`);
    expect(await register.verify()).toEqual([]);
  });

  test.each(['', 'a b', 'ü', 'x'.repeat(201)])('“%s” is no id', async (id) => {
    await expect(open().append(reviewed('x'), { at: 1, id })).rejects.toThrow(/cannot be the id/);
  });
});

describe('in the hands of whoever writes to Redis', () => {
  type Fields = Record<string, string>;
  const fieldsOf = async (seq: number): Promise<Fields> => {
    const [entry] = await redis.xrange(keys.register, `${seq}-0`, `${seq}-0`);
    const flat = entry?.[1] ?? [];
    return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])));
  };

  async function rewrite(last: number, change: (fields: Fields, seq: number) => Fields | undefined): Promise<void> {
    const entries: [number, Fields][] = [];
    for (let seq = 1; seq <= last; seq += 1) {
      const fields = change(await fieldsOf(seq), seq);
      if (fields !== undefined) entries.push([seq, fields]);
    }
    await redis.del(keys.register);
    for (const [seq, fields] of entries) await redis.xadd(keys.register, `${seq}-0`, ...Object.entries(fields).flat());
  }

  const innocent = JSON.stringify(reviewed('nothing to see'));

  test('an altered entry is never given out, and is named', async () => {
    const register = await filled(4);
    await rewrite(4, (fields, seq) => (seq === 2 ? { ...fields, event: innocent } : fields));
    await expect(register.read()).rejects.toMatchObject({ code: 'REGISTER_FORGED' });
    await expect(register.read({ newestFirst: true })).rejects.toMatchObject({ code: 'REGISTER_FORGED' });
    expect(await seqs(register.read({ from: 3 }))).toEqual([3, 4]);
    expect(await faults(register)).toEqual(['edited 2']);
    expect(damaged).not.toEqual([]);
  });

  test('an entry of another installation is named as not sealed', async () => {
    const register = await filled(2);
    await open(Buffer.alloc(32, 'others')).append(reviewed('forged'), { at: 3, id: 'forged' });
    expect(await faults(register)).toEqual(['unsealed 3']);
    await expect(register.read()).rejects.toMatchObject({ code: 'REGISTER_FORGED' });
    await redis.xdel(keys.register, '3-0');
  });

  test('two entries exchanged are named', async () => {
    const register = await filled(3);
    const [one, two] = [await fieldsOf(1), await fieldsOf(2)];
    await rewrite(3, (fields, seq) => ({ 1: two, 2: one })[seq] ?? fields);
    expect(await faults(register)).toEqual(expect.arrayContaining(['edited 1', 'edited 2']));
  });

  test('an entry taken out is named, and reading tells of it', async () => {
    const register = await filled(4);
    await redis.xdel(keys.register, '2-0');
    expect(await seqs(register.read())).toEqual([1, 3, 4]);
    expect(damaged).toEqual([expect.stringContaining('Entries before 3 are gone')]);
    expect(await faults(register)).toEqual(['missing 2']);
  });

  test('a cut end stays visible as a gap', async () => {
    const register = await filled(4);
    const head = await register.head();
    const { hash = '' } = await fieldsOf(2);
    await rewrite(2, (fields) => fields);
    expect(await faults(register)).toEqual(['cut 3']);
    await redis.hset(keys.registerHead, 'seq', '2', 'hash', hash);
    // Consistent by itself: only what was seen elsewhere tells, and this process has seen four.
    expect(await faults(open())).toEqual([]);
    expect(await faults(open(), head)).toEqual(['cut 3']);
    expect(await register.append(reviewed('five'), { at: 5, id: 'id-5' })).toEqual({ kind: 'appended', seq: 5 });
    expect(damaged).toEqual([expect.stringContaining('Its end is cut off: entry 4 was there before, the last is now 2')]);
    expect(await faults(open())).toEqual(['missing 3']);
  });

  test('a forged end does not keep the next entry out', async () => {
    const register = await filled(2);
    await redis.xadd(keys.register, '3-0', 'anything', 'x');
    expect(await register.append(reviewed('three'), { at: 4, id: 'id-3' })).toEqual({ kind: 'appended', seq: 4 });
    expect(damaged).toEqual([expect.stringContaining('of a form that Keyturn does not write')]);
    expect(await faults(register)).toEqual(expect.arrayContaining(['edited 3']));
    expect(await seqs(register.read({ from: 4 }))).toEqual([4]);
  });

  test('a foreign id does not pass as recorded before', async () => {
    const register = await filled(2);
    await redis.hset(keys.registerIds, 'mine', '1', 'mine-too', 'x', 'mine-three', '77');
    for (const id of ['mine', 'mine-too', 'mine-three']) {
      expect(await register.append(reviewed(id), { at: 9, id })).toMatchObject({ kind: 'appended' });
    }
    await rewrite(5, (fields, seq) => (seq === 3 ? { ...fields, event: innocent } : fields));
    await expect(register.append(reviewed('mine'), { at: 9, id: 'mine' })).rejects.toMatchObject({ code: 'REGISTER_FORGED' });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['another type', () => redis.set(keys.register, 'x')],
    ['no room for a further id', () => redis.xadd(keys.register, '18446744073709551615-18446744073709551615', 'a', 'b')],
  ])('a stream of %s is told as forged', async (_what, damage) => {
    await damage();
    await expect(open().append(reviewed('x'), { at: 1, id: 'x' })).rejects.toMatchObject({ code: 'REGISTER_FORGED' });
  });
});
