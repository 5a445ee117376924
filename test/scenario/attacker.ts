/** An attacker's hands: hand-made payloads, replays, and a look at what they came to in the journal and in the thread. */
import { Redis } from 'ioredis';
import { z } from 'zod';
import { controlsOf, type JsonObject, type Message, type Seen } from '../../infra/sandbox/slack/server.ts';
import { freePort } from '../support/redis.ts';
import { OPS, quick, startTown, type ThreadView, type Town, type TownOptions } from './town.ts';

export type Transport = 'socket' | 'http';

/** A town whose bot hears by this transport. */
export async function townOver(transport: Transport, options: TownOptions = {}): Promise<Town> {
  if (transport === 'socket') return startTown({ procedures: quick, ...options });
  const port = await freePort();
  return startTown({
    procedures: quick,
    ...options,
    slack: { delivery: { kind: 'http', requestUrl: `http://127.0.0.1:${port}/slack/events` } },
    env: { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'sandbox-signing-secret', PORT: String(port), ...options.env },
  });
}

const eventSchema = z.looseObject({ kind: z.string() });
export type Written = z.infer<typeof eventSchema>;

/** What stands in the journal of a run, past the bot. */
export async function journalOf(town: Town, run: string): Promise<readonly Written[]> {
  return withRedis(town, async (redis) => {
    const entries = await redis.xrange(`{keyturn}:run:${run}:journal`, '-', '+');
    return entries.map(([, fields]) => eventSchema.parse(JSON.parse(fields[fields.indexOf('event') + 1] ?? '')));
  });
}

export async function kindsOf(town: Town, run: string): Promise<readonly string[]> {
  return (await journalOf(town, run)).map((event) => event.kind);
}

/** Ids of all runs that have not ended. */
export function openRuns(town: Town): Promise<readonly string[]> {
  return withRedis(town, (redis) => redis.zrange('{keyturn}:open', '0', '-1'));
}

/** Everything that Redis holds, as one text. */
export function everythingKept(town: Town): Promise<string> {
  return withRedis(town, async (redis) => {
    const keys = await redis.keys('*');
    const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    return [...keys, ...dumps.map((dump) => dump?.toString('latin1') ?? '')].join('\n');
  });
}

/** Another run whose journal cannot be read, while `during` lasts. */
export function withDamagedRun(town: Town, during: () => Promise<void>): Promise<void> {
  const key = '{keyturn}:run:rundamaged:';
  return withRedis(town, async (redis) => {
    await redis.zadd('{keyturn}:open', 1, 'rundamaged');
    await redis.xadd(`${key}journal`, '1-0', 'x', 'y');
    await redis.hset(`${key}head`, 'seq', '1', 'hash', 'z');
    await during();
    await redis.zrem('{keyturn}:open', 'rundamaged');
    await redis.del(`${key}journal`, `${key}head`);
  });
}

async function withRedis<T>(town: Town, look: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(town.redis.url, { lazyConnect: true });
  try {
    await redis.connect();
    return await look(redis);
  } finally {
    redis.disconnect();
  }
}

/** The open request's card and the value of its button. */
export async function openCard(
  town: Town,
  thread: ThreadView,
  label = /^Approve/,
): Promise<{ readonly card: Message; readonly value: string }> {
  return town.slack.waitFor(
    () => {
      const card = thread.messages().findLast((message) => controlsOf(message.blocks).some((control) => label.test(control.label)));
      const value = controlsOf(card?.blocks).find((control) => label.test(control.label))?.value;
      return card === undefined || value === undefined ? undefined : { card, value };
    },
    { what: `a card with ${label}`, timeoutMs: 20_000 },
  );
}

export type Forged = {
  readonly action: string;
  readonly value: string;
  /** Changes the payload further. */
  readonly patch?: JsonObject;
};

/** A click that nobody could make with a mouse. */
export function forge(town: Town, person: string, thread: ThreadView, { action, value, patch = {} }: Forged): Promise<Seen> {
  const pressed = { type: 'button', block_id: 'x', action_id: action, value, action_ts: '1.1' };
  return town.slack.person(person).click({
    channel: OPS,
    ts: thread.ts,
    actionId: action,
    forge: (payload) => ({ ...payload, actions: [pressed], ...patch }),
  });
}

/** Does it, and gives back the private words that came of it. */
export async function toldAfter(town: Town, person: string, act: () => Promise<unknown>): Promise<string> {
  const before = town.told(person);
  await act();
  await town.slack.waitFor(() => town.told(person).length > before.length, { what: `a private answer to ${person}`, timeoutMs: 15_000 });
  return town.told(person).slice(before.length);
}

/** Fills in the form that is open in front of somebody. */
export async function fillIn(town: Town, person: string, reason: string, patch?: (payload: JsonObject) => JsonObject) {
  await town.slack.waitFor(() => town.slack.openViews(person).length > 0, { what: `the form of ${person}`, timeoutMs: 15_000 });
  return town.slack.person(person).submitView({ values: { text: reason }, ...(patch === undefined ? {} : { forge: patch }) });
}
