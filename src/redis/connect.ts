/**
 * Opens connections to Redis, in every form of `REDIS_URL`, and says when one is lost and when it is back.
 * What is done over a connection belongs to journal/ and queue/; whether the server is fit for us, to check.ts.
 *
 * C1. Whoever calls gets a connection that has answered, or an error that names the place, within the time given.
 * C2. A lost connection is one line in the log, and so is its return, however often it was tried in between.
 * C3. No password reaches a log or an error.
 */
import { Cluster, Redis } from 'ioredis';
import type { Logger } from 'pino';
import { codeOf, KeyturnError } from '../errors.ts';
import { redisFailure, textOf } from './failure.ts';
import { clusterOptions, placeOptions, type RedisRole, roleOptions } from './options.ts';
import { describeTarget, parseRedisUrl, type RedisTarget } from './url.ts';

export type { RedisRole } from './options.ts';
export type RedisClient = Redis | Cluster;

export type ConnectOptions = {
  readonly role: RedisRole;
  readonly log: Logger;
  /** How long to try before giving up, in milliseconds; 5000 unless told. */
  readonly timeoutMs?: number;
};

/**
 * A connection that has answered. Throws KeyturnError `REDIS_UNREACHABLE`, `REDIS_LOGIN` or `REDIS_URL_INVALID`.
 * Later outages do not end it: it connects again for as long as it takes.
 */
export async function connectRedis(url: string, { role, log, timeoutMs = 5000 }: ConnectOptions): Promise<RedisClient> {
  const target = parseRedisUrl(url);
  const client = open(target, role);
  const state = watch(client, log.child({ redis: describeTarget(target), role }));
  try {
    await answered(client, state, timeoutMs);
    return client;
  } catch (error) {
    client.disconnect();
    throw atStart(error, target, timeoutMs);
  }
}

const POLITE_MS = 1_000;

/** Ends a connection politely where the server still listens; one that hangs is waited for no longer than a second. */
export async function disconnectRedis(client: RedisClient): Promise<void> {
  if (client.status === 'ready') await quit(client);
  client.disconnect();
}

async function quit(client: RedisClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, POLITE_MS);
  });
  await Promise.race([client.quit().catch(() => undefined), late]);
  clearTimeout(timer);
}

function open(target: RedisTarget, role: RedisRole): RedisClient {
  if (target.kind !== 'cluster') return new Redis({ ...roleOptions(role), ...placeOptions(target) });
  return new Cluster(
    target.nodes.map(({ host, port }) => ({ host, port })),
    clusterOptions(target, role),
  );
}

type Watched = { readonly lastError: () => Error | undefined };

/** Keeps C2. ioredis emits `error` for every retry; they are kept, and told once with the loss. */
function watch(client: RedisClient, log: Logger): Watched {
  let lastError: Error | undefined;
  let lostAt: number | undefined;
  let wasReady = false;
  client.on('error', (error: Error) => {
    lastError = error;
  });
  client.on('ready', () => {
    if (lostAt === undefined) log.debug('connected to Redis');
    else log.info({ afterMs: Date.now() - lostAt }, 'Redis is back');
    lostAt = undefined;
    lastError = undefined;
    wasReady = true;
  });
  client.on('close', () => {
    if (!wasReady || lostAt !== undefined) return;
    lostAt = Date.now();
    // The reason arrives with the first failed retry, so it is told after that.
    setTimeout(() => tellLoss(client, log, lastError), 150).unref();
  });
  return { lastError: () => lastError };
}

function tellLoss(client: RedisClient, log: Logger, error: Error | undefined): void {
  if (client.status === 'ready' || client.status === 'end') return;
  log.warn({ reason: reasonOf(error) }, 'the connection to Redis is lost, trying again');
}

async function answered(client: RedisClient, state: Watched, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(state.lastError() ?? new Error('no answer')), timeoutMs);
  });
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', () => resolve());
    client.on('error', (error: Error) => {
      if (isRefusal(error)) reject(error);
    });
  });
  client.connect().catch(() => undefined);
  await Promise.race([ready, deadline]).finally(() => clearTimeout(timer));
}

/** No waiting helps against a wrong password. */
function isRefusal(error: unknown): boolean {
  const failure = redisFailure(error);
  return failure instanceof KeyturnError && failure.code === 'REDIS_LOGIN';
}

function atStart(error: unknown, target: RedisTarget, timeoutMs: number): unknown {
  const place = describeTarget(target);
  if (isRefusal(error)) {
    return new KeyturnError(
      'REDIS_LOGIN',
      `Redis at ${place} refuses the login`,
      'user and password in REDIS_URL, and the ACL of that user',
    );
  }
  return new KeyturnError(
    'REDIS_UNREACHABLE',
    `Redis at ${place} did not answer within ${timeoutMs / 1000} s: ${reasonOf(error)}`,
    'REDIS_URL, that Redis runs there, and that this machine may reach it; without REDIS_URL Keyturn starts a server of its own',
    { cause: error },
  );
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up',
  ENOENT: 'the socket does not exist',
  EACCES: 'no right to open the socket',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
};

function reasonOf(error: unknown): string {
  const text = textOf(error);
  if (text.startsWith('LOADING')) return 'it is still loading its data';
  if (text.startsWith('All sentinels')) return 'no Sentinel answers, or none knows that master';
  if (text.includes('slots cache')) return 'no node of the cluster answers';
  return reasons[codeOf(error)] ?? (text || 'no answer');
}
