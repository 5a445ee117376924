/**
 * Keeps the history up with the journals: compares both at the start and every hour, and in between reads what the feed names. Paced, so that a run is
 * read anew at most once in `SETTLE_MS` while it grows. Several processes may do it at once: the same is written twice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { explain } from '../errors.ts';
import type { News } from '../journal/feed.ts';
import { everyFinished } from '../journal/every-finished.ts';
import type { Journal } from '../journal/journal.ts';
import type { Output, RunEvent } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import type { HistoryIndex, Place } from './index.ts';
import { OUTPUT_BYTES, type RunSummary, summarise, WORDS_LENGTH } from './summary.ts';

export type KeepUpParts = {
  readonly journal: Pick<Journal<RunEvent>, 'read' | 'head' | 'openRuns' | 'finishedRuns'>;
  readonly index: HistoryIndex;
  readonly outputText: (output: Output, maxBytes: number) => Promise<string>;
  readonly log: Logger;
};

/** Journals written together. */
const BATCH = 25;
/** Told in the log after so many. */
const TELL_EVERY = 1_000;
export const SETTLE_MS = 1_000;
const AGAIN_MS = 3_600_000;

/** Reads what the index lacks, forgets what is kept no more. A journal that cannot be read is told and passed over. Returns how many were read. */
export async function catchUp(parts: KeepUpParts, signal?: AbortSignal): Promise<number> {
  const { index, log } = parts;
  const known = await index.places();
  const all = await allRuns(parts.journal);
  const lacking = lackingIn(known, all);
  let done = 0;
  for (let at = 0; at < lacking.length && signal?.aborted !== true; at += BATCH) {
    done += await readInto(parts, lacking.slice(at, at + BATCH));
    if (Math.floor(at / TELL_EVERY) !== Math.floor((at + BATCH) / TELL_EVERY))
      log.info({ done: at + BATCH, of: lacking.length }, 'the history is being built from the journals');
    // Lets everything else of the process go first.
    await delay(1);
  }
  if (signal?.aborted === true) return done;
  const kept = new Set([...all.finished, ...all.open]);
  const gone = [...known.keys()].filter((run) => !kept.has(run));
  // What began since was not in the lists.
  const forgotten = (await Promise.all(gone.map(async (run) => ((await exists(parts, run)) ? [] : [run])))).flat();
  if (forgotten.length > 0) await index.forget(forgotten);
  await index.markComplete();
  return done;
}

async function exists({ journal }: KeepUpParts, run: string): Promise<boolean> {
  return (await journal.head(run)) !== undefined;
}

type All = { readonly finished: ReadonlySet<string>; readonly open: readonly string[] };

/** Open ones first: a run that ends in between is in one of the lists at least. */
async function allRuns(journal: KeepUpParts['journal']): Promise<All> {
  const open = await journal.openRuns();
  const finished = new Set<string>();
  for await (const { run } of everyFinished(journal)) finished.add(run);
  return { finished, open };
}

function lackingIn(known: ReadonlyMap<string, Place>, all: All): readonly string[] {
  const finished = [...all.finished].filter((run) => known.get(run)?.ended !== true);
  const open = all.open.filter((run) => !all.finished.has(run));
  return [...open, ...finished];
}

/** How many could be read. */
export async function readInto(parts: KeepUpParts, runs: readonly string[]): Promise<number> {
  const summaries: RunSummary[] = [];
  for (const run of runs) {
    try {
      summaries.push(await summaryOf(parts, run));
    } catch (error) {
      parts.log.warn({ run, reason: explain(error) }, 'this run cannot be read, so the history does not show it as it is now');
    }
  }
  if (summaries.length > 0) await parts.index.put(summaries);
  return summaries.length;
}

async function summaryOf({ journal, outputText }: KeepUpParts, run: string): Promise<RunSummary> {
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
  return summarise(fold(run, recorded), recorded, outputs);
}

export interface KeepUp {
  news(news: News): void;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/** Begins to catch up at once, beside everything else. Never throws; what fails is told in the log and tried again. */
export function startKeepUp(parts: KeepUpParts, again = AGAIN_MS): KeepUp {
  const stop = new AbortController();
  const grown = new Set<string>();
  let caughtUp = 0;
  let wake = (): void => undefined;

  async function work(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        if (caughtUp === 0 || Date.now() - caughtUp > again) {
          await catchUp(parts, stop.signal);
          caughtUp = Date.now();
        }
        const runs = [...grown];
        grown.clear();
        for (let at = 0; at < runs.length; at += BATCH) await readInto(parts, runs.slice(at, at + BATCH));
      } catch (error) {
        caughtUp = 0;
        parts.log.warn({ reason: explain(error) }, 'the history could not be kept up, trying again');
      }
      await delay(SETTLE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      if (grown.size === 0 && caughtUp !== 0 && !stop.signal.aborted) await news();
    }
  }

  function news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, again);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const working = work();
  return {
    news(told) {
      if (told.kind === 'gap') caughtUp = 0;
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
