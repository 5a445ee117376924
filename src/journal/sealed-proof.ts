/** A sealed log (sealed-log.ts) held against itself, from its first entry to its last, and against what somebody has seen of it. */
import { KeyturnError } from '../errors.ts';
import { type ChainFault, createChainCheck } from './chain.ts';
import type { Raw } from './raw.ts';
import { headOf, type LogEntry, type Moved, type Parts, parsed, read } from './sealed-entries.ts';
import { end, pages } from './sealed-stream.ts';
import type { Head } from './stored.ts';

/** A log may be moved on into files while it is read; it is not moved often. */
const ROUNDS = 3;
const NO_FILES: Moved = () => ({ from: async function* () {} });

/** What was thrown because of what lies there, and not because it could not be asked for. */
export function isForged<E>({ forged }: Parts<E>, error: unknown): error is KeyturnError {
  return error instanceof KeyturnError && error.code === forged('').code;
}

/** Never throws for what lies there. `tell`: each entry that this installation wrote there. */
export async function verify<E>(
  parts: Parts<E>,
  seen: Head | undefined,
  tell: (entry: LogEntry<E>) => void = () => undefined,
): Promise<readonly ChainFault[]> {
  const check = createChainCheck(parts.name, parts.sealer, seen);
  const faults: ChainFault[] = [];
  try {
    // What is written meanwhile is not looked at: it was not there when the end was.
    const { last, head } = await end(parts);
    for await (const raw of texts(parts, last?.place ?? '-')) {
      const found = check.next(raw);
      faults.push(...found);
      const entry = found.some(({ kind }) => kind === 'edited' || kind === 'unsealed') ? undefined : parsed(parts, raw);
      if (entry !== undefined) tell(entry);
    }
    return [...faults, ...check.end(head)];
  } catch (error) {
    if (!isForged(parts, error)) throw error;
    return [...faults, { kind: 'edited', seq: 0, sentence: error.message }];
  }
}

/** Files first, then Redis, up to an entry of the stream. */
export async function* texts<E>({ moved = NO_FILES, ...place }: Parts<E>, upTo: string): AsyncGenerator<Raw | undefined> {
  const files = moved();
  let next = 1;
  for (let round = 1; ; round += 1) {
    for await (const raw of files.from(next)) {
      yield raw;
      next = (raw?.seq ?? next) + 1;
    }
    const found = { isMoved: false };
    for await (const page of upTo === '-' ? [] : pages(place, next, upTo)) {
      // What was moved meanwhile is in a file by now.
      found.isMoved = round < ROUNDS && page[0] !== undefined && page[0].seq > next;
      if (found.isMoved) break;
      for (const { seq, raw } of page) {
        yield raw;
        next = seq + 1;
      }
    }
    if (!found.isMoved) return;
  }
}

/** What was seen is there no more: a sentence. */
export async function lost<E>(parts: Parts<E>, seen: Head | undefined): Promise<string | undefined> {
  if (seen === undefined) return undefined;
  const at = headOf((await end(parts)).last?.raw)?.seq ?? 0;
  if (at < seen.seq) return `Its end is cut off: this machine has seen entry ${seen.seq}, the last is now ${at === 0 ? 'none' : at}.`;
  const [there] = await read(parts, { from: seen.seq, limit: 1 });
  // One that has moved into a file is proved by `verify`.
  if (there?.seq !== seen.seq || there.hash === seen.hash) return undefined;
  return `Entry ${seen.seq} is not the one that this machine has seen.`;
}
