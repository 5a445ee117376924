import { z } from 'zod';
import type { Context } from './context.ts';
import { keys } from './keys.ts';
import { journalForged, journalLost, runUnknown } from './lost.ts';
import { asInspected, faultOf, headOf, parsable, parseRaw, type Raw, rawOf } from './raw.ts';
import { asForged, luaEnds, runScript } from './script.ts';
import { goesOn } from './seen.ts';
import { genesis, type Head, type Stored } from './stored.ts';

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

/**
 * A journal as it lies in Redis or in the archive, whole or not. `stored` leaves out what cannot be parsed; `raw` has every entry, undefined where it is nothing that
 * Keyturn writes. `verifyJournal` judges it.
 */
export type Inspected = {
  readonly head: Head | undefined;
  readonly stored: readonly Stored<unknown>[];
  readonly raw: readonly (Raw | undefined)[];
};

/** For `verify`: everything there is, without any judgement. */
export async function inspect(context: Context<unknown>, run: string): Promise<Inspected> {
  const [, seq, hash, tail, , entries] = await look(context, run, '1');
  const raw = entries.map(rawOf);
  if (seq === 0 && tail === 0 && raw.length === 0) {
    const archived = await context.archive?.entries(run);
    if (archived !== undefined) return asInspected(archived);
  }
  return { head: seq === 0 ? undefined : { seq, hash }, stored: raw.flatMap(parsable), raw };
}

async function look({ redis }: Context<unknown>, run: string, from: string): Promise<z.infer<typeof replySchema>> {
  try {
    return replySchema.parse(await runScript(redis, lua, [keys.journal(run), keys.head(run), keys.open, keys.finished], [run, from]));
  } catch (error) {
    throw asForged(run, error);
  }
}

type Ends = { readonly head: Head | undefined; readonly entries: readonly (Raw | undefined)[] };

async function ends(context: Context<unknown>, run: string, from: string, witness: number): Promise<Ends> {
  const [whole, seq, hash, tail, listed, entries] = await look(context, run, from);
  const archived = seq === 0 && tail === 0 ? await archivedEnds(context, run, from) : undefined;
  const end = archived?.head?.seq ?? seq;
  if (end < witness) throw journalLost(run, `event ${witness} was seen, the journal ends at ${end}`);
  if (archived !== undefined) return archived;
  if (whole === 1) return { head: { seq, hash }, entries: entries.map(rawOf) };
  if (seq === 0 && tail === 0 && listed === 0) return { head: undefined, entries: [] };
  throw journalLost(run, `its head says ${seq}, its last event is ${tail === 0 ? 'gone' : tail}`);
}

/** One that has left Redis. */
async function archivedEnds({ archive }: Context<unknown>, run: string, from: string): Promise<Ends | undefined> {
  const entries = await archive?.entries(run);
  if (entries === undefined) return undefined;
  return { head: headOf(entries), entries: from === '' ? [] : entries.filter(({ seq }) => seq >= Number(from)) };
}

/** Where the journal says that it ends; undefined for a run that was never heard of. Throws KeyturnError `JOURNAL_LOST`. Proves no seal. */
export async function head(context: Context<unknown>, run: string, witness = 0): Promise<Head | undefined> {
  return (await ends(context, run, '', witness)).head;
}

/**
 * Entries as they were written, each one proved. Throws KeyturnError `RUN_UNKNOWN`, `JOURNAL_LOST` or `JOURNAL_FORGED`; never returns a shortened
 * journal, or one that this installation did not write.
 */
export async function readRaw(
  context: Context<unknown>,
  run: string,
  { from: wanted = 1, witness = 0 }: ReadOptions = {},
): Promise<readonly Stored<unknown>[]> {
  const from = Math.max(wanted, 1);
  // Before it is sent: what is seen while the answer is on its way need not be in it.
  const seen = context.seen.of(run);
  const found = await ends(context, run, String(from), witness);
  if (found.head === undefined) throw runUnknown(run);
  const entries = linked(
    run,
    from,
    found.entries.map((entry) => judgedRaw(context, run, entry)),
  );
  const { head: end } = found;
  const hashAt = (seq: number) => (seq === end.seq ? end.hash : seq === from - 1 ? entries[0]?.prev : entries[seq - from]?.hash);
  goesOn(run, seen, { head: end, from, hashAt });
  const last = entries.at(-1);
  if (last !== undefined) context.seen.note(run, last);
  return entries;
}

/** The same with the events parsed. */
export async function read<E>(context: Context<E>, run: string, options: ReadOptions = {}): Promise<readonly Stored<E>[]> {
  const entries = await readRaw(context, run, options);
  return entries.map((entry) => ({ ...entry, event: context.decode(entry.event) }));
}

/** An entry as Redis returned it, proved to be what this installation wrote there. Throws KeyturnError `JOURNAL_FORGED`. */
export function judged(context: Context<unknown>, run: string, entry: unknown): Stored<unknown> {
  return judgedRaw(context, run, rawOf(entry));
}

function judgedRaw({ sealer }: Context<unknown>, run: string, raw: Raw | undefined): Stored<unknown> {
  if (raw === undefined) throw journalForged(run, 'It holds an entry of a form that Keyturn does not write.');
  const fault = faultOf(run, raw, sealer);
  if (fault !== undefined) throw journalForged(run, fault.sentence);
  return parseRaw(raw);
}

/** Contiguous and chained. */
function linked(run: string, from: number, entries: readonly Stored<unknown>[]): readonly Stored<unknown>[] {
  let prev = from === 1 ? genesis(run) : entries[0]?.prev;
  entries.forEach((entry, index) => {
    if (entry.seq !== from + index || entry.prev !== prev)
      throw journalLost(run, `event ${from + index} does not follow the one before it`);
    prev = entry.hash;
  });
  return entries;
}
