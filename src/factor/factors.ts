/**
 * People's second factors, one hash a person in Redis.
 *
 * F1. Each code counts once, however often and at however many places at once it is sent: the last accepted time step is compared and set in one
 *     script, before anything that the code permits is written.
 * F2. A secret is stored sealed to its owner (sealed.ts) and leaves this module for nobody.
 * F3. No code and no secret reaches a log, an error or a journal.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { explain, KeyturnError } from '../errors.ts';
import { keys } from '../journal/keys.ts';
import { runScript } from '../journal/script.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { enrolLua, resetLua, verifyLua } from './scripts.ts';
import { openSecret, sealSecret } from './sealed.ts';
import { stepOf } from './totp.ts';
import type { CodeVerdict, Prover } from './verdict.ts';

const MOST_WRONG = 5;
const WITHIN_MS = 10 * 60_000;
/** Within a week, whatever right codes came in between. */
const MOST_WRONG_A_WEEK = 20;
const LOCK_MS = 10 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export type Enrolled = { readonly user: string; readonly by: string; readonly at: number };

export type Enrolment = {
  readonly user: string;
  readonly secret: Buffer;
  /** Time step of the code that the new person has confirmed it with: it is used up by that. */
  readonly step: number;
  readonly by: string;
  readonly at: number;
  /** Only if nobody at all is enrolled. */
  readonly first: boolean;
};

export type Factors = {
  /**
   * Whether the code is this person's at `at` (milliseconds since 1970). `about`: what it was typed for; it comes back with the proof. `sending` names
   * this one use: the same code for the same thing under the same name is answered as it was the first time. Never rejects.
   */
  readonly verify: (user: string, code: string, about: string, at: number, sending?: string) => Promise<CodeVerdict>;
  /** `used`: the confirming code is not later than the last one that was ever accepted from this person. */
  readonly enrol: (enrolment: Enrolment) => Promise<'enrolled' | 'already' | 'notFirst' | 'used'>;
  readonly reset: (user: string) => Promise<'reset' | 'notEnrolled'>;
  readonly isEnrolled: (user: string) => Promise<boolean>;
  /** By user id. */
  readonly list: () => Promise<readonly Enrolled[]>;
};

/** `key`: 32 bytes, made from the installation's secret for this purpose alone. */
export function createFactors(parts: { readonly redis: RedisClient; readonly key: Buffer; readonly log: Logger }): Factors {
  const { redis, key } = parts;
  const places = (user: string): string[] => [keys.factor(user), keys.factors];
  return {
    verify: (user, code, about, at, sending = randomUUID()) => verify(parts, user, code, { about, at, sending }),
    enrol: async ({ user, secret, step, by, at, first }) => {
      const args = [user, sealSecret(key, user, secret), step, by, at, first ? '1' : '0'];
      return z.enum(['enrolled', 'already', 'notFirst', 'used']).parse(await runScript(redis, enrolLua, places(user), args));
    },
    reset: async (user) => z.enum(['reset', 'notEnrolled']).parse(await runScript(redis, resetLua, places(user), [user, randomUUID()])),
    isEnrolled: async (user) => (await speaking(() => redis.hexists(keys.factor(user), 'secret'))) === 1,
    list: () => list(redis),
  };
}

/** For the Slack edge, with the clock of this process. */
export function proverOf(factors: Pick<Factors, 'verify'>, now: () => number): Prover {
  return { verify: (user, code, about, sending) => factors.verify(user, code, about, now(), sending) };
}

const entrySchema = z.tuple([z.string(), z.string(), z.string()]);

async function list(redis: RedisClient): Promise<readonly Enrolled[]> {
  const users = (await speaking(() => redis.smembers(keys.factors))).sort();
  const entries = await Promise.all(
    users.map(async (user) => {
      const entry = entrySchema.safeParse(await speaking(() => redis.hmget(keys.factor(user), 'secret', 'by', 'at')));
      return entry.success ? [{ user, by: entry.data[1], at: Number(entry.data[2]) }] : [];
    }),
  );
  return entries.flat();
}

type Parts = Parameters<typeof createFactors>[0];
type Use = { readonly about: string; readonly at: number; readonly sending: string };

async function verify(parts: Parts, user: string, code: string, use: Use): Promise<CodeVerdict> {
  try {
    const sealed = await speaking(() => parts.redis.hget(keys.factor(user), 'secret'));
    if (sealed === null) return { kind: 'notEnrolled' };
    const secret = openSecret(parts.key, user, sealed);
    if (secret === undefined) return unopened(parts.log, user);
    return await settle(parts, user, { ...use, sealed, step: stepOf(secret, code, use.at) ?? -1 });
  } catch (error) {
    parts.log.error({ user, reason: explain(error) }, 'a code could not be checked');
    return { kind: 'unavailable', why: error instanceof KeyturnError ? error.message : 'a fault in Keyturn itself' };
  }
}

function unopened(log: Logger, user: string): CodeVerdict {
  log.error({ user }, 'the stored second factor of this person does not open: it was altered in Redis, or KEYTURN_KEY_FILE is another one');
  return { kind: 'unavailable', why: 'your stored second factor does not open with the key of this installation' };
}

const replySchema = z.tuple([z.enum(['proved', 'used', 'wrong', 'locked', 'changed']), z.number()]);

type Tried = Use & { readonly sealed: string; readonly step: number };

async function settle({ redis, log }: Parts, user: string, { sealed, step, about, at, sending }: Tried): Promise<CodeVerdict> {
  const args = [sealed, step, at, JSON.stringify([sending, about]), MOST_WRONG, WITHIN_MS, LOCK_MS, DAY_MS, 7 * DAY_MS, MOST_WRONG_A_WEEK];
  const [kind, number] = replySchema.parse(await runScript(redis, verifyLua, [keys.factor(user)], args));
  switch (kind) {
    case 'proved':
      return { kind, about };
    case 'used':
      return { kind };
    case 'wrong':
      return { kind, left: number };
    case 'locked':
      log.warn({ user, until: new Date(number).toISOString() }, 'too many wrong codes: this person is locked');
      return { kind, until: number };
    case 'changed':
      return { kind: 'unavailable', why: 'your second factor was changed at this very moment' };
  }
}
