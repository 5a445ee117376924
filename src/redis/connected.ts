import type { Logger } from 'pino';
import { connectRedis, disconnectRedis, type RedisClient } from './connect.ts';

/** A Redis connection that is closed with the rest. */
export async function connected(
  url: string,
  role: 'journal' | 'blocking',
  log: Logger,
  releases: (() => Promise<void> | void)[],
): Promise<RedisClient> {
  const client = await connectRedis(url, { role, log });
  releases.push(() => disconnectRedis(client));
  return client;
}
