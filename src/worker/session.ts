/**
 * One run as this process knows it: the state folded so far and the head that the next append must follow.
 *
 * Invariants
 * S1 The state is always the fold of exactly the events up to `head`.
 * S1a What is deferred is folded in at once and written with the next append or by `flush`; it never permits an effect by itself, so a worker that
 *    dies before loses nothing: the same events are decided again.
 * S3 Hosts are worked on at the same time: an append that was asked for before another one of this process was written counts as second too.
 * S2 An append that comes second changes nothing here but the knowledge: the newer events are read and folded, and the caller decides again.
 */
import type { Head, Journal, Stored } from '../journal/journal.ts';
import type { Actor, Recorded, RunEvent } from '../run/events.ts';
import { evolve, fold } from '../run/evolve.ts';
import type { RunState } from '../run/state.ts';

const KEYTURN: Actor = { kind: 'keyturn' };

/** Events that permit or forbid an effect: replicas confirm them, where there are any, before anyone acts on them or is told. */
const CONFIRMED: ReadonlySet<RunEvent['kind']> = new Set([
  'runRequested',
  'approvalGiven',
  'glassBroken',
  'holdOverridden',
  'approvalRejected',
  'approvalVoided',
  'hostMet',
  'attemptIntended',
  'troubleSettled',
  'paused',
  'cancelRequested',
  'runEnded',
]);

export interface Session {
  readonly run: string;
  state(): RunState;
  head(): Head;
  /** The sequence number up to which we know the journal, or shall when the append under way is answered: ours, or whose came first. */
  reach(): number;
  /** True: appended and folded in. False: somebody else came first; their events are folded in and nothing of ours was written. */
  append(events: readonly RunEvent[], now: number, actor?: Actor): Promise<boolean>;
  /** Takes events that may be written together with the next ones: one append less for each step. */
  defer(events: readonly RunEvent[], now: number): void;
  /** Writes what was deferred; answers as `append` does. */
  flush(now: number): Promise<boolean>;
  /** Reads what others have appended since; what was deferred is forgotten, and decided again. */
  refresh(): Promise<void>;
  /** Called after each growth of the journal that this session knows of; returns how to stop listening. */
  onGrow(listener: () => void): () => void;
}

/** Reads the journal of a run and folds it. Throws RUN_UNKNOWN or JOURNAL_LOST. */
export async function openSession(journal: Pick<Journal<RunEvent>, 'read' | 'append'>, run: string): Promise<Session> {
  const stored = await journal.read(run);
  let written = fold(run, stored);
  let state = written;
  let head = headOf(stored, { seq: 0, hash: '' });
  let deferred: readonly RunEvent[] = [];
  let writing = 0;
  let last: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();

  function take(more: readonly Stored<RunEvent>[]): void {
    written = more.reduce(evolve, written);
    state = written;
    head = headOf(more, head);
    deferred = [];
    if (more.length > 0) for (const listener of listeners) listener();
  }

  /** One after the other (S3). */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  async function refresh(): Promise<void> {
    take(await journal.read(run, { from: head.seq + 1 }));
  }

  async function append(events: readonly RunEvent[], now: number, actor = KEYTURN): Promise<boolean> {
    const all = [...deferred, ...events];
    if (all.length === 0) return true;
    writing = all.length;
    const options = { at: now, actor, confirm: all.some(isConfirmed), ...closing(state, all) };
    const answer = await journal.append(run, head, all, options).finally(() => {
      writing = 0;
    });
    if (answer.kind === 'appended') take(answer.stored);
    else await refresh();
    return answer.kind === 'appended';
  }

  return {
    run,
    state: () => state,
    head: () => head,
    reach: () => head.seq + writing,
    refresh: () => inTurn(refresh),
    append: (events, now, actor) => {
      const seen = head.seq;
      return inTurn(async () => head.seq === seen && (await append(events, now, actor)));
    },
    defer(events, now) {
      for (const event of events) state = evolve(state, { seq: state.seq + 1, at: now, actor: KEYTURN, event });
      deferred = [...deferred, ...events];
    },
    flush: (now) => inTurn(() => append([], now)),
    onGrow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function headOf(stored: readonly (Recorded & { readonly hash: string })[], before: Head): Head {
  const last = stored.at(-1);
  return last === undefined ? before : { seq: last.seq, hash: last.hash };
}

function isConfirmed(event: RunEvent): boolean {
  return CONFIRMED.has(event.kind);
}

/** The end of a run gives its cluster free in the same append. */
function closing(state: RunState, events: readonly RunEvent[]): { closes?: { cluster?: string } } {
  if (!events.some((event) => event.kind === 'runEnded')) return {};
  return { closes: state.procedure.readOnly ? {} : { cluster: state.cluster.name } };
}
