/**
 * The open runs as the metrics need them, and what happens in them, counted once.
 *
 * Invariants
 * Z1 Each event that is recorded after `begin` is told once; what was there before is not told. A restart therefore begins at zero.
 * Z2 `look` believes heads, not the feed: a run whose head moved is read again, whether or not the feed was heard.
 * Z3 A run is read at most once a second, however fast it goes, and of a run that was met before only what is new. What it costs does not grow with
 *    what is over, and what is kept does not grow beyond the runs that moved last (KEPT).
 */
import type { Logger } from 'pino';
import { explain, KeyturnError } from '../errors.ts';
import type { News } from '../journal/feed.ts';
import type { Journal } from '../journal/journal.ts';
import { isDamage } from '../journal/lost.ts';
import type { Recorded, RunEvent } from '../run/events.ts';
import { fold, foldOn } from '../run/evolve.ts';
import { openTroubles, type RunState } from '../run/state.ts';

export type RunView = {
  readonly seq: number;
  readonly ended: boolean;
  /** When the oldest approval that is open was asked for. */
  readonly askedSince: number | undefined;
  readonly questions: number;
  readonly troubles: number;
  readonly held: boolean;
  readonly paused: boolean;
};

export type RunsSeenParts = {
  readonly journal: Pick<Journal<RunEvent>, 'read' | 'head' | 'openRuns'>;
  /** Met for the first time, or once more after others; before anything of it is told. */
  readonly onRun: (state: RunState) => void;
  /** What is new, in the order of the journal, with the run as it was before, which is good only until this returns; undefined before its first event. */
  readonly onEvent: (before: RunState | undefined, recorded: Recorded) => void;
  readonly log: Logger;
};

export type Look = { readonly open: readonly RunView[]; readonly damaged: number };

export interface RunsSeen {
  /** Everything that is there now is old. */
  begin(): Promise<void>;
  news(news: News): void;
  /** The runs that are open now. Throws KeyturnError while Redis is away. */
  look(): Promise<Look>;
  /** Told by whoever finds it damaged; looked at again each time until it is whole. */
  damaged(run: string): void;
  /** Settles when no read is under way. */
  stop(): Promise<void>;
}

const SETTLE_MS = 1_000;
const BATCH = 16;
/** Runs that are kept as they were read last, some hundred kilobytes each; others are read from their beginning when they move. */
const KEPT = 100;
/** Runs that are over and might still be named by a feed that comes late. */
const REMEMBERED = 1_000;

export function createRunsSeen({ journal, onRun, onEvent, log }: RunsSeenParts): RunsSeen {
  const kept = new Map<string, RunState>();
  const open = new Map<string, RunView>();
  const over = new Set<string>();
  const broken = new Set<string>();
  /** Could not be read at the beginning: what is in them is old as well. */
  const unread = new Set<string>();
  const stirred = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;

  function leave(run: string): void {
    open.delete(run);
    kept.delete(run);
    broken.delete(run);
    over.add(run);
    const [oldest] = over;
    if (over.size > REMEMBERED && oldest !== undefined) over.delete(oldest);
  }

  async function read(run: string, tell: boolean): Promise<void> {
    if (over.has(run)) return;
    try {
      const before = kept.get(run);
      const recorded = await journal.read(run, { from: (before?.seq ?? 0) + 1 });
      broken.delete(run);
      const isNew = tell && !unread.delete(run);
      const state = take(run, before, recorded, isNew);
      keep(run, state);
      open.set(run, viewOf(state));
      if (state.ended !== undefined) leave(run);
    } catch (error) {
      if (!tell) unread.add(run);
      kept.delete(run);
      if (isDamage(error)) broken.add(run);
      else if (isGone(error)) leave(run);
      else log.debug({ run, reason: explain(error) }, 'a run could not be read for the metrics');
    }
  }

  function take(run: string, before: RunState | undefined, recorded: readonly Recorded[], isNew: boolean): RunState {
    const seen = open.get(run)?.seq ?? 0;
    const tellOf = (last: RunState | undefined, each: Recorded): void => {
      if (isNew && each.seq > seen) onEvent(last, each);
    };
    if (before !== undefined) return foldOn(before, recorded, tellOf);
    const [first, ...rest] = recorded;
    if (first === undefined) throw new Error(`the journal of ${run} is empty`);
    const begun = fold(run, [first]);
    onRun(begun);
    tellOf(undefined, first);
    return foldOn(begun, rest, tellOf);
  }

  function keep(run: string, state: RunState): void {
    kept.delete(run);
    kept.set(run, state);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  }

  /** One after the other: no event is told twice. */
  function readAll(runs: readonly string[], tell = true): Promise<void> {
    last = last.then(async () => {
      for (let at = 0; at < runs.length && !stopped; at += BATCH) {
        await Promise.all(runs.slice(at, at + BATCH).map((run) => read(run, tell)));
      }
    });
    return last;
  }

  function settle(): void {
    timer = undefined;
    const runs = [...stirred];
    stirred.clear();
    void readAll(runs);
  }

  async function isMoved(run: string): Promise<boolean> {
    try {
      return broken.has(run) || (await journal.head(run))?.seq !== open.get(run)?.seq;
    } catch (error) {
      if (isDamage(error)) broken.add(run);
      else throw error;
      return false;
    }
  }

  return {
    begin: async () => readAll(await journal.openRuns(), false),
    news(news) {
      for (const run of news.kind === 'gap' ? open.keys() : news.entries.map((entry) => entry.run)) stirred.add(run);
      timer ??= setTimeout(settle, SETTLE_MS);
    },
    async look() {
      const runs = await journal.openRuns();
      const now = new Set(runs);
      // Whoever was open and is not any more has ended meanwhile: read once more, so that its end is counted.
      const left = [...open.keys(), ...broken].filter((run) => !now.has(run));
      const moved = await Promise.all(runs.map(async (run) => ((await isMoved(run)) ? [run] : [])));
      await readAll([...new Set([...moved.flat(), ...left])]);
      return { open: runs.flatMap((run) => open.get(run) ?? []), damaged: broken.size };
    },
    damaged: (run) => broken.add(run),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof KeyturnError && error.code === 'RUN_UNKNOWN';
}

function viewOf(state: RunState): RunView {
  const asked = Object.values(state.approvals).flatMap(({ status, askedAt }) => (status.kind === 'open' ? [askedAt] : []));
  return {
    seq: state.seq,
    ended: state.ended !== undefined,
    askedSince: asked.length > 0 ? Math.min(...asked) : undefined,
    questions: Object.values(state.questions).filter(({ status }) => status.kind === 'open').length,
    troubles: openTroubles(state).length,
    held: state.hold?.status.kind === 'open',
    paused: state.paused !== undefined,
  };
}
