/**
 * The list of runs: a sealed log (sealed-log.ts) that says of each run that it began, how it ended, where its record lies and that it was deleted, so
 * that a whole run cannot vanish. It proves and permits nothing: where it fails, runs go on.
 *
 * Its older part lies in files (archive/segments.ts), the rest in Redis; the chain goes on from one to the other.
 */
import { readSegment, segmentsIn } from '../archive/segments.ts';
import type { KeyturnError } from '../errors.ts';
import type { RedisClient } from '../redis/connect.ts';
import type { ChainFault } from './chain.ts';
import { keys } from './keys.ts';
import { runsForged } from './lost.ts';
import type { Raw } from './raw.ts';
import { idOf, type RunsEvent, runsEventSchema } from './runs-events.ts';
import { createSealedLog, type LogEntry, type Logged, type LogRead, type SealedLog } from './sealed-log.ts';
import { all, type Place } from './sealed-stream.ts';
import type { Head } from './stored.ts';
import type { Witness } from './witness.ts';

export type { RunsEvent } from './runs-events.ts';

export type RunsEntry = LogEntry<RunsEvent>;

/** What the hashes of the list name in place of a run. */
export const RUNS_NAME = 'runs';

export type Runs = {
  /** Durable when it resolves; the same again changes nothing. `at` in milliseconds since 1970. Throws KeyturnError `RUNS_FORGED`. */
  readonly note: (event: RunsEvent, options: { readonly at: number }) => Promise<Logged>;
  /** What lies in Redis: the newer part. Throws KeyturnError `RUNS_FORGED` if one of the entries asked for is not what Keyturn wrote. */
  readonly read: (options?: LogRead) => Promise<readonly RunsEntry[]>;
  /** From the first entry to the last, files and Redis, each proved. Throws KeyturnError `RUNS_FORGED`. Gaps are for `verify`. */
  readonly everything: () => AsyncGenerator<RunsEntry>;
  /** The same, without what is not what Keyturn wrote: for `verify`, which names that by itself. */
  readonly proven: () => Promise<readonly RunsEntry[]>;
  /** The same as texts, unjudged: for exports. */
  readonly texts: () => Promise<readonly (Raw | undefined)[]>;
  /** Everything that is wrong with it, files and Redis; empty means whole. Held against `seen`, or what this machine has seen. */
  readonly verify: (seen?: Head) => Promise<readonly ChainFault[]>;
  /** This very thing was noted, and stands in Redis, proved. */
  readonly has: (event: RunsEvent) => Promise<boolean>;
  /** The last entry's place; undefined while it is empty. Proves no seal. */
  readonly head: () => Promise<Head | undefined>;
  /** What this machine has seen is there no more: a sentence. Looks at one entry; `verify` looks at all. */
  readonly lost: () => Promise<string | undefined>;
};

export type RunsOptions = {
  /** A connection of the role `journal`. */
  readonly redis: RedisClient;
  /** 32 bytes: the installation's key for the purpose `runs`. */
  readonly key: Buffer;
  /** `config.record`, with the older part; without it, what is there counts as missing. */
  readonly folder?: string;
  readonly witness?: Witness;
  readonly onDamage?: (error: KeyturnError) => void;
  /** What was seen could not be kept. */
  readonly onTrouble?: (error: unknown) => void;
};

const PAGE = 500;
/** The list may be moved on while it is read; it is not moved often. */
const ROUNDS = 3;

export function createRuns({ witness, folder, redis, onTrouble = () => undefined, ...options }: RunsOptions): Runs {
  const log = createSealedLog({ ...options, ...runsPlace(redis), name: RUNS_NAME, schema: runsEventSchema });
  let first: Promise<Head | undefined> | undefined;

  function seenAtFirst(): Promise<Head | undefined> {
    first ??= seenBy(witness, onTrouble);
    return first;
  }

  async function note(event: RunsEvent, { at }: { readonly at: number }): Promise<Logged> {
    const after = (await seenAtFirst())?.seq ?? 0;
    const { kind, seq, hash } = await log.append(event, { at, id: idOf(event), after });
    if (hash !== undefined && kind === 'appended') await witness?.note({ seq, hash }).catch(onTrouble);
    return { kind, seq };
  }

  return {
    note,
    read: log.read,
    head: log.head,
    has: async (event) => (await log.find(idOf(event))) !== undefined,
    texts: () => runsTexts(redis, folder),
    proven: async () => (await runsTexts(redis, folder)).flatMap((raw) => provenIn(log, raw)),
    everything: () => everything(log, folder),
    verify: async (seen) => log.verify(seen ?? (await seenBy(witness, onTrouble)), await moved(folder)),
    lost: async () => lostOf(log, await seenAtFirst()),
  };
}

function provenIn(log: SealedLog<RunsEvent>, raw: Raw | undefined): readonly RunsEntry[] {
  try {
    return [log.judged(raw)];
  } catch {
    return [];
  }
}

/** Where the newer part lies. */
export function runsPlace(redis: RedisClient): Place {
  return { redis, stream: keys.runs, head: keys.runsHead, ids: keys.runsIds, forged: runsForged };
}

/** Every entry as it lies there, files and Redis, unjudged. */
export async function runsTexts(redis: RedisClient, folder: string | undefined): Promise<readonly (Raw | undefined)[]> {
  const newer = await all(runsPlace(redis));
  const first = newer[0]?.seq ?? Number.POSITIVE_INFINITY;
  return [...(await moved(folder)).filter((entry) => entry === undefined || entry.seq < first), ...newer];
}

async function seenBy(witness: Witness | undefined, onTrouble: (error: unknown) => void): Promise<Head | undefined> {
  return witness?.seen().catch((error: unknown) => {
    onTrouble(error);
    return undefined;
  });
}

async function lostOf(log: SealedLog<RunsEvent>, seen: Head | undefined): Promise<string | undefined> {
  if (seen === undefined) return undefined;
  const end = (await log.head())?.seq ?? 0;
  if (end < seen.seq) return `Its end is cut off: this machine has seen entry ${seen.seq}, the last is now ${end === 0 ? 'none' : end}.`;
  const [there] = await log.read({ from: seen.seq, limit: 1 });
  // One that has moved into a file is proved by `verify`.
  if (there?.seq !== seen.seq || there.hash === seen.hash) return undefined;
  return `Entry ${seen.seq} is not the one that this machine has seen.`;
}

/** Everything that lies in files, each entry once. */
async function moved(folder: string | undefined): Promise<readonly (Raw | undefined)[]> {
  const entries: (Raw | undefined)[] = [];
  for await (const entry of movedFrom(folder, 1)) entries.push(entry);
  return entries;
}

async function* movedFrom(folder: string | undefined, from: number): AsyncGenerator<Raw | undefined> {
  let next = from;
  for (const segment of folder === undefined ? [] : await segmentsIn(folder)) {
    if (segment.last < next) continue;
    for (const entry of await readSegment(folder ?? '', segment)) {
      if (entry !== undefined && entry.seq < next) continue;
      yield entry;
      next = (entry?.seq ?? next) + 1;
    }
  }
}

async function* everything(log: SealedLog<RunsEvent>, folder: string | undefined): AsyncGenerator<RunsEntry> {
  let next = 1;
  for (let round = 1; ; round += 1) {
    for await (const raw of movedFrom(folder, next)) {
      const entry = log.judged(raw);
      yield entry;
      next = entry.seq + 1;
    }
    const page = await log.read({ from: next, limit: PAGE });
    // What was moved meanwhile is in a file by now.
    if (round < ROUNDS && page[0] !== undefined && page[0].seq > next) continue;
    yield* page;
    next = (page.at(-1)?.seq ?? next) + 1;
    if (page.length < PAGE) return;
  }
}
