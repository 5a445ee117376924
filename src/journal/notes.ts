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

/** What is known of the thread of a run that has left Redis (archive/files.ts); empty for any other. */
export type ArchivedFields = { readonly threadFields: (run: string) => Promise<ReadonlyMap<string, string>> };

/** `archive`: where the threads of runs are found that have left Redis; without it they are not known. */
export function createNotes(redis: RedisClient, archive?: ArchivedFields): Notes {
  return { thread: (run) => threadStore(redis, run, archive) };
}

function threadStore(redis: RedisClient, run: string, archive: ArchivedFields | undefined): ThreadStore {
  const key = keys.thread(run);

  async function all(): Promise<ReadonlyMap<string, string>> {
    const here = Object.entries(await speaking(() => redis.hgetall(key)));
    if (archive === undefined || (await speaking(() => redis.exists(keys.head(run)))) === 1) return new Map(here);
    return new Map([...(await archive.threadFields(run)), ...here]);
  }

  return {
    get: async (field) => (await speaking(() => redis.hget(key, field))) ?? (archive === undefined ? undefined : (await all()).get(field)),
    all,
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
