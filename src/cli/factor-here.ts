/** Second factors from this machine: the Redis and the key file of the bot, and nothing of Slack. */
import { createFactors } from '../factor/factors.ts';
import { recogniseKey } from '../journal/known-key.ts';
import { createRegister } from '../journal/register.ts';
import type { FactorOffice } from './factor.ts';
import { withStore } from './store.ts';
import type { CliWorld } from './world.ts';

/** Throws KeyturnError as `withStore` does, and `KEY_OTHER`. */
export function withFactors<T>(env: CliWorld['env'], work: (office: FactorOffice) => Promise<T>): Promise<T> {
  return withStore(env, async ({ config, redis, keyFor, log }) => {
    await recogniseKey(redis, keyFor, config.keyFile);
    const factors = createFactors({ redis, key: keyFor('factor'), log });
    const register = createRegister({ redis, key: keyFor('register') });
    return work({ factors, register, administrators: config.administrators, now: Date.now });
  });
}
