/** The Redis of this installation for a command: the configured one, or Keyturn's own, and the keys that its entries are sealed with. */
import { type Logger, pino } from 'pino';
import { type Config, readConfig } from '../config.ts';
import { type KeyFor, readInstallationKey } from '../installation-key.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../redis/connect.ts';
import { startOwnRedis } from '../redis/own-server.ts';
import type { CliWorld } from './world.ts';

export type Store = {
  readonly config: Config;
  readonly redis: RedisClient;
  /** Of the same Redis, for further connections. */
  readonly url: string;
  readonly keyFor: KeyFor;
  /** Says nothing: what a command has to say goes to its own output. */
  readonly log: Logger;
};

/**
 * An own Redis that runs already is used, and goes on if others use it. The key must be there: what is sealed with another one than the bot's opens
 * for nobody. Throws KeyturnError for a configuration, a key (among others `KEY_MISSING`) or a Redis that cannot be used.
 */
export async function withStore<T>(env: CliWorld['env'], work: (store: Store) => Promise<T>): Promise<T> {
  const config = readConfig(env, 'worker');
  const keyFor = await readInstallationKey(config.keyFile);
  const log = pino({ level: 'silent' });
  const own = config.redisUrl === undefined ? await startOwnRedis(config.data, log) : undefined;
  try {
    const url = config.redisUrl ?? own?.url ?? '';
    const redis = await connectRedis(url, { role: 'journal', log });
    try {
      return await work({ config, redis, url, keyFor, log });
    } finally {
      await disconnectRedis(redis);
    }
  } finally {
    await own?.stop();
  }
}
