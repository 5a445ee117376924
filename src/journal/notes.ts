import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { keys } from './keys.ts';
import { runScript } from './script.ts';

/** What a projection remembers about one run's thread: small strings under names. Can be rebuilt by reading the thread; never the truth. */
export type ThreadStore = {
  readonly get: (field: string) => Promise<string | undefined>;
  readonly all: () => Promise<ReadonlyMap<string, string>>;
  readonly set: (field: string, value: string) => Promise<void>;
  /** Writes only if the field holds `expected` (undefined: nothing). */
  readonly compareAndSet: (field: string, expected: string | undefined, value: string) => Promise<boolean>;
  readonly remove: (field: string) => Promise<void>;
};

export type Notes = { readonly thread: (run: string) => ThreadStore };

const compareLua = `
local now = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[2] == '0' and now then return 0 end
if ARGV[2] == '1' and now ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
return 1
`;

export function createNotes(redis: RedisClient): Notes {
  return { thread: (run) => threadStore(redis, keys.thread(run)) };
}

function threadStore(redis: RedisClient, key: string): ThreadStore {
  return {
    get: async (field) => (await speaking(() => redis.hget(key, field))) ?? undefined,
    all: async () => new Map(Object.entries(await speaking(() => redis.hgetall(key)))),
    set: async (field, value) => {
      await speaking(() => redis.hset(key, field, value));
    },
    compareAndSet: async (field, expected, value) => {
      const args = [field, expected === undefined ? '0' : '1', expected ?? '', value];
      return (await runScript(redis, compareLua, [key], args)) === 1;
    },
    remove: async (field) => {
      await speaking(() => redis.hdel(key, field));
    },
  };
}
