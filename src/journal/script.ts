import type { RedisClient } from '../redis/connect.ts';
import { speaking, textOf } from '../redis/failure.ts';
import { journalForged } from './lost.ts';

/**
 * Runs a Lua script; its failure comes as the operator's error.
 * The whole text is sent each time: after a failover or a restart no server has to be asked first whether it knows the script.
 */
export function runScript(
  redis: RedisClient,
  lua: string,
  scriptKeys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return speaking(() => redis.eval(lua, scriptKeys.length, ...scriptKeys, ...args));
}

/** True for what Redis says of a stream whose key has another type, or that takes no further entry: nobody but an intruder leaves these. */
export function isTampered(error: unknown): boolean {
  return /WRONGTYPE|equal or smaller|exhausted the last|Invalid stream ID/i.test(textOf(error));
}

/** What Redis said of keys that were tampered with, in the operator's form; any other failure as it is. */
export function asForged(run: string, error: unknown): unknown {
  return isTampered(error) ? journalForged(run, 'Its keys in Redis are such that nothing can be read or written there.') : error;
}

/**
 * Lua that appends ARGV[first…] to a journal (KEYS[1]), moves its head (KEYS[2]) and tells the feed (KEYS[3]).
 * Seven arguments an entry, as `chainAfter` gives them; the entry's place is its stream id, so a gap cannot be written.
 */
export const luaAppend = `
local function append(run, seq, first)
  local hash
  for i = first, #ARGV, 7 do
    seq = seq + 1
    hash = ARGV[i + 4]
    redis.call('XADD', KEYS[1], seq .. '-0', 'id', ARGV[i], 'at', ARGV[i + 1], 'actor', ARGV[i + 2],
      'prev', ARGV[i + 3], 'hash', hash, 'event', ARGV[i + 5], 'seal', ARGV[i + 6])
  end
  redis.call('HSET', KEYS[2], 'seq', seq, 'hash', hash)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'run', run, 'seq', seq)
  return {seq, hash}
end
`;

/**
 * Lua that reads where a journal ends, twice: from its head and from the stream itself. They differ only if something was lost.
 * Entry fields by position: 2 id, 10 hash.
 */
export const luaEnds = `
local function ends(journal, head)
  local known = redis.call('HMGET', head, 'seq', 'hash')
  local last = redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1]
  local tail = last and tonumber(string.match(last[1], '^%d+')) or 0
  local seq = tonumber(known[1] or 0) or 0
  local whole = seq > 0 and tail == seq and last[2][10] == known[2]
  return whole, seq, known[2] or '', tail
end
`;
