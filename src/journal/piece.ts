/** The entries of a time as one unbroken piece of a log: the clocks of several processes differ, and a chain has no holes. Pure. */
import { entryOf, type RecordEntry } from '../record/model.ts';
import type { Raw } from './raw.ts';

/** Numbers of its first and its last entry, and the hash of the last one, which covers all before. */
export type Piece = { readonly first: number; readonly last: number; readonly hash: string };

type Placed = { readonly seq: number; readonly at: number; readonly hash: string };

/** Takes the entries of a log in their order. `to` is not included; milliseconds since 1970. */
export function createPieceFinder({ from, to }: { readonly from: number; readonly to: number }) {
  let first: number | undefined;
  let last: Placed | undefined;
  return {
    take: (entry: Placed): void => {
      if (entry.at >= from) first ??= entry.seq;
      if (entry.at < to) last = entry;
    },
    /** Undefined where no entry is of that time. */
    piece: (): Piece | undefined =>
      first === undefined || last === undefined || last.seq < first ? undefined : { first, last: last.seq, hash: last.hash },
  };
}

/** Its entries, from all of the log's. What Keyturn did not write is left out: the gap tells of it. */
export async function* entriesIn(texts: AsyncIterable<Raw | undefined>, piece: Piece | undefined): AsyncGenerator<RecordEntry> {
  if (piece === undefined) return;
  for await (const raw of texts) {
    if (raw === undefined || raw.seq < piece.first) continue;
    if (raw.seq > piece.last) return;
    yield entryOf(raw);
  }
}
