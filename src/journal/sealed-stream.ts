/** A sealed log as a stream in Redis: entries as they lie there, unjudged. What they are worth is for sealed-log.ts to say. */
import { z } from 'zod';
import type { KeyturnError } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { type Raw, rawOf } from './raw.ts';
import { isTampered, runScript } from './script.ts';
import type { Head } from './stored.ts';

const PAGE = 500;

/** Where a log lies, and what is thrown where its keys are such that nothing can be read there. */
export type Place = {
  readonly redis: RedisClient;
  readonly stream: string;
  /** Where it ends: `seq`, `hash`; and `base`, up to where it has moved into files. */
  readonly head: string;
  /** The place of each id. */
  readonly ids: string;
  readonly forged: (sentence: string) => KeyturnError;
};

/** The last entry, and what the head says: the head is ahead where the end was cut off. */
const luaEnd = `
local head = redis.call('HMGET', KEYS[2], 'seq', 'hash')
return {redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1), head[1] or '', head[2] or ''}
`;

/** Compare and append; an id that has its entry already gets that one back, or its place where that has moved into a file. */
const luaAppend = `
local place = string.match(redis.call('HGET', KEYS[3], ARGV[1]) or '', '^%d+$')
local there = place and redis.call('XRANGE', KEYS[1], place .. '-0', place .. '-0')[1]
if there and there[2][2] == ARGV[4] then return {'known', there} end
if place and tonumber(place) <= (tonumber(redis.call('HGET', KEYS[2], 'base') or '') or 0) then return {'moved', tonumber(place)} end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if (last and last[1] or '') ~= ARGV[2] then return {'behind'} end
redis.call('XADD', KEYS[1], ARGV[3] .. '-0', 'id', ARGV[4], 'at', ARGV[5], 'actor', ARGV[6], 'prev', ARGV[7], 'hash', ARGV[8],
  'event', ARGV[9], 'seal', ARGV[10])
redis.call('HSET', KEYS[2], 'seq', ARGV[3], 'hash', ARGV[8])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
return {'appended'}
`;

const endSchema = z.tuple([z.array(z.tuple([z.string(), z.unknown()])), z.string(), z.string()]);
const replySchema = z.union([
  z.tuple([z.enum(['appended', 'behind'])]),
  z.tuple([z.literal('known'), z.unknown()]),
  z.tuple([z.literal('moved'), z.number()]),
]);

/** Compares and appends. */
export async function send(place: Place, args: readonly (string | number)[]): Promise<z.infer<typeof replySchema>> {
  try {
    return replySchema.parse(await runScript(place.redis, luaAppend, [place.stream, place.head, place.ids], args));
  } catch (error) {
    throw asForged(place, error);
  }
}

function asForged({ forged }: Place, error: unknown): unknown {
  return isTampered(error) ? forged('Its keys in Redis are such that nothing more can be written or read there.') : error;
}

/** The last entry, and what the head says at the same instant: further on where the end was cut off. */
export type End = {
  readonly last: { readonly place: string; readonly seq: number; readonly raw: Raw | undefined } | undefined;
  /** The place that the head names; 0 where it names none. */
  readonly seq: number;
  readonly head: Head | undefined;
};

export async function end(place: Place): Promise<End> {
  const reply = await runScript(place.redis, luaEnd, [place.stream, place.head], []).catch((error: unknown) => {
    throw asForged(place, error);
  });
  const [[last], seq, hash] = endSchema.parse(reply);
  return {
    last: last === undefined ? undefined : { place: last[0], seq: placeOf(last[0]), raw: rawOf(last) },
    seq: placeOf(seq),
    head: seq === '' ? undefined : { seq: placeOf(seq), hash },
  };
}

/** The number at the beginning of a stream's id or of a head; one that no log ever reaches counts for nothing. */
function placeOf(text: string): number {
  return Number(/^(\d{1,15})(?:-\d+)?$/.exec(text)?.[1] ?? 0);
}

/** Entries from one end; `from` is a place, or the end itself. */
export async function page(
  place: Place,
  from: number | undefined,
  limit: number,
  newestFirst: boolean,
): Promise<readonly (Raw | undefined)[]> {
  const { redis, stream } = place;
  const start = from === undefined ? undefined : `${from}-0`;
  const asked = newestFirst
    ? () => redis.xrevrange(stream, start ?? '+', '-', 'COUNT', limit)
    : () => redis.xrange(stream, start ?? '-', '+', 'COUNT', limit);
  const entries = await speaking(asked).catch((error: unknown) => {
    throw asForged(place, error);
  });
  return entries.map(rawOf);
}

/** An entry and where it stands, also where it is none that Keyturn writes. */
export type Placed = { readonly seq: number; readonly raw: Raw | undefined };

/** From one place up to an entry of the stream, page by page: one reply of everything would keep Redis from its other work, and fill the memory. */
export async function* pages(place: Place, from: number, upTo: string): AsyncGenerator<readonly Placed[]> {
  for (let start = `${from}-0`; ; ) {
    const entries = await speaking(() => place.redis.xrange(place.stream, start, upTo, 'COUNT', PAGE)).catch((error: unknown) => {
      throw asForged(place, error);
    });
    if (entries.length > 0) yield entries.map((entry) => ({ seq: placeOf(entry[0]), raw: rawOf(entry) }));
    const last = entries.at(-1)?.[0];
    if (entries.length < PAGE || last === undefined) return;
    start = `(${last}`;
  }
}
