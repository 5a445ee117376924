/** What is signed of the file of a period: which runs stand in it, with their ends, and which pieces of the list of runs and of the register. Pure. */
import { digestOf } from '../canonical.ts';
import type { Piece } from '../journal/piece.ts';
import type { RecordEntry, RunRecord } from '../record/model.ts';

/** A run with the number and the hash of its last event, and the number of entries about what came after its end. */
export type RunEnd = readonly [run: string, seq: number, hash: string, afterwards: number];

export type PeriodHead = {
  /** ISO 8601, as they stand in the file. */
  readonly from: string;
  readonly to: string;
  readonly cluster: string | undefined;
  readonly deleted: readonly string[];
  readonly runs: readonly RunEnd[];
  readonly list: Piece | undefined;
  readonly register: Piece | undefined;
};

export function runEnd({ run, entries, afterwards }: RunRecord): RunEnd {
  const last = entries.at(-1);
  return [run, last?.seq ?? 0, last?.hash ?? '', afterwards?.entries.length ?? 0];
}

export function pieceOf(entries: readonly RecordEntry[]): Piece | undefined {
  const [first, last] = [entries[0], entries.at(-1)];
  return first === undefined || last === undefined ? undefined : { first: first.seq, last: last.seq, hash: last.hash };
}

/** SHA-256 in hex of its JSON with sorted members; what is undefined is left out. */
export function periodDigest(head: PeriodHead): string {
  return digestOf(head);
}
