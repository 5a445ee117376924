import type { Inspected } from './read.ts';
import { faultOf, type Raw } from './raw.ts';
import { createSealer, type Sealer } from './seal.ts';
import { genesis, type Head, type Stored } from './stored.ts';

/** What is wrong with a journal, and where. */
export type ChainFault = {
  readonly kind: 'edited' | 'missing' | 'reordered' | 'cut' | 'unsealed';
  readonly seq: number;
  readonly sentence: string;
};

/**
 * Every place where a journal, as `inspect` found it, is not what was written: an event edited, missing, out of order or without its seal, or the end
 * cut off. Empty means whole. Judged by the very texts in Redis, so also what cannot be parsed and what Keyturn would refuse to read. `key`: that of
 * the journals (`keyFor('journal')`); without it seals are not judged. `seen`: up to where it was seen elsewhere; the journal's own head is held against its end in any case.
 */
export function verifyJournal(
  run: string,
  { head, raw }: Pick<Inspected, 'head' | 'raw'>,
  key: Buffer | undefined,
  seen?: Head,
): readonly ChainFault[] {
  const check = createChainCheck(run, key === undefined ? undefined : createSealer(key), seen);
  return [...raw.flatMap(check.next), ...check.end(head)];
}

export type ChainCheck = {
  /** What is wrong with the entry that comes next. */
  readonly next: (entry: Raw | undefined) => readonly ChainFault[];
  /** What is wrong with the end, once every entry has come. `head`: what stands beside the entries and moves with them. */
  readonly end: (head: Head | undefined) => readonly ChainFault[];
};

/** The same entry by entry, so that a chain of any length takes no memory. `seen`: up to where it was seen elsewhere. */
export function createChainCheck(run: string, sealer: Sealer | undefined, seen: Head | undefined): ChainCheck {
  let count = 0;
  let before: Raw | undefined;
  let seenAs: string | undefined;
  return {
    next: (entry) => {
      const last = before;
      before = entry;
      count += 1;
      if (entry === undefined) {
        const seq = (last?.seq ?? count - 1) + 1;
        return [{ kind: 'edited', seq, sentence: `What stands at event ${seq} is of a form that Keyturn does not write.` }];
      }
      if (entry.seq === seen?.seq) seenAs ??= entry.hash;
      const fault = faultOf(run, entry, sealer);
      return [...faultsBetween(run, entry, last), ...(fault === undefined ? [] : [{ ...fault, seq: entry.seq }])];
    },
    end: (head) => [...headFaults(before, head), ...seenFaults(before, seen, seenAs)],
  };
}

/** What a fault in the order or the links is seen by. */
type Link = Pick<Stored<unknown>, 'seq' | 'prev' | 'hash'>;

function faultsBetween(run: string, entry: Link, before: Link | undefined): readonly ChainFault[] {
  return [...placeFaults(entry, before), ...linkFaults(run, entry, before)];
}

function placeFaults({ seq }: Link, before: Link | undefined): readonly ChainFault[] {
  const expected = (before?.seq ?? 0) + 1;
  if (seq === expected) return [];
  if (seq < expected) return [{ kind: 'reordered', seq, sentence: `Event ${seq} stands after event ${expected - 1}.` }];
  const which = seq - expected === 1 ? `Event ${expected} is` : `Events ${expected} to ${seq - 1} are`;
  return [{ kind: 'missing', seq: expected, sentence: `${which} missing.` }];
}

/** A wrong link between neighbours in number: one of them was put in another's place. */
function linkFaults(run: string, entry: Link, before: Link | undefined): readonly ChainFault[] {
  const { seq } = entry;
  const follows = seq === (before?.seq ?? 0) + 1;
  if (!follows || entry.prev === (before?.hash ?? genesis(run))) return [];
  return [{ kind: 'reordered', seq, sentence: `Event ${seq} was not written after the event that now stands before it.` }];
}

/** It may have been seen long ago: then the event that stands there now must still be that one. `there`: its hash now. */
function seenFaults(last: Link | undefined, seen: Head | undefined, there: string | undefined): readonly ChainFault[] {
  if (seen === undefined) return [];
  const end = last?.seq ?? 0;
  if (end < seen.seq) {
    return [{ kind: 'cut', seq: end + 1, sentence: `The end is cut off: event ${end} is the last, event ${seen.seq} was seen before.` }];
  }
  if (there !== undefined && there !== seen.hash) {
    return [{ kind: 'edited', seq: seen.seq, sentence: `Event ${seen.seq} is not the one that was seen before.` }];
  }
  return [];
}

/** The journal's own head stands beside it and moves with it: it must name the last event, and no earlier one. */
function headFaults(last: Link | undefined, head: Head | undefined): readonly ChainFault[] {
  const end = last?.seq ?? 0;
  if (end <= (head?.seq ?? 0)) return seenFaults(last, head, end === head?.seq ? last?.hash : undefined);
  return [{ kind: 'edited', seq: end, sentence: `Event ${end} is the last, the head says ${head?.seq ?? 'nothing'}.` }];
}
