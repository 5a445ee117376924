/** Second factors on a real Redis: each code once, locks, resets, and what somebody with Redis alone can do. */
import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { createFactors, type Factors } from '../../src/factor/factors.ts';
import { codeAt, newSecret, stepOf } from '../../src/factor/totp.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { holds } from '../support/authenticator.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const DANA = 'U0DANA0001';
const SAM = 'U0SAM00001';
const NOW = 1_790_000_010_000;
const STEP = 30_000;
const MINUTE = 60_000;

let server: TestRedis;
let redis: RedisClient;
let other: RedisClient;
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
const key = randomBytes(32);
let factors: Factors;
let secret: Buffer;

beforeAll(async () => {
  server = await startRedis();
  [redis, other] = await Promise.all([
    connectRedis(server.url, { role: 'journal', log }),
    connectRedis(server.url, { role: 'journal', log }),
  ]);
});
afterAll(async () => {
  await Promise.all([disconnectRedis(redis), disconnectRedis(other)]);
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  lines.length = 0;
  factors = createFactors({ redis, key, log });
  secret = newSecret();
  expect(await enrol(DANA)).toBe('enrolled');
});

async function enrol(user: string, { at = NOW - 10 * STEP, first = false, of = secret } = {}) {
  return factors.enrol({ user, secret: of, step: stepOf(of, codeAt(of, at), at) ?? -1, by: 'U0ADMIN001', at, first });
}

const verify = (code: string, at = NOW, user = DANA) => factors.verify(user, code, 'digest-1', at);
const right = (at = NOW): string => codeAt(secret, at);
/** A code of none of the steps that count. */
function wrong(at = NOW): string {
  for (let number = 739_150; ; number += 1) {
    const code = String(number).padStart(6, '0');
    if (stepOf(secret, code, at) === undefined) return code;
  }
}

describe('a code', () => {
  test('proves what it was typed for and nothing else', async () => {
    expect(await verify(right())).toEqual({ kind: 'proved', about: 'digest-1' });
  });

  test('counts once, for whatever it is typed', async () => {
    await verify(right());
    expect(await verify(right())).toEqual({ kind: 'used' });
    expect(await factors.verify(DANA, right(), 'digest-2', NOW + STEP)).toEqual({ kind: 'used' });
    expect((await verify(right(NOW + STEP), NOW + STEP)).kind).toBe('proved');
  });

  test('of a step before the last one that was accepted is used up', async () => {
    expect((await verify(right(NOW + STEP))).kind).toBe('proved');
    expect((await verify(right())).kind).toBe('used');
    expect((await verify(right(NOW - STEP))).kind).toBe('used');
  });

  test('sent from many places at once is accepted at one', async () => {
    const second = createFactors({ redis: other, key, log });
    const tries = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? factors : second).verify(DANA, right(), `d-${index}`, NOW));
    const kinds = (await Promise.all(tries)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'proved')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'used')).toHaveLength(39);
  });

  test('in a form that is delivered twice is answered twice alike', async () => {
    const deliver = (about: string, view: string) => factors.verify(DANA, right(), about, NOW, view);
    const both = await Promise.all([deliver('digest-1', 'V1'), deliver('digest-1', 'V1')]);
    expect(both).toEqual([both[1], { kind: 'proved', about: 'digest-1' }]);
    expect(await deliver('digest-1', 'V2')).toEqual({ kind: 'used' });
    expect(await deliver('digest-2', 'V1')).toEqual({ kind: 'used' });
    expect((await factors.verify(DANA, right(NOW + STEP), 'digest-1', NOW + STEP, 'V2')).kind).toBe('proved');
    expect(await deliver('digest-1', 'V1')).toEqual({ kind: 'used' });
  });

  test('of one person proves nothing for another', async () => {
    await enrol(SAM, { of: newSecret() });
    expect(await verify(right(), NOW, SAM)).toEqual({ kind: 'wrong', left: 4 });
  });

  test('of somebody who is not enrolled is never counted', async () => {
    for (let time = 0; time < 7; time += 1) expect(await verify('000000', NOW, SAM)).toEqual({ kind: 'notEnrolled' });
    expect(await redis.exists('{keyturn}:factor:U0SAM00001')).toBe(0);
  });

  test('that comes when the clock has moved on is wrong', async () => {
    expect((await verify(right(), NOW + 2 * STEP)).kind).toBe('wrong');
  });
});

describe('wrong codes', () => {
  async function fail(times: number, at: number) {
    let last = await verify(wrong(at), at);
    for (let time = 1; time < times; time += 1) last = await verify(wrong(at), at);
    return last;
  }

  test('five within ten minutes lock for ten', async () => {
    expect(await fail(4, NOW)).toEqual({ kind: 'wrong', left: 1 });
    const until = NOW + 9 * MINUTE + 10 * MINUTE;
    expect(await fail(1, NOW + 9 * MINUTE)).toEqual({ kind: 'locked', until });
    expect(await verify(right(until - 1), until - 1)).toEqual({ kind: 'locked', until });
    expect((await verify(right(until), until)).kind).toBe('proved');
    expect(lines.join('')).toContain('this person is locked');
  });

  test('are forgotten after ten minutes, and after a right one', async () => {
    await fail(4, NOW);
    expect(await fail(1, NOW + 10 * MINUTE)).toEqual({ kind: 'wrong', left: 4 });
    await fail(3, NOW + 10 * MINUTE);
    expect((await verify(right(NOW + 11 * MINUTE), NOW + 11 * MINUTE)).kind).toBe('proved');
    expect(await fail(4, NOW + 12 * MINUTE)).toEqual({ kind: 'wrong', left: 1 });
  });

  test('lock for twice as long each time, a day at most', async () => {
    let at = NOW;
    const minutes: number[] = [];
    for (let lock = 0; lock < 10; lock += 1) {
      const locked = await fail(5, at);
      if (locked.kind !== 'locked') throw new Error(locked.kind);
      minutes.push((locked.until - at) / MINUTE);
      at = locked.until;
      if (lock === 3) expect((await verify(right(at), at)).kind).toBe('proved');
    }
    expect(minutes).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
    expect(await fail(5, at + 7 * 1440 * MINUTE)).toMatchObject({ until: at + 7 * 1440 * MINUTE + 10 * MINUTE });
  });

  test('four in every ten minutes lock too, right ones in between or not', async () => {
    let tried = 0;
    for (let minute = 0; minute < 7 * 24 * 60; minute += 10) {
      for (let time = 0; time < 4; time += 1) {
        const verdict = await fail(1, NOW + minute * MINUTE);
        if (verdict.kind === 'wrong') tried += 1;
      }
      if (minute === 30) expect((await verify(right(NOW + 31 * MINUTE), NOW + 31 * MINUTE)).kind).toBe('proved');
    }
    expect(tried).toBeLessThan(20);
  });

  test('of many at once are all counted', async () => {
    const kinds = (await Promise.all(Array.from({ length: 30 }, () => verify(wrong())))).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(4);
    expect((await verify(right())).kind).toBe('locked');
  });
});

describe('enrolment', () => {
  test('is not done twice without a reset', async () => {
    const [first] = await redis.hmget('{keyturn}:factor:U0DANA0001', 'secret');
    expect(await enrol(DANA, { at: NOW, of: newSecret() })).toBe('already');
    expect(await redis.hmget('{keyturn}:factor:U0DANA0001', 'secret')).toEqual([first]);
    expect(await factors.reset(DANA)).toBe('reset');
    expect(await factors.reset(DANA)).toBe('notEnrolled');
    expect(await verify(right())).toEqual({ kind: 'notEnrolled' });
    expect(await enrol(DANA, { at: NOW })).toBe('enrolled');
  });

  test('does not make a used code count again', async () => {
    await verify(right());
    await factors.reset(DANA);
    expect(await enrol(DANA, { at: NOW })).toBe('used');
    expect(await enrol(DANA, { at: NOW + STEP })).toBe('enrolled');
    expect((await verify(right(NOW + STEP), NOW + STEP)).kind).toBe('used');
  });

  test('as the very first is for one only', async () => {
    expect(await enrol(SAM, { first: true })).toBe('notFirst');
    await redis.flushall();
    const both = await Promise.all([enrol(SAM, { first: true }), enrol(DANA, { first: true })]);
    expect([...both].sort()).toEqual(['enrolled', 'notFirst']);
  });

  test('is listed with who did it and when', async () => {
    await enrol(SAM, { at: NOW });
    expect(await factors.list()).toEqual([
      { user: DANA, by: 'U0ADMIN001', at: NOW - 10 * STEP },
      { user: SAM, by: 'U0ADMIN001', at: NOW },
    ]);
    expect(await factors.isEnrolled(SAM)).toBe(true);
    expect(await factors.isEnrolled('U0NOBODY')).toBe(false);
  });
});

describe('somebody who can write to Redis', () => {
  test('cannot put one person’s secret in another’s place', async () => {
    const own = newSecret();
    await enrol(SAM, { of: own });
    await redis.hset('{keyturn}:factor:U0DANA0001', 'secret', (await redis.hget('{keyturn}:factor:U0SAM00001', 'secret')) ?? '');
    expect(await verify(codeAt(own, NOW))).toMatchObject({ kind: 'unavailable' });
    expect(lines.join('')).toContain('does not open');
  });

  test.each([
    ['alter', (text: string) => `${text.slice(0, 20)}${text[20] === 'A' ? 'B' : 'A'}${text.slice(21)}`],
    ['replace by nonsense', () => 'nonsense'],
    ['empty', () => ''],
  ])('cannot %s it unnoticed', async (_what, change) => {
    const sealed = (await redis.hget('{keyturn}:factor:U0DANA0001', 'secret')) ?? '';
    await redis.hset('{keyturn}:factor:U0DANA0001', 'secret', change(sealed));
    expect(await verify(right())).toMatchObject({ kind: 'unavailable' });
  });

  test('cannot read the secret or any code', async () => {
    await verify(wrong());
    await verify(right());
    const stored = JSON.stringify(await redis.hgetall('{keyturn}:factor:U0DANA0001'));
    expect(holds(stored, right())).toBe(false);
    for (const hidden of [secret.toString('base64'), secret.toString('hex')]) expect(stored).not.toContain(hidden);
  });
});

test('another key of the installation opens nothing', async () => {
  const elsewhere = createFactors({ redis, key: randomBytes(32), log });
  expect(await elsewhere.verify(DANA, right(), 'digest-1', NOW)).toMatchObject({ kind: 'unavailable' });
});

test('a Redis that is away proves nothing', async () => {
  const away = await connectRedis(server.url, { role: 'journal', log });
  await disconnectRedis(away);
  const verdict = await createFactors({ redis: away, key, log }).verify(DANA, right(), 'digest-1', NOW);
  expect(verdict).toMatchObject({ kind: 'unavailable' });
});

test('no code and no secret is ever logged', async () => {
  await Promise.all([verify(right()), verify(wrong()), verify(right())]);
  await redis.hset('{keyturn}:factor:U0DANA0001', 'secret', 'nonsense');
  await verify(right(NOW + STEP), NOW + STEP);
  for (const hidden of [right(), right(NOW + STEP)]) expect(holds(lines.join(''), hidden)).toBe(false);
  expect(lines.join('')).not.toContain(secret.toString('base64'));
});
