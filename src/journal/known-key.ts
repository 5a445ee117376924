import { KeyturnError } from '../errors.ts';
import type { KeyFor } from '../installation-key.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { keys } from './keys.ts';

/**
 * Holds the key at hand against the one that this Redis was first used with, so that a machine with another key file says so at its start and not
 * at its first journal. A help for people and no proof: whoever can write to Redis can change the mark, and the seals are still judged one by one.
 * Throws KeyturnError `KEY_OTHER`.
 */
export async function recogniseKey(redis: RedisClient, keyFor: KeyFor, path: string): Promise<void> {
  const ours = markOf(keyFor);
  await speaking(() => redis.set(keys.sealedBy, ours, 'NX'));
  const known = await speaking(() => redis.get(keys.sealedBy));
  if (known === null || known === ours) return;
  throw new KeyturnError(
    'KEY_OTHER',
    `The journals in this Redis are sealed with another installation key than that of ${path}: none of them could be believed here ` +
      `(its mark is ${JSON.stringify(known.slice(0, 40))}, ours “${ours}”)`,
    'that bot and workers all have a copy of the same key file (KEYTURN_KEY_FILE), and that REDIS_URL names the Redis of this installation; ' +
      'docs/troubleshooting.md says what to do if the key is lost',
  );
}

/** Tells keys apart and nothing about them. */
function markOf(keyFor: KeyFor): string {
  return keyFor('mark').toString('hex').slice(0, 16);
}
