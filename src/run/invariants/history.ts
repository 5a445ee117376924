/** What the rules read: one run's events by kind, and the first event, which holds the procedure and the cluster as they were pinned. */
import type { CommandStep, Step } from '../../procedure/model.ts';
import type { EventOf, Recorded, RunEvent } from '../events.ts';

/** One rule each; a kind is for programs, its sentence for people. */
export const VIOLATION_KINDS = [
  'notBegun',
  'begunTwice',
  'gap',
  'clockBack',
  'afterEnd',
  'notByThem',
  'unknownStep',
  'unknownHost',
  'requestTwice',
  'wrongDigest',
  'wrongItem',
  'wrongNeed',
  'noRequest',
  'decidedTwice',
  'late',
  'early',
  'redCheck',
  'ownApproval',
  'notNamed',
  'countedTwice',
  'standsMissing',
  'noFactor',
  'quorum',
  'glass',
  'noApproval',
  'approvalOver',
  'otherStart',
  'otherDigest',
  'askedAnew',
  'stale',
  'startTwice',
  'stillRunning',
  'countedDown',
  'notOpened',
  'whilePaused',
  'whileCancelled',
  'whileHeld',
  'whileInTrouble',
  'endedUnbegun',
  'endedTwice',
  'passedUnended',
  'troubleTwice',
  'noTrouble',
  'notOffered',
  'questionTwice',
  'noQuestion',
  'holdTwice',
  'noHold',
  'override',
  'answerBeforePrompt',
  'promptOutOfTurn',
  'leftOpen',
  'leftRunning',
] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** `seq`: the event that should not be there as it is. */
export type Violation = { readonly seq: number; readonly kind: ViolationKind; readonly sentence: string };

export type Demands = {
  /**
   * True: whoever stands for a decision must be on record with accounts and groups. Journals of earlier releases have no such record; without it
   * somebody may be in any group that the policy names.
   */
  readonly stands?: boolean;
};

export type Entry<K extends RunEvent['kind']> = Recorded & { readonly event: EventOf<K> };

export type History = {
  readonly run: string;
  readonly requested: EventOf<'runRequested'>;
  readonly all: readonly Recorded[];
  readonly demands: Demands;
  /** All events of these kinds, in their order. */
  readonly of: <K extends RunEvent['kind']>(...kinds: readonly K[]) => readonly Entry<K>[];
  /** The event by which an attempt was over first, by `keyOf`: it ended, or it never began, since what it needs could not be brought to its host. */
  readonly overAt: ReadonlyMap<string, number>;
  /** The events that settled a trouble, by its id. */
  readonly settledAt: ReadonlyMap<string, readonly number[]>;
};

/** Clocks of several machines write one journal; between those that keep time by NTP this is much, in milliseconds. */
export const JITTER_MS = 5_000;

export function historyOf(run: string, all: readonly Recorded[], demands: Demands): History | undefined {
  const first = all[0]?.event;
  if (first?.kind !== 'runRequested') return undefined;
  const of = byKinds(all);
  return { run, requested: first, all, demands, of, overAt: oversIn(of), settledAt: settlementsIn(of) };
}

/** Each kind is looked for once, however often it is asked for: the rules ask for each of many events. */
function byKinds(all: readonly Recorded[]): History['of'] {
  const byKind = new Map<string, Recorded[]>();
  for (const each of all) {
    const same = byKind.get(each.event.kind);
    if (same === undefined) byKind.set(each.event.kind, [each]);
    else same.push(each);
  }
  return (...kinds) => {
    const [only] = kinds;
    const some = kinds.length === 1 && only !== undefined ? (byKind.get(only) ?? []) : all;
    return some.filter((each) => isOf(each, kinds));
  };
}

function oversIn(of: History['of']): ReadonlyMap<string, number> {
  const over = new Map<string, number>();
  for (const { seq, event } of of('attemptEnded', 'troubleRaised')) {
    const { step, host, attempt } = event;
    if (event.kind === 'troubleRaised' && event.what.kind !== 'failed' && event.what.kind !== 'blocked') continue;
    if (host === undefined || attempt === undefined) continue;
    const key = keyOf({ step, host, attempt });
    over.set(key, Math.min(over.get(key) ?? seq, seq));
  }
  return over;
}

function settlementsIn(of: History['of']): ReadonlyMap<string, readonly number[]> {
  const settled = new Map<string, number[]>();
  for (const { seq, event } of of('troubleSettled')) {
    const before = settled.get(event.trouble);
    if (before === undefined) settled.set(event.trouble, [seq]);
    else before.push(seq);
  }
  return settled;
}

function keyOf({ step, host, attempt }: Place): string {
  return `${step}\n${host}\n${attempt}`;
}

function isOf<K extends RunEvent['kind']>(recorded: Recorded, kinds: readonly K[]): recorded is Entry<K> {
  return kinds.some((kind) => kind === recorded.event.kind);
}

export function stepOf({ requested }: History, id: string): Step | undefined {
  return requested.procedure.steps.find((step) => step.id === id);
}

export function commandOf(history: History, id: string): CommandStep | undefined {
  const step = stepOf(history, id);
  return step?.kind === 'command' ? step : undefined;
}

export type Place = { readonly step: string; readonly host: string; readonly attempt: number };

export function isSamePlace(a: Place, b: Place): boolean {
  return a.step === b.step && a.host === b.host && a.attempt === b.attempt;
}

export function placeText({ step, host, attempt }: Place): string {
  return `${step} on ${host} (attempt ${attempt})`;
}

/** `before`: as far as was known by that event. */
export function isOver({ overAt }: History, place: Place, before = Number.POSITIVE_INFINITY): boolean {
  return (overAt.get(keyOf(place)) ?? Number.POSITIVE_INFINITY) < before;
}

/** Entries that repeat the name of an earlier one. */
export function repeated<T extends Recorded>(entries: readonly T[], nameOf: (entry: T) => string): readonly T[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    const name = nameOf(entry);
    const isRepeated = seen.has(name);
    seen.add(name);
    return isRepeated;
  });
}
