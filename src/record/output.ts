/**
 * Output of attempts, kept as compressed files under the data folder.
 *
 * Owns: the files `output/<run>/<step>.<host>.<attempt>.log.gz` and what is told about them. Leaves masking to `mask.ts`: what comes in
 * here is already safe to keep.
 *
 * Invariants:
 * O1. Memory is bounded: nothing but head, tail and at most SMALL bytes is held, and a slow disk holds the writer back.
 * O2. A file appears whole or not at all (temporary name, then rename); the digest is of exactly the bytes in it.
 * O3. What is beyond the limit is counted and not kept; the digest says how much.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzipSync } from 'node:zlib';
import { KeyturnError } from '../errors.ts';

const ended = promisify(finished);

/** Names one attempt of one step on one host of one run. Each part is made of letters, digits, dot, dash and underscore. */
export type AttemptId = { readonly run: string; readonly step: string; readonly host: string; readonly attempt: number };

/** What the record keeps of an output. Sizes in bytes. `head` and `tail` are its first and last 4 KiB; `path` is relative to the data folder. */
export type OutputDigest = {
  readonly bytes: number;
  readonly lines: number;
  readonly sha256: string;
  readonly head: string;
  readonly tail: string;
  readonly path: string;
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
const EDGE = 4096;
const SMALL = 256 * 1024;
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
  const count = createCounter();
  const file = createFile(temporary);
  let dropped = 0;
  let whole = false;
  const keep = (chunk: Buffer, done: (error?: Error | null) => void): void => {
    const kept = chunk.subarray(0, Math.max(0, maxBytes - count.bytes()));
    dropped += chunk.length - kept.length;
    count.add(kept);
    file.write(kept, done);
  };
  const stream = new Writable({
    highWaterMark: AHEAD,
    write: (chunk: Buffer, _encoding, done) => keep(chunk, done),
    // What came while the last piece was being compressed goes on as one piece.
    writev: (pieces, done) => keep(Buffer.concat(pieces.map((piece) => piece.chunk)), done),
    final(done) {
      file.end((error) => {
        whole = !error;
        done(error);
      });
    },
    destroy(error, done) {
      if (!whole) file.discard();
      done(error);
    },
  });
  return {
    stream,
    async finish() {
      stream.end();
      await ended(stream);
      renameSync(temporary, target);
      return { ...count.digest(), path, dropped };
    },
    async discard() {
      stream.destroy();
    },
  };
}

/** Hash, size, lines, head and tail of what passes. */
function createCounter() {
  const hash = createHash('sha256');
  let bytes = 0;
  let breaks = 0;
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  return {
    bytes: () => bytes,
    add(chunk: Buffer) {
      hash.update(chunk);
      bytes += chunk.length;
      breaks += countBreaks(chunk);
      if (head.length < EDGE) head = Buffer.concat([head, chunk.subarray(0, EDGE - head.length)]);
      tail = chunk.length >= EDGE ? Buffer.from(chunk.subarray(-EDGE)) : Buffer.concat([tail, chunk]).subarray(-EDGE);
    },
    digest() {
      const open = bytes > 0 && tail[tail.length - 1] !== 10 ? 1 : 0;
      return { bytes, lines: breaks + open, sha256: hash.digest('hex'), head: wholeCharacters(head), tail: wholeCharacters(tail) };
    },
  };
}

/** Counts line ends four bytes at a time: in a gigabyte of log this is the difference of a second. */
function countBreaks(chunk: Buffer): number {
  const lead = Math.min(chunk.length, (4 - (chunk.byteOffset % 4)) % 4);
  const size = (chunk.length - lead) >> 2;
  const words = size === 0 ? [] : new Int32Array(chunk.buffer, chunk.byteOffset + lead, size);
  let found = 0;
  for (let at = 0; at < words.length; at += 1) {
    const rest = (words[at] ?? 0) ^ 0x0a0a0a0a;
    // Each byte that is zero now was a line end, and leaves its highest bit set.
    const hits = ~(((rest & 0x7f7f7f7f) + 0x7f7f7f7f) | rest | 0x7f7f7f7f);
    found += Math.imul(hits >>> 7, 0x01010101) >>> 24;
  }
  for (let at = 0; at < lead; at += 1) if (chunk[at] === 10) found += 1;
  for (let at = lead + words.length * 4; at < chunk.length; at += 1) if (chunk[at] === 10) found += 1;
  return found;
}

/** Text without the halves of a UTF-8 character that the cut left at either end. */
function wholeCharacters(edge: Buffer): string {
  let from = 0;
  while (from < 3 && from < edge.length && ((edge[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return new TextDecoder().decode(edge.subarray(from), { stream: true });
}

/**
 * A small output is written in one go when it is complete (one compression, one write: a short step must not pay for a stream);
 * a larger one flows through gzip from the moment it has outgrown memory.
 */
function createFile(path: string) {
  let small: Buffer[] = [];
  let size = 0;
  let gzip: Writable | null = null;
  let file: Writable | null = null;
  const flow = (): Writable => {
    mkdirSync(dirname(path), { recursive: true });
    const zip = createGzip({ level: 1, chunkSize: 128 * 1024 });
    file = zip.pipe(createWriteStream(path, { mode: 0o600 }));
    file.on('error', (error) => zip.destroy(error));
    // The writer learns of it through its callback; without a listener the process would end.
    zip.on('error', () => undefined);
    gzip = zip;
    return zip;
  };
  return {
    write(chunk: Buffer, done: (error?: Error | null) => void) {
      size += chunk.length;
      if (gzip !== null) return void gzip.write(chunk, done);
      small.push(chunk);
      if (size <= SMALL) return done();
      const all = Buffer.concat(small);
      small = [];
      flow().write(all, done);
    },
    end(done: (error?: Error | null) => void) {
      if (gzip === null || file === null) return done(writeSmall(path, Buffer.concat(small)));
      finished(file, (error) => done(error));
      gzip.end();
    },
    discard() {
      gzip?.destroy();
      file?.destroy();
      rmSync(path, { force: true });
    },
  };
}

function writeSmall(path: string, content: Buffer): Error | null {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, gzipSync(content, { level: 1 }), { mode: 0o600 });
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
