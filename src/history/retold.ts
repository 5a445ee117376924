/** What one run came to, for whoever looks back: each step on each host with its outcome and time, troubles with their ends, notes as they read now. Pure. */
import { assertNever } from '../run/assert-never.ts';
import type { EventOf, Person, Recorded } from '../run/events.ts';
import { type Settled, settledIn } from '../run/settled.ts';
import type { HostState, RunState } from '../run/state.ts';
import { type AfterEvent, afterEventIn } from '../record/afterwards.ts';
import type { RecordEntry } from '../record/model.ts';
import { statusOf } from '../slack/views/attempt-lines.ts';
import { type Episode, episodes } from '../slack/views/episodes.ts';

/** Times are milliseconds since 1970. */
export type Retold = {
  /** Those that the run came to, in the order of the procedure. */
  readonly steps: readonly RetoldStep[];
  /** How many it did not come to. */
  readonly unreached: number;
  readonly troubles: readonly RetoldTrouble[];
  readonly notes: readonly RetoldNote[];
  readonly reviews: readonly RetoldReview[];
};

/** What came after the end: a reply in the thread, or a review of an emergency. */
export type After = { readonly at: number; readonly event: AfterEvent };

export function aftersIn(entries: readonly RecordEntry[]): readonly After[] {
  return entries.flatMap((entry) => {
    const event = afterEventIn(entry);
    return event === undefined ? [] : [{ at: Number(entry.at), event }];
  });
}

export type RetoldStep = {
  readonly step: string;
  /** How it stands as a whole. */
  readonly stands: StepStands;
  /** In the order in which they began; then hosts on which nothing was started, and what people settled. */
  readonly attempts: readonly RetoldAttempt[];
};

export type StepStands =
  | { readonly kind: 'begun' | 'announced' | 'asked' }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'answered'; readonly by: Person; readonly at: number };

export type RetoldAttempt = {
  readonly host: string;
  readonly attempt: number;
  /** In the words of the thread. */
  readonly outcome: string;
  /** It succeeded, and nothing was warned of. */
  readonly plain: boolean;
  readonly warnings: readonly string[];
  /** From the intent to start it, or to look, to the verdict, checks afterwards included; undefined while there is none. */
  readonly tookMs: number | undefined;
  readonly began: number | undefined;
};

export type RetoldTrouble = {
  readonly raised: EventOf<'troubleRaised'>;
  readonly at: number;
  readonly settled: Settled | undefined;
};

/** `text` undefined: deleted since by its writer. */
export type RetoldNote = {
  readonly by: Person;
  readonly at: number;
  readonly text: string | undefined;
  /** Characters of the whole text, where only its beginning was kept. */
  readonly length: number | undefined;
  readonly edits: number;
  readonly files: readonly string[];
  /** The run was over when it was written. */
  readonly late: boolean;
};

/** Somebody looked at what was done in an emergency. */
export type RetoldReview = { readonly by: Person; readonly at: number; readonly note: string };

export function retold(state: RunState, recorded: readonly Recorded[], afters: readonly After[]): Retold {
  const all = episodes(recorded);
  const steps = state.procedure.steps.flatMap(({ id }) => {
    const begun = all.filter(({ step }) => step === id).map((episode) => attemptOf(state, episode));
    const attempts = [...begun, ...withoutStart(state, id, begun)];
    const stands = standsOf(state, id);
    if (stands === undefined && attempts.length === 0) return [];
    return [{ step: id, stands: stands ?? ({ kind: 'begun' } as const), attempts }];
  });
  return {
    steps,
    unreached: state.procedure.steps.length - steps.length,
    troubles: troublesOf(recorded),
    notes: notesOf(recorded, afters),
    reviews: afters.flatMap(({ event, at }) => (event.kind === 'reviewed' ? [{ by: event.by, at, note: event.note }] : [])),
  };
}

function standsOf(state: RunState, id: string): StepStands | undefined {
  const step = state.steps[id];
  switch (step?.kind) {
    case undefined:
    case 'pending':
      return undefined;
    case 'skipped':
      return { kind: 'skipped', why: step.why };
    case 'announced':
    case 'asked':
      return { kind: step.kind };
    case 'answered':
      return { kind: 'answered', by: step.by, at: step.at };
    case 'open':
      return { kind: 'begun' };
    default:
      return assertNever(step);
  }
}

function attemptOf(state: RunState, episode: Episode): RetoldAttempt {
  const { host, attempt, intendedAt, watchedSince, verdict } = episode;
  const began = intendedAt ?? watchedSince;
  const warnings = verdict?.event.kind === 'hostPassed' ? (verdict.event.warnings ?? []) : [];
  return {
    host,
    attempt,
    outcome: statusOf(state, episode, watchedSince ?? began ?? 0),
    plain: verdict?.event.kind === 'hostPassed' && warnings.length === 0,
    warnings,
    tookMs: verdict === undefined || began === undefined ? undefined : verdict.at - began,
    began,
  };
}

/** Hosts on which nothing had to be started, or was; and what people said of an end that nobody saw. */
function withoutStart(state: RunState, id: string, begun: readonly RetoldAttempt[]): readonly RetoldAttempt[] {
  const step = state.steps[id];
  if (step?.kind !== 'open') return [];
  return step.order.flatMap((host): readonly RetoldAttempt[] => {
    const at = step.hosts[host];
    const outcome =
      at &&
      settledWord(
        at,
        begun.some((each) => each.host === host),
      );
    if (at === undefined || outcome === undefined) return [];
    const plain = at.kind === 'notNeeded';
    return [{ host, attempt: at.attempt, outcome, plain, warnings: [], tookMs: undefined, began: undefined }];
  });
}

/** Undefined where the attempts say it all. */
function settledWord(at: HostState, hasBegun: boolean): string | undefined {
  switch (at.kind) {
    case 'notNeeded':
      return 'not needed';
    case 'skipped':
      return 'skipped';
    case 'settledFailed':
      return 'settled as failed';
    case 'passed':
      return at.settledBy === undefined ? undefined : 'settled as done';
    case 'waiting':
      return hasBegun ? undefined : 'not started';
    case 'began':
    case 'ended':
    case 'watching':
    case 'passedOver':
    case 'troubled':
      return undefined;
    default:
      return assertNever(at);
  }
}

function troublesOf(recorded: readonly Recorded[]): readonly RetoldTrouble[] {
  const settled = settledIn(recorded);
  return recorded.flatMap(({ event: raised, at }) =>
    raised.kind === 'troubleRaised' ? [{ raised, at, settled: settled.get(raised.trouble) }] : [],
  );
}

/** As they read now, those after the end behind the others. */
function notesOf(recorded: readonly Recorded[], afters: readonly After[]): readonly RetoldNote[] {
  const notes = new Map<string, RetoldNote>();
  for (const { event, at } of recorded) {
    if (event.kind === 'noted') notes.set(event.ts, written(event, event.by, at, false));
    if (event.kind === 'noteEdited') change(notes, event.ts, (note) => edited(note, event));
    if (event.kind === 'noteDeleted') change(notes, event.ts, deleted);
  }
  for (const { event, at } of afters) {
    if (event.kind !== 'lateNote') continue;
    if (event.what === 'written' && event.by !== undefined) notes.set(event.ts, written(event, event.by, at, true));
    if (event.what === 'edited') change(notes, event.ts, (note) => edited(note, event));
    if (event.what === 'deleted') change(notes, event.ts, deleted);
  }
  return [...notes.values()];
}

/** What stands in a message, as an event tells it. */
type Told = { readonly text?: string | undefined; readonly length?: number | undefined; readonly files?: readonly string[] | undefined };

function written({ text = '', length, files = [] }: Told, by: Person, at: number, late: boolean): RetoldNote {
  return { by, at, text, length, edits: 0, files, late };
}

function edited(note: RetoldNote, { text = '', length }: Told): RetoldNote {
  return { ...note, text, length, edits: note.edits + 1 };
}

function deleted(note: RetoldNote): RetoldNote {
  return { ...note, text: undefined };
}

function change(notes: Map<string, RetoldNote>, ts: string, how: (note: RetoldNote) => RetoldNote): void {
  const note = notes.get(ts);
  if (note !== undefined) notes.set(ts, how(note));
}
