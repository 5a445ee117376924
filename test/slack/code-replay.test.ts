/** One code, one thing: what is sent again under the same view with anything else in it finds the code used. */
import { randomBytes } from 'node:crypto';
import { createFactors, proverOf } from '../../src/factor/factors.ts';
import { codeAt, newSecret, stepOf } from '../../src/factor/totp.ts';
import type { Prover } from '../../src/factor/verdict.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { codeSent } from '../../src/slack/codes.ts';
import { type Errand, writeErrand } from '../../src/slack/modals.ts';
import type { Submission } from '../../src/slack/payloads.ts';
import { CALLBACK, CODE, REASON } from '../../src/slack/views/index.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { logInMemory } from './bench.ts';

const NOW = 1_790_000_010_000;
const SAM = 'U0SAM00001';
const { logger } = logInMemory();
const secret = newSecret();
const place = { run: 'runa', channel: 'C1', thread: '1.1' };
const settled: Errand = { kind: 'settle', trouble: 't5', choice: 'settleFailed', ...place };
const answered: Errand = { kind: 'answer', question: 'q5-main-1', ...place };

let server: TestRedis;
let redis: RedisClient;
let factors: Prover;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: logger });
});
afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  const all = createFactors({ redis, key: randomBytes(32), log: logger });
  const step = (stepOf(secret, codeAt(secret, NOW), NOW) ?? 0) - 5;
  await all.enrol({ user: SAM, secret, step, by: 'U0ADMIN001', at: NOW, first: false });
  factors = proverOf(all, () => NOW);
});

function sent(errand: Errand, text: string): Promise<{ readonly kind: string }> {
  const values = { [REASON.block]: { [REASON.action]: text }, [CODE.block]: { [CODE.action]: codeAt(secret, NOW) } };
  const submission: Submission = {
    view: 'V1',
    team: 'T1',
    user: SAM,
    callback: CALLBACK[errand.kind],
    metadata: writeErrand(errand),
    values,
  };
  return codeSent({ factors }, submission, errand);
}

test('the same form delivered twice is proved twice', async () => {
  expect([(await sent(settled, 'seen')).kind, (await sent(settled, 'seen')).kind]).toEqual(['right', 'right']);
});

test.each<[string, Errand, string, Errand, string]>([
  ['another choice for the same trouble', settled, 'seen', { ...settled, choice: 'settleDone' }, 'seen'],
  ['a trouble of the same name in another run', settled, 'seen', { ...settled, run: 'runb' }, 'seen'],
  ['another line for the same tool', answered, 'no', answered, 'yes, all of it'],
])('a code proves nothing for %s', async (_what, first, text, second, other) => {
  expect((await sent(first, text)).kind).toBe('right');
  expect((await sent(second, other)).kind).toBe('wrong');
});
