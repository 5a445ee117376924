import { z } from 'zod';
import type { Context } from './context.ts';
import { keys } from './keys.ts';
import { journalLost, runUnknown } from './lost.ts';
import { luaEnds, runScript } from './script.ts';
import { decodeEntry, genesis, type Head, type Stored } from './stored.ts';

export type ReadOptions = {
  /** The first sequence number wanted; 1 unless told. */
  readonly from?: number;
  /** A sequence number that was seen outside Redis: above the journal's head it proves a loss. */
  readonly witness?: number;
};

/** The two ends and the entries at one instant; listed says that the run is in a list, so that it must have a journal. */
const lua = `${luaEnds}
local whole, seq, hash, tail = ends(KEYS[1], KEYS[2])
local listed = redis.call('ZSCORE', KEYS[3], ARGV[1]) or redis.call('ZSCORE', KEYS[4], ARGV[1])
local entries = ARGV[2] == '' and {} or redis.call('XRANGE', KEYS[1], ARGV[2] .. '-0', '+')
return {whole and 1 or 0, seq, hash, tail, listed and 1 or 0, entries}
`;

const replySchema = z.tuple([z.number(), z.number(), z.string(), z.number(), z.number(), z.array(z.unknown())]);

/** A journal as it lies in Redis, whole or not. */
export type Inspected = { readonly head: Head | undefined; readonly stored: readonly Stored<unknown>[] };

/** For `verify`: everything there is, without any judgement. */
export async function inspect({ redis }: Context<unknown>, run: string): Promise<Inspected> {
  const scriptKeys = [keys.journal(run), keys.head(run), keys.open, keys.finished];
  const [, seq, hash, , , entries] = replySchema.parse(await runScript(redis, lua, scriptKeys, [run, '1']));
  return { head: seq === 0 ? undefined : { seq, hash }, stored: entries.map(decodeEntry) };
}

type Ends = { readonly head: Head | undefined; readonly entries: readonly unknown[] };

async function ends(context: Context<unknown>, run: string, from: string, witness: number): Promise<Ends> {
  const scriptKeys = [keys.journal(run), keys.head(run), keys.open, keys.finished];
  const [whole, seq, hash, tail, listed, entries] = replySchema.parse(await runScript(context.redis, lua, scriptKeys, [run, from]));
  if (seq < witness) throw journalLost(run, `event ${witness} was seen, the journal ends at ${seq}`);
  if (whole === 1) return { head: { seq, hash }, entries };
  if (seq === 0 && tail === 0 && listed === 0) return { head: undefined, entries: [] };
  throw journalLost(run, `its head says ${seq}, its last event is ${tail === 0 ? 'gone' : tail}`);
}

/** Where the journal ends; undefined for a run that was never heard of. Throws KeyturnError `JOURNAL_LOST`. */
export async function head(context: Context<unknown>, run: string, witness = 0): Promise<Head | undefined> {
  return (await ends(context, run, '', witness)).head;
}

/** Entries as they were written. Throws KeyturnError `RUN_UNKNOWN` or `JOURNAL_LOST`; never returns a shortened journal. */
export async function readRaw(
  context: Context<unknown>,
  run: string,
  { from = 1, witness = 0 }: ReadOptions = {},
): Promise<readonly Stored<unknown>[]> {
  const found = await ends(context, run, String(Math.max(from, 1)), witness);
  if (found.head === undefined) throw runUnknown(run);
  return linked(run, Math.max(from, 1), found.entries.map(decodeEntry));
}

/** The same with the events parsed. */
export async function read<E>(context: Context<E>, run: string, options: ReadOptions = {}): Promise<readonly Stored<E>[]> {
  const entries = await readRaw(context, run, options);
  return entries.map((entry) => ({ ...entry, event: context.decode(entry.event) }));
}

/** Contiguous and chained: the cheap half of `verifyChain`, made on every reading. */
function linked(run: string, from: number, entries: readonly Stored<unknown>[]): readonly Stored<unknown>[] {
  let prev = from === 1 ? genesis(run) : entries[0]?.prev;
  entries.forEach((entry, index) => {
    if (entry.seq !== from + index || entry.prev !== prev)
      throw journalLost(run, `event ${from + index} does not follow the one before it`);
    prev = entry.hash;
  });
  return entries;
}
