import { z } from 'zod';
import type { Actor } from '../run/events.ts';
import type { Context } from './context.ts';
import { keys } from './keys.ts';
import { luaAppend, runScript } from './script.ts';
import { chainAfter, genesis, type Head, type Stored } from './stored.ts';

export type CreateOptions = {
  readonly at: number;
  readonly actor: Actor;
  /** The delivery that asked for the run; the same id within 24 hours makes no second run. */
  readonly requestId: string;
  /** Name of the cluster to hold until the run is closed; none for read-only procedures. */
  readonly lock?: string;
};

export type Created<E> =
  | { readonly kind: 'created'; readonly head: Head; readonly stored: readonly Stored<E>[] }
  /** This request has made `run` before. */
  | { readonly kind: 'repeated'; readonly run: string }
  /** `holder` is the run that has the cluster. */
  | { readonly kind: 'locked'; readonly holder: string };

/**
 * Everything or nothing: the answer to a repeated request, the cluster's lock, the journal, the open list.
 * A second sending of the same creation (a lost reply) finds its own request and says `created`.
 */
const lua = `${luaAppend}
local run = ARGV[1]
local before = redis.call('GET', KEYS[5])
if before == run then return {'created'} end
if before then return {'repeated', before} end
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return {'taken'} end
if ARGV[3] == '1' then
  local holder = redis.call('GET', KEYS[6])
  if holder and holder ~= run then return {'locked', holder} end
  redis.call('SET', KEYS[6], run)
end
redis.call('SET', KEYS[5], run, 'EX', 86400)
append(run, 0, 4)
redis.call('ZADD', KEYS[4], ARGV[2], run)
return {'created'}
`;

const replySchema = z.union([
  z.tuple([z.enum(['created', 'taken'])]),
  z.tuple([z.literal('repeated'), z.string()]),
  z.tuple([z.literal('locked'), z.string()]),
]);

/** Begins a journal. At least one event; a run id is never used twice. */
export async function create<E>(context: Context<E>, run: string, events: readonly E[], options: CreateOptions): Promise<Created<E>> {
  const { stored, fields } = chainAfter(run, { seq: 0, hash: genesis(run) }, events, { ...options, id: options.requestId }, context.sealer);
  const last = stored.at(-1);
  if (last === undefined) throw new Error(`run ${run} cannot begin without an event`);
  const { requestId, lock, at } = options;
  const scriptKeys = [keys.journal(run), keys.head(run), keys.feed, keys.open, keys.request(requestId), keys.lock(lock ?? '')];
  const args = [run, at, lock === undefined ? '0' : '1', ...fields];
  const reply = replySchema.parse(await runScript(context.redis, lua, scriptKeys, args));
  switch (reply[0]) {
    case 'created':
      context.seen.note(run, last);
      return { kind: 'created', head: { seq: last.seq, hash: last.hash }, stored };
    case 'repeated':
      return { kind: 'repeated', run: reply[1] };
    case 'locked':
      return { kind: 'locked', holder: reply[1] };
    case 'taken':
      throw new Error(`run id ${run} is in use already`);
  }
}
