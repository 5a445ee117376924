/**
 * Whoever can write Redis and the folder of the record, and has no key, tries to make a run vanish, or to put another one in its place. `keyturn verify`
 * names each try.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { moveRuns } from '../../src/archive/move-runs.ts';
import { segmentsIn } from '../../src/archive/segments.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRegister } from '../../src/journal/register.ts';
import { createWitness } from '../../src/journal/witness.ts';
import { recordSchema, type RunRecord } from '../../src/record/model.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { DAY, eachWithStore, keyFor, type Store, THEN } from '../archive/support.ts';
import { begun, cancelled } from '../run/histories.ts';
import type { TestRedis } from '../support/redis.ts';
import { bomb, giveKey, run, verified, writeRun } from './support.ts';

const SOUND: readonly RunEvent[] = [begun(), cancelled, { kind: 'runEnded', outcome: 'cancelled', why: 'cancelled by Dana' }];
const OLD = ['runold1', 'runold2'];
const RECENT = 'runrecent';
let server: TestRedis;
let store: Store;

eachWithStore(async (fresh, redis) => {
  store = fresh;
  server = redis;
  giveKey(store);
  for (const run of OLD) await write(run, THEN);
  await store.keep(31);
  await write(RECENT, THEN + 30 * DAY);
});

const write = (run: string, at: number) => writeRun(store, run, SOUND, at);
const verify = (...named: readonly string[]) => verified(server.url, store, ...named);
const file = (run = 'runold1', month = '01'): string => join(store.record, 'archive', '2026', month, `${run}.json.gz`);
const recordIn = (run = 'runold1'): RunRecord => recordSchema.parse(JSON.parse(gunzipSync(readFileSync(file(run))).toString('utf8')));
const put = (record: unknown, at = file()): void => {
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, gzipSync(JSON.stringify(record)));
};
const instead = (make: (path: string) => unknown): void => {
  rmSync(file());
  make(file());
};
const gone = async (run: string): Promise<void> => {
  await store.redis.del(keys.journal(run), keys.head(run), keys.thread(run), keys.request(run));
  await store.redis.zrem(keys.finished, run);
  rmSync(file(run), { force: true });
};
/** The end of a log, with its head and ids, as if it had never been longer. */
const cut = async (log: 'runs' | 'register', last: number): Promise<void> => {
  const [stream, head] = log === 'runs' ? [keys.runs, keys.runsHead] : [keys.register, keys.registerHead];
  const [entry] = await store.redis.xrange(stream, `${last}-0`, `${last}-0`);
  for (let seq = last + 1; seq < last + 20; seq += 1) await store.redis.xdel(stream, `${seq}-0`);
  await store.redis.hset(head, 'seq', String(last), 'hash', entry?.[1][9] ?? '');
};

test('an untouched record passes, archived and in Redis', async () => {
  expect(await verify()).toMatchObject({ code: 0, found: [], notices: '' });
});

describe('a file of the archive', () => {
  test.each<[string, () => void, readonly string[]]>([
    [
      'an export of the same run made while it was on',
      () => {
        const { signature: _signature, entries, ...record } = recordIn();
        put({ ...record, entries: entries.slice(0, 2) });
      },
      ['runold1 unsigned', 'runold1 archiveEdited', 'runold1 otherHead', 'runold1 notEnded'],
    ],
    [
      'the same journal with another link to its thread',
      () => put({ ...recordIn(), permalink: 'https://evil.example' }),
      ['runold1 archiveEdited'],
    ],
    [
      'the file of another run, and that one this one’s',
      () => {
        renameSync(file('runold1'), `${file()}.x`);
        renameSync(file('runold2'), file('runold1'));
        renameSync(`${file()}.x`, file('runold2'));
      },
      ['runold1 otherRun', 'runold2 otherRun'],
    ],
    [
      'the file of another run under another month',
      () => instead(() => put(recordIn('runold2'), file('runold1', '02'))),
      ['runold1 otherRun'],
    ],
    ['a second file under another month', () => put(recordIn(), file('runold1', '02')), ['runold1 archiveTwice']],
    [
      'a symbolic link to the same content',
      () => {
        copyFileSync(file(), `${file()}.x`);
        instead((path) => symlinkSync(`${path}.x`, path));
      },
      ['runold1 archiveUnreadable'],
    ],
    ['a named pipe that nobody writes to', () => instead((path) => execFileSync('mkfifo', [path])), ['runold1 archiveUnreadable']],
    ['a folder', () => instead((path) => mkdirSync(path)), ['runold1 archiveUnreadable']],
    ['what unpacks to 260 megabytes', () => writeFileSync(file(), bomb(260)), ['runold1 archiveUnreadable']],
    ['a text nested deep', () => writeFileSync(file(), gzipSync('['.repeat(100_000))), ['runold1 archiveUnreadable']],
    ['nothing', () => rmSync(file()), ['runold1 gone']],
  ])('replaced by %s is named, and no other run', async (_what, tamper, expected) => {
    tamper();
    const { code, found } = await verify();
    expect(code).toBe(1);
    for (const each of expected) expect(found).toContain(each);
    expect(found.every((each) => expected.some((named) => named.split(' ')[0] === each.split(' ')[0]))).toBe(true);
  });
});

describe('a whole run', () => {
  test.each(['runold1', RECENT])('taken out of Redis, its lists and the archive is named (%s)', async (run) => {
    await gone(run);
    expect(await verify()).toMatchObject({ code: 1, found: [`${run} vanished`] });
    expect(await verify(run)).toMatchObject({ code: 1, found: [`${run} vanished`] });
  });

  test.each(['runold1', RECENT])('taken out of the list of finished runs alone is named (%s)', async (run) => {
    await store.redis.zrem(keys.finished, run);
    expect(await verify()).toMatchObject({ code: 1, found: [`${run} hidden`] });
    expect(await verify(run)).toMatchObject({ code: 1, found: [`${run} hidden`] });
  });

  test('whose deletion is made up is missed all the same', async () => {
    await gone(RECENT);
    const [[, fields = []] = []] = await store.redis.xrevrange(keys.runs, '+', '-', 'COUNT', 1);
    const event = JSON.stringify({ file: '', kind: 'runExpunged', run: RECENT, why: 'kept for 30 days' });
    const forged = fields.map((each, index) =>
      fields[index - 1] === 'event' ? event : fields[index - 1] === 'id' ? `expunged:${RECENT}.0` : each,
    );
    const seq = (await store.runs.head())?.seq ?? 0;
    await store.redis.xadd(keys.runs, `${seq + 1}-0`, ...forged);
    await store.redis.hset(keys.runsHead, 'seq', String(seq + 1));
    await store.redis.hset(keys.runsIds, `expunged:${RECENT}`, String(seq + 1));
    const { code, found } = await verify();
    expect([code, found]).toEqual([1, expect.arrayContaining([`${RECENT} vanished`, 'list edited'])]);
  });

  test('cut off with everything that this machine remembers is seen by what an earlier verification has printed', async () => {
    const env = { REDIS_URL: server.url, KEYTURN_DATA: store.data, KEYTURN_RECORD: store.record };
    const { out } = await run(env, 'verify');
    const [, end = ''] = /^The list of runs ends with (\d+:[0-9a-f]{64}) /m.exec(out) ?? [];
    await gone(RECENT);
    await cut('runs', ((await store.runs.head())?.seq ?? 0) - 2);
    rmSync(join(store.data, 'runs-head.json'));
    expect((await verify()).code).toBe(0);
    expect(await verify('--seen', end)).toMatchObject({ code: 1, found: ['list cut'] });
    expect(await run(env, 'verify', '--seen', 'nine')).toMatchObject({ code: 2, err: expect.stringContaining('--seen takes the number') });
  });

  test('cut off the end of the list together with its journal is seen by what this machine remembers', async () => {
    await gone(RECENT);
    const last = (await store.runs.head())?.seq ?? 0;
    await cut('runs', last - 2);
    expect(await verify()).toMatchObject({ code: 1, found: ['list cut'] });
    writeFileSync(join(store.data, 'runs-head.json'), 'nonsense');
    expect(await verify()).toMatchObject({ code: 1, found: ['list unreadable'] });
    rmSync(join(store.data, 'runs-head.json'));
    expect(await verify()).toMatchObject({
      code: 0,
      notices: expect.stringMatching(/cut off cannot be told here: there is no runs-head\.json/),
    });
  });
});

describe('the list of runs', () => {
  const move = () => moveRuns({ ...store, folder: store.record }, THEN + 40 * DAY, 1);
  const segment = async (at = 0): Promise<string> => join(store.record, (await segmentsIn(store.record))[at]?.path ?? '');

  test.each<[string, () => unknown, readonly string[]]>([
    ['a file of its older part taken out', async () => rmSync(await segment()), ['list missing']],
    [
      'a file of its older part made a link',
      async () => {
        const path = await segment();
        renameSync(path, join(store.record, 'x'));
        symlinkSync(join(store.record, 'x'), path);
      },
      ['list edited'],
    ],
    ['a file that unpacks to 70 megabytes', async () => writeFileSync(await segment(), bomb(70)), ['list edited']],
    ['another type of key', async () => store.redis.set(keys.runs, 'x'), ['list edited']],
  ])('%s is named, and every run is judged', async (_what, tamper, expected) => {
    await move();
    expect(await verify()).toMatchObject({ code: 0, found: [] });
    await tamper();
    const { code, found } = await verify();
    expect([code, found]).toEqual([1, expect.arrayContaining([...expected])]);
    await store.redis.zrem(keys.finished, 'runold2');
    rmSync(file('runold1'));
    expect((await verify()).found).toContain('runold1 gone');
  });

  test('taken away altogether is told', async () => {
    await store.redis.del(keys.runs, keys.runsHead, keys.runsIds);
    expect(await verify()).toMatchObject({ code: 1, found: ['list cut'] });
    rmSync(join(store.data, 'runs-head.json'));
    expect(await verify()).toMatchObject({ code: 0, notices: expect.stringContaining('There is no list of runs here') });
  });
});

describe('the register', () => {
  const person = { team: 'T1', user: 'U1', name: 'Ada' };
  beforeEach(async () => {
    const register = createRegister({ redis: store.redis, key: keyFor('register'), witness: createWitness(store.data, 'register') });
    for (const id of ['a', 'b', 'c'])
      await register.append({ kind: 'refused', person, action: 'start', why: 'not listed' }, { at: 1_000, id });
  });

  test('whose end was cut off with its head is seen by what this machine remembers', async () => {
    expect(await verify()).toMatchObject({ code: 0, found: [], notices: '' });
    await cut('register', 2);
    expect(await verify()).toMatchObject({ code: 1, found: ['register cut'] });
    const lost = createRegister({ redis: store.redis, key: keyFor('register'), witness: createWitness(store.data, 'register') }).lost();
    expect(await lost).toMatch(/entry 3, the last is now 2/);
    rmSync(join(store.data, 'register-head.json'));
    expect(await verify()).toMatchObject({ code: 0, notices: expect.stringContaining('register-head.json') });
  });

  test.each<[string, () => unknown, string]>([
    [
      'an entry of another place',
      async () => store.redis.xadd(keys.register, '4-0', ...((await store.redis.xrange(keys.register, '1-0', '1-0'))[0]?.[1] ?? [])),
      'register edited',
    ],
    ['emptied', () => store.redis.del(keys.register, keys.registerHead, keys.registerIds), 'register cut'],
    ['of another type', async () => store.redis.set(keys.register, 'x'), 'register edited'],
  ])('%s is named', async (_what, tamper, expected) => {
    await tamper();
    const { code, found } = await verify();
    expect([code, found]).toEqual([1, expect.arrayContaining([expected])]);
  });
});

test('an event nested so deep that nothing can follow it keeps no other run from being judged', async () => {
  const [[, fields = []] = []] = await store.redis.xrange(keys.journal(RECENT), '2-0', '2-0');
  const deep = `{"kind":"noted","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const entries = await store.redis.xrange(keys.journal(RECENT), '-', '+');
  await store.redis.del(keys.journal(RECENT));
  for (const [place, each] of entries)
    await store.redis.xadd(
      keys.journal(RECENT),
      place,
      ...(place === '2-0' ? fields.map((value, at) => (fields[at - 1] === 'event' ? deep : value)) : each),
    );
  expect(await verify()).toMatchObject({ code: 1, found: expect.arrayContaining([`${RECENT} edited`, `${RECENT} unreadable`]) });
});
