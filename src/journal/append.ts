import { Cluster } from 'ioredis';
import { z } from 'zod';
import { KeyturnError } from '../errors.ts';
import { speaking } from '../redis/failure.ts';
import type { Actor } from '../run/events.ts';
import type { Context } from './context.ts';
import { keys } from './keys.ts';
import { journalLost } from './lost.ts';
import { judged } from './read.ts';
import { asForged, luaAppend, luaEnds, runScript } from './script.ts';
import { chainAfter, type Head, type Stored } from './stored.ts';

export type AppendOptions = {
  readonly at: number;
  readonly actor: Actor;
  /** Wait until the replicas have it: for whatever permits or forbids an effect. */
  readonly confirm?: boolean;
  /** The run is over: leaves the open list and gives the cluster back, if it is this run's. */
  readonly closes?: { readonly cluster?: string };
  /** Names this append; sending it again under the same name changes nothing. A random one unless given. */
  readonly id?: string;
};

export type Appended<E> =
  | { readonly kind: 'appended'; readonly head: Head; readonly stored: readonly Stored<E>[] }
  /** Another append came first; read on from there and decide again. */
  | { readonly kind: 'behind'; readonly head: Head };

/**
 * Compare and append. A head behind ours is another's append, unless it is our own sent twice; a past that is not ours is a loss.
 * The mark on the second sending is a write, so that a WAIT behind it speaks for the whole journal on this very server.
 */
const lua = `${luaAppend}${luaEnds}
local run, seen, seenHash, closes, at = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local first = 6
local count = (#ARGV - first + 1) / 7
local whole, seq, hash, tail = ends(KEYS[1], KEYS[2])
if not whole then return {'lost', seq, tail} end
if seen > seq then return {'lost', seen, seq} end
local mine = redis.call('XRANGE', KEYS[1], seen .. '-0', seen .. '-0')[1]
if not mine or mine[2][10] ~= seenHash then return {'other', seen} end
if seen < seq then
  local place = redis.call('XRANGE', KEYS[1], (seen + 1) .. '-0', (seen + count) .. '-0')
  local same = #place == count
  for i = 1, #place do same = same and place[i][2][2] == ARGV[first + (i - 1) * 7] end
  if not same then return {'behind', seq, hash} end
  redis.call('HINCRBY', KEYS[2], 'resent', 1)
  return {'again', place}
end
append(run, seq, first)
if closes == '1' then
  redis.call('ZREM', KEYS[4], run)
  redis.call('ZADD', KEYS[5], at, run)
  if redis.call('GET', KEYS[6]) == run then redis.call('DEL', KEYS[6]) end
end
return {'appended'}
`;

const replySchema = z.union([
  z.tuple([z.literal('appended')]),
  z.tuple([z.literal('again'), z.array(z.unknown())]),
  z.tuple([z.literal('behind'), z.number(), z.string()]),
  z.tuple([z.literal('lost'), z.number(), z.number()]),
  z.tuple([z.literal('other'), z.number()]),
]);

/**
 * Appends events to the journal that the caller has read up to `head`. Throws KeyturnError `JOURNAL_LOST` if that past is gone, `JOURNAL_FORGED` if
 * what stands there is not of this installation, `JOURNAL_UNCONFIRMED` if `confirm` was asked for and too few replicas answered: then the events
 * stand here, but may not survive a failover.
 */
export async function append<E>(
  context: Context<E>,
  run: string,
  head: Head,
  events: readonly E[],
  options: AppendOptions,
): Promise<Appended<E>> {
  const { stored, fields } = chainAfter(run, head, events, options, context.sealer);
  const last = stored.at(-1);
  if (last === undefined || head.seq < 1) throw new Error(`run ${run}: an append needs an event and a journal that was begun`);
  const lock = keys.lock(options.closes?.cluster ?? '');
  const call: Call = {
    keys: [keys.journal(run), keys.head(run), keys.feed, keys.open, keys.finished, lock],
    args: [run, head.seq, head.hash, options.closes === undefined ? '0' : '1', options.at, ...fields],
  };
  const answer = await send(context, run, call, options.confirm === true).catch((error: unknown) => {
    throw asForged(run, error);
  });
  const reply = replySchema.parse(answer);
  switch (reply[0]) {
    case 'appended':
      context.seen.note(run, last);
      return { kind: 'appended', head: { seq: last.seq, hash: last.hash }, stored };
    case 'again':
      return again(context, run, reply[1]);
    case 'behind':
      return { kind: 'behind', head: { seq: reply[1], hash: reply[2] } };
    case 'lost':
      throw journalLost(run, `event ${reply[1]} was seen, the journal ends at ${reply[2]}`);
    case 'other':
      throw journalLost(run, `event ${reply[1]} is not the one that was seen`);
  }
}

type Call = { readonly keys: readonly string[]; readonly args: readonly (string | number)[] };

async function send<E>(context: Context<E>, run: string, call: Call, confirm: boolean): Promise<unknown> {
  if (!confirm || context.replicas === 0) return runScript(context.redis, lua, call.keys, call.args);
  // A pipeline does not follow a moved slot, a single call does; the pipeline then sends the same append a second time, which is harmless.
  if (context.redis instanceof Cluster) await runScript(context.redis, lua, call.keys, call.args);
  const pipeline = context.redis.pipeline().eval(lua, call.keys.length, ...call.keys, ...call.args);
  const replies = await speaking(() => pipeline.wait(context.replicas, context.confirmMs).exec());
  const [[appendError, reply] = [null, null], [waitError, confirmed] = [null, 0]] = replies ?? [];
  if (appendError !== null) await speaking(() => Promise.reject(appendError));
  if (isRefused(reply) || (waitError === null && Number(confirmed) >= context.replicas)) return reply;
  throw unconfirmed(run, Number(confirmed), context);
}

function isRefused(reply: unknown): boolean {
  return Array.isArray(reply) && reply[0] !== 'appended' && reply[0] !== 'again';
}

function again<E>(context: Context<E>, run: string, place: readonly unknown[]): Appended<E> {
  const stored = place.map((entry) => judged(context, run, entry)).map((entry) => ({ ...entry, event: context.decode(entry.event) }));
  const last = stored.at(-1);
  if (last === undefined) throw new Error('an append sent twice found nothing in its place');
  return { kind: 'appended', head: { seq: last.seq, hash: last.hash }, stored };
}

function unconfirmed(run: string, confirmed: number, { replicas, confirmMs }: Context<unknown>): KeyturnError {
  return new KeyturnError(
    'JOURNAL_UNCONFIRMED',
    `Run ${run}: ${confirmed} of ${replicas} replicas confirmed an event within ${confirmMs} ms. It stands in the journal, but a failover now could lose it`,
    'INFO replication on the Redis master: connected replicas and their lag; then look at the run again',
  );
}
