/** Second factors from this machine: the Redis and the key file of the bot, and nothing of Slack. */
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { createFactors } from '../factor/factors.ts';
import { readInstallationKey } from '../installation-key.ts';
import { recogniseKey } from '../journal/known-key.ts';
import { createRegister } from '../journal/register.ts';
import { connectRedis, disconnectRedis } from '../redis/connect.ts';
import { startOwnRedis } from '../redis/own-server.ts';
import type { FactorOffice } from './factor.ts';
import type { CliWorld } from './world.ts';

/**
 * Where Keyturn keeps its own Redis, the running one is used. The key must be there already: a secret that is sealed with another one than the bot's
 * would open for nobody. Throws KeyturnError, among others `KEY_MISSING`.
 */
export async function withFactors<T>(env: CliWorld['env'], work: (office: FactorOffice) => Promise<T>): Promise<T> {
  const config = readConfig(env, 'worker');
  const log = pino({ level: 'silent' });
  const keyFor = await readInstallationKey(config.keyFile);
  const own = config.redisUrl === undefined ? await startOwnRedis(config.data, log) : undefined;
  try {
    const redis = await connectRedis(config.redisUrl ?? own?.url ?? '', { role: 'journal', log });
    try {
      await recogniseKey(redis, keyFor, config.keyFile);
      const factors = createFactors({ redis, key: keyFor('factor'), log });
      const register = createRegister({ redis, key: keyFor('register') });
      return await work({ factors, register, administrators: config.administrators, now: Date.now });
    } finally {
      await disconnectRedis(redis);
    }
  } finally {
    await own?.stop();
  }
}
