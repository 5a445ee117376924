/** What `verify` can find, wherever it looks. Pure. */
import type { ChainFault } from '../journal/chain.ts';
import type { ViolationKind } from '../run/invariants.ts';

/** What is found beside chain and rules; docs/record.md says of each what it means and what to do. */
export const FOUND_KINDS = [
  'gone',
  'unreadable',
  'notEnded',
  'outputMissing',
  'outputUnreadable',
  'outputEdited',
  'outputForeign',
  'archiveMissing',
  'archiveUnreadable',
  'archiveEdited',
  'archiveTwice',
  'unsigned',
  'wrongSignature',
  'otherKey',
  'otherRun',
  'notListed',
  'otherHead',
  'vanished',
  'hidden',
  'messageMissing',
  'messageEdited',
  'messageDeleted',
  'messageTwice',
  'closingHead',
  'threadUnread',
] as const;

/** `seq`: the event; 0 where it is about the whole. `link`: of the message in Slack that it is about. */
export type Fault = {
  readonly seq: number;
  readonly kind: ChainFault['kind'] | ViolationKind | (typeof FOUND_KINDS)[number];
  readonly sentence: string;
  readonly link?: string;
};

/** Nothing is wrong, but something could not be looked at, or somebody should know. */
export type Notice = { readonly seq: number; readonly sentence: string; readonly link?: string };

export type Findings = { readonly faults: readonly Fault[]; readonly notices: readonly Notice[] };

export const NOTHING_FOUND: Findings = { faults: [], notices: [] };

export function together(...all: readonly Findings[]): Findings {
  return { faults: all.flatMap(({ faults }) => faults), notices: all.flatMap(({ notices }) => notices) };
}

/** About the whole of something. */
export function wholly(kind: Fault['kind'], sentence: string): Fault {
  return { seq: 0, kind, sentence };
}
