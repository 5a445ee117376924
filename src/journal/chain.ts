import { genesis, type Head, hashOf, type Stored } from './stored.ts';

/** What is wrong with a journal, and where. */
export type ChainFault = {
  readonly kind: 'edited' | 'missing' | 'reordered' | 'cut';
  readonly seq: number;
  readonly sentence: string;
};

/**
 * Every place where a journal is not what was written: an event edited, missing, out of order, or the end cut off.
 * Empty means whole. Takes undecoded events, since the hashes cover what was written then, not what today's code reads into it.
 * The end can be judged only against a `head` that was seen elsewhere.
 */
export function verifyChain(run: string, stored: readonly Stored<unknown>[], head?: Head): readonly ChainFault[] {
  const faults = stored.flatMap((entry, index) => faultsAt(run, entry, stored[index - 1]));
  return [...faults, ...faultsAtEnd(stored.at(-1), head)];
}

function faultsAt(run: string, entry: Stored<unknown>, before: Stored<unknown> | undefined): readonly ChainFault[] {
  const { seq } = entry;
  const edited: readonly ChainFault[] =
    hashOf(run, entry) === entry.hash ? [] : [{ kind: 'edited', seq, sentence: `Event ${seq} was changed after it was written.` }];
  return [...placeFaults(entry, before), ...linkFaults(run, entry, before), ...edited];
}

function placeFaults({ seq }: Stored<unknown>, before: Stored<unknown> | undefined): readonly ChainFault[] {
  const expected = (before?.seq ?? 0) + 1;
  if (seq === expected) return [];
  if (seq < expected) return [{ kind: 'reordered', seq, sentence: `Event ${seq} stands after event ${expected - 1}.` }];
  const which = seq - expected === 1 ? `Event ${expected} is` : `Events ${expected} to ${seq - 1} are`;
  return [{ kind: 'missing', seq: expected, sentence: `${which} missing.` }];
}

/** A wrong link between neighbours in number: one of them was put in another's place. */
function linkFaults(run: string, entry: Stored<unknown>, before: Stored<unknown> | undefined): readonly ChainFault[] {
  const { seq } = entry;
  const follows = seq === (before?.seq ?? 0) + 1;
  if (!follows || entry.prev === (before?.hash ?? genesis(run))) return [];
  return [{ kind: 'reordered', seq, sentence: `Event ${seq} was not written after the event that now stands before it.` }];
}

function faultsAtEnd(last: Stored<unknown> | undefined, head: Head | undefined): readonly ChainFault[] {
  if (head === undefined) return [];
  const seq = last?.seq ?? 0;
  if (seq < head.seq)
    return [{ kind: 'cut', seq: seq + 1, sentence: `The journal ends at event ${seq}; event ${head.seq} was seen before.` }];
  if (seq === head.seq && last?.hash !== head.hash) {
    return [{ kind: 'edited', seq, sentence: `Event ${seq} is not the one that was seen before.` }];
  }
  return [];
}
