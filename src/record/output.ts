/**
 * Output of attempts, kept as compressed files under the data folder.
 *
 * Owns: the files `output/<run>/<step>.<host>.<attempt>.log.gz` and what is told about them. Leaves masking to `mask.ts`: what comes in
 * here is already safe to keep, measuring to `measure.ts`, compressing and writing to `output-file.ts`.
 *
 * Invariants:
 * O1. Memory is bounded: nothing but head, tail and a small beginning is held, and a slow disk holds the writer back.
 * O2. A file appears whole or not at all (temporary name, then rename); the digest is of exactly the bytes in it.
 * O3. An output that is whole in the head, byte for byte, has no file: the journal keeps the head, and the hash proves it.
 * O4. What is beyond the limit is counted and not kept; the digest says how much.
 */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { finished, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { KeyturnError } from '../errors.ts';
import { createMeasure } from './measure.ts';
import { createOutputFile } from './output-file.ts';

const ended = promisify(finished);

/** Names one attempt of one step on one host of one run. Each part is made of letters, digits, dot, dash and underscore. */
export type AttemptId = { readonly run: string; readonly step: string; readonly host: string; readonly attempt: number };

/** What the record keeps of an output. Sizes in bytes. `head` and `tail` are its first and last 4 KiB. */
export type OutputDigest = {
  readonly bytes: number;
  readonly lines: number;
  readonly sha256: string;
  readonly head: string;
  readonly tail: string;
  /** Relative to the data folder; absent when the head is the whole output. */
  readonly path?: string;
  /** Bytes beyond the limit: counted, not kept, not in the hash. */
  readonly dropped: number;
};

export interface OutputSink {
  /** Write here; honour what it says about being full. */
  readonly stream: Writable;
  /** Ends the stream, puts the file in its place and tells what is in it. */
  finish(): Promise<OutputDigest>;
  /** Throws away what was written. */
  discard(): Promise<void>;
}

export interface OutputStore {
  open(id: AttemptId, options?: { readonly maxBytes?: number }): OutputSink;
}

/** Output beyond this many bytes is not kept (see `OutputDigest.dropped`). */
export const MAX_OUTPUT_BYTES = 2 * 1024 ** 3;
/** How much may wait for the compressor before the writer is held back. */
const AHEAD = 2 * 1024 * 1024;
const namePart = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/** Refuses ids whose parts could not be file names on every host. */
export function checkAttemptId(id: AttemptId): void {
  for (const [part, value] of [
    ['run', id.run],
    ['step', id.step],
    ['host', id.host],
  ] as const) {
    if (namePart.test(value)) continue;
    const allowed = 'letters, digits, dot, dash and underscore, at most 100, not beginning with a dot or dash';
    throw new KeyturnError('ATTEMPT_NAME', `The ${part} of an attempt is "${value}"; allowed are ${allowed}.`, `the name of the ${part}`);
  }
  if (Number.isSafeInteger(id.attempt) && id.attempt >= 0) return;
  throw new KeyturnError('ATTEMPT_NAME', `The number of an attempt is ${id.attempt}; it must be a whole number.`, 'the attempt number');
}

/** Where an output lies, relative to the data folder. */
export function outputPath(id: AttemptId): string {
  checkAttemptId(id);
  return `output/${id.run}/${id.step}.${id.host}.${id.attempt}.log.gz`;
}

export function createOutputStore(dataFolder: string): OutputStore {
  return { open: (id, options) => openSink(dataFolder, outputPath(id), options?.maxBytes ?? MAX_OUTPUT_BYTES) };
}

let sinks = 0;

function openSink(dataFolder: string, path: string, maxBytes: number): OutputSink {
  sinks += 1;
  const target = join(dataFolder, path);
  const temporary = `${target}.${process.pid}-${sinks}.tmp`;
  const kept = createKept(temporary, maxBytes);
  const { stream } = kept;
  return {
    stream,
    async finish() {
      if (stream.writableLength === 0 && stream.errored === null && kept.isInHead()) {
        kept.needsNoFile();
        stream.destroy();
        return kept.digest();
      }
      stream.end();
      await ended(stream);
      renameSync(temporary, target);
      return { ...kept.digest(), path };
    },
    async discard() {
      stream.destroy();
    },
  };
}

/** The stream into a file that is there only once it is complete, and the measures of what went in. */
function createKept(path: string, maxBytes: number) {
  const measure = createMeasure();
  const file = createOutputFile(path);
  let dropped = 0;
  let settled = false;
  const keep = (chunk: Buffer, done: (error?: Error | null) => void): void => {
    const kept = chunk.subarray(0, Math.max(0, maxBytes - measure.bytes()));
    dropped += chunk.length - kept.length;
    measure.add(kept);
    file.write(kept, done);
  };
  const stream = new Writable({
    highWaterMark: AHEAD,
    write: (chunk: Buffer, _encoding, done) => keep(chunk, done),
    // What came while the last piece was being compressed goes on as one piece.
    writev: (pieces, done) => keep(Buffer.concat(pieces.map((piece) => piece.chunk)), done),
    final(done) {
      file.end((error) => {
        settled = !error;
        done(error);
      });
    },
    destroy(error, done) {
      if (!settled) file.discard();
      done(error);
    },
  });
  return {
    stream,
    isInHead: () => measure.whole(),
    needsNoFile() {
      settled = true;
    },
    digest: () => ({ ...measure.digest(), dropped }),
  };
}
