import { z } from 'zod';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { keys } from './keys.ts';
import { runScript } from './script.ts';

/** `forMs`: for how long the other's lease still runs, in milliseconds. */
export type Lease = { readonly kind: 'held' } | { readonly kind: 'taken'; readonly by: string; readonly forMs: number };

export type Leases = {
  /** Takes the lease, or lengthens it if it is the owner's already. */
  readonly acquire: (name: string, owner: string, ttlMs: number) => Promise<Lease>;
  /** Lengthens a lease that is still the owner's; false means it was lost: stop acting under it. */
  readonly renew: (name: string, owner: string, ttlMs: number) => Promise<boolean>;
  /** Gives it back; false if it was the owner's no more. */
  readonly release: (name: string, owner: string) => Promise<boolean>;
  /** Says that `owner` drives the run for the next `ttlMs`; false if another does. */
  readonly beat: (run: string, owner: string, ttlMs: number) => Promise<boolean>;
  /** Stops saying so. */
  readonly rest: (run: string, owner: string) => Promise<boolean>;
  readonly isBeating: (run: string) => Promise<boolean>;
};

const acquireLua = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return {owner, redis.call('PTTL', KEYS[1])} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {ARGV[1], tonumber(ARGV[2])}
`;

const renewLua = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

const releaseLua = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

const acquireSchema = z.tuple([z.string(), z.number()]);

/**
 * Leases keep work from being done twice for nothing; they do not make it safe. A stopped process can wake after its lease has run out,
 * so whatever must not happen twice is settled by the journal's compare-and-append.
 */
export function createLeases(redis: RedisClient): Leases {
  const take = async (key: string, owner: string, ttlMs: number): Promise<Lease> => {
    const [by, forMs] = acquireSchema.parse(await runScript(redis, acquireLua, [key], [owner, ttlMs]));
    return by === owner ? { kind: 'held' } : { kind: 'taken', by, forMs };
  };
  const give = async (key: string, owner: string) => (await runScript(redis, releaseLua, [key], [owner])) === 1;
  return {
    acquire: (name, owner, ttlMs) => take(keys.lease(name), owner, ttlMs),
    renew: async (name, owner, ttlMs) => (await runScript(redis, renewLua, [keys.lease(name)], [owner, ttlMs])) === 1,
    release: (name, owner) => give(keys.lease(name), owner),
    beat: async (run, owner, ttlMs) => (await take(keys.drive(run), owner, ttlMs)).kind === 'held',
    rest: (run, owner) => give(keys.drive(run), owner),
    isBeating: async (run) => (await speaking(() => redis.exists(keys.drive(run)))) === 1,
  };
}
