/**
 * Keeps the history up with the journals: compares both at the start, every hour, and where the index was begun anew; in between reads what the feed
 * names, and forgets what was deleted. Paced, so that a run is read anew at most once in `SETTLE_MS` while it grows. Several processes may do it at once: the same is written twice.
 *
 * U1. The index counts as complete only if everything that the lists named was read into it, or noted as unreadable, since it was begun.
 * U2. One journal that cannot be read keeps no other from its place; an outage of Redis makes none unreadable.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { codeOf, explain } from '../errors.ts';
import type { News } from '../journal/feed.ts';
import { everyFinished } from '../journal/every-finished.ts';
import type { Journal } from '../journal/journal.ts';
import { type AfterwardsOf, afterEventIn } from '../record/afterwards.ts';
import { isRedisFailure } from '../redis/failure.ts';
import type { Output, RunEvent } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import type { HistoryIndex, Place } from './index.ts';
import { OUTPUT_BYTES, type RunSummary, summarise, WORDS_LENGTH } from './summary.ts';

export type KeepUpParts = {
  readonly journal: Pick<Journal<RunEvent>, 'read' | 'head' | 'openRuns' | 'finishedRuns'>;
  readonly index: HistoryIndex;
  readonly afterwardsOf: AfterwardsOf;
  readonly outputText: (output: Output, maxBytes: number) => Promise<string>;
  readonly log: Logger;
  /** Runs that were deleted since this was asked last. */
  readonly deleted?: () => Promise<readonly string[]>;
  /** Runs of which something was written after their end, since this was asked last. */
  readonly late?: () => Promise<readonly string[]>;
  /** Journals that were read in this pass, of those that are to be. */
  readonly onProgress?: (done: number, of: number) => void;
};

/** Journals written together. */
const BATCH = 25;
/** Told in the log after so many. */
const TELL_EVERY = 1_000;
export const SETTLE_MS = 1_000;

/** Reads what the index lacks, forgets what is kept no more. Returns how many were read. Throws KeyturnError for Redis and for the index's file. */
export async function catchUp(parts: KeepUpParts, signal?: AbortSignal): Promise<number> {
  const { index, log, onProgress = () => undefined } = parts;
  const { begun, places } = await index.known();
  const all = await allRuns(parts.journal);
  const lacking = lackingIn(places, all);
  if (lacking.some((run) => !places.has(run))) await index.setComplete(begun, false);
  let read = 0;
  for (let at = 0; at < lacking.length; at += BATCH) {
    if (signal?.aborted === true) return read;
    read += await readInto(parts, lacking.slice(at, at + BATCH));
    const done = Math.min(at + BATCH, lacking.length);
    onProgress(done, lacking.length);
    if (done % TELL_EVERY === 0) log.info({ done, of: lacking.length }, 'the history is being built from the journals');
    // Lets everything else of the process go first.
    await delay(1);
  }
  await forgetGone(parts, places, all);
  await index.setComplete(begun, true);
  return read;
}

type All = { readonly finished: ReadonlySet<string>; readonly open: readonly string[] };

/** Open ones first: a run that ends in between is in one of the lists at least. */
async function allRuns(journal: KeepUpParts['journal']): Promise<All> {
  const open = await journal.openRuns();
  const finished = new Set<string>();
  for await (const { run } of everyFinished(journal)) finished.add(run);
  return { finished, open };
}

function lackingIn(places: ReadonlyMap<string, Place>, all: All): readonly string[] {
  const finished = [...all.finished].filter((run) => places.get(run)?.ended !== true);
  const open = all.open.filter((run) => !all.finished.has(run));
  return [...open, ...finished];
}

/** What began since the lists were read is in neither of them, and has a journal. */
async function forgetGone({ journal, index }: KeepUpParts, places: ReadonlyMap<string, Place>, all: All): Promise<void> {
  const listed = new Set([...all.finished, ...all.open]);
  const gone: string[] = [];
  for (const run of places.keys()) {
    if (!listed.has(run) && !(await isThere(journal, run))) gone.push(run);
  }
  if (gone.length > 0) await index.forget(gone);
}

/** A damaged journal is there. */
async function isThere(journal: KeepUpParts['journal'], run: string): Promise<boolean> {
  try {
    return (await journal.head(run)) !== undefined;
  } catch (error) {
    if (isRedisFailure(error)) throw error;
    return true;
  }
}

/** How many could be read. What cannot be is told and noted, what is kept no more is forgotten. */
export async function readInto(parts: KeepUpParts, runs: readonly string[]): Promise<number> {
  const summaries: RunSummary[] = [];
  const unreadable: string[] = [];
  const gone: string[] = [];
  for (const run of runs) {
    try {
      summaries.push(await summaryOf(parts, run));
    } catch (error) {
      if (isRedisFailure(error)) throw error;
      if (codeOf(error) === 'RUN_UNKNOWN') {
        gone.push(run);
      } else {
        unreadable.push(run);
        parts.log.warn({ run, reason: explain(error) }, 'this run cannot be read, so the history does not show it as it is now');
      }
    }
  }
  if (summaries.length > 0) await parts.index.put(summaries);
  if (unreadable.length > 0) await parts.index.putUnreadable(unreadable);
  if (gone.length > 0) await parts.index.forget(gone);
  return summaries.length;
}

async function summaryOf({ journal, afterwardsOf, outputText }: KeepUpParts, run: string): Promise<RunSummary> {
  const recorded = await journal.read(run);
  const outputs = new Map<string, string>();
  let room = WORDS_LENGTH;
  for (const { event } of recorded) {
    if (event.kind !== 'attemptEnded' || event.output?.path === undefined || room <= 0) continue;
    // An output that is not there leaves its head and tail, which the journal holds.
    const text = await outputText(event.output, OUTPUT_BYTES).catch(() => undefined);
    if (text !== undefined) outputs.set(event.output.path, text);
    room -= text?.length ?? 0;
  }
  const after = (await afterwardsOf(run)).flatMap((entry) => afterEventIn(entry) ?? []);
  return summarise(fold(run, recorded), recorded, outputs, after);
}

export interface KeepUp {
  news(news: News): void;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export type KeepUpTimes = {
  /** Between two comparisons of everything. Milliseconds. */
  readonly againMs: number;
  /** How often is looked whether the index was begun anew, by whomever, or a run deleted. */
  readonly lookMs: number;
};

const TIMES: KeepUpTimes = { againMs: 3_600_000, lookMs: 10_000 };
/** Between two attempts while everything fails. */
const MOST_PAUSE_MS = 60_000;

/** Begins to catch up at once, beside everything else. Never throws; what fails is told in the log and tried again. */
export function startKeepUp(parts: KeepUpParts, { againMs, lookMs }: KeepUpTimes = TIMES): KeepUp {
  const stop = new AbortController();
  const grown = new Set<string>();
  let caughtUp: number | undefined;
  let wake = (): void => undefined;

  async function work(): Promise<void> {
    let pause = SETTLE_MS;
    while (!stop.signal.aborted) {
      try {
        await once();
        pause = SETTLE_MS;
      } catch (error) {
        caughtUp = undefined;
        pause = Math.min(pause * 2, MOST_PAUSE_MS);
        parts.log.warn({ reason: explain(error) }, 'the history could not be kept up, trying again');
      }
      await delay(pause, undefined, { signal: stop.signal }).catch(() => undefined);
      if (grown.size === 0 && caughtUp !== undefined && !stop.signal.aborted) await newsOrTime();
    }
  }

  async function once(): Promise<void> {
    const deleted = (await parts.deleted?.()) ?? [];
    if (deleted.length > 0) await parts.index.forget(deleted);
    if (caughtUp === undefined || Date.now() - caughtUp >= againMs || !(await parts.index.isComplete())) {
      // A gap that is told from here on asks for another one.
      caughtUp = Date.now();
      await catchUp(parts, stop.signal);
    }
    for (const run of (await parts.late?.()) ?? []) grown.add(run);
    const runs = [...grown];
    grown.clear();
    for (let at = 0; at < runs.length; at += BATCH) await readInto(parts, runs.slice(at, at + BATCH));
  }

  function newsOrTime(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, lookMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const working = work();
  return {
    news(told) {
      if (told.kind === 'gap') caughtUp = undefined;
      else for (const { run } of told.entries) grown.add(run);
      wake();
    },
    async close() {
      stop.abort();
      wake();
      await working;
    },
  };
}
