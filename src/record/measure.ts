/** What is told about an output: measured while it passes, in constant memory. */
import { createHash } from 'node:crypto';

/** Head and tail have at most this many bytes. */
export const EDGE = 4096;

/** Hash, size, lines, head and tail of what passes; `whole` says whether the head is all of it, byte for byte. */
export function createMeasure() {
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
    whole: () => bytes <= EDGE && Buffer.from(wholeCharacters(head)).equals(head),
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
  while (from < 3 && from < edge.length && isInside(edge[from])) from += 1;
  return edge.toString('utf8', from, edge.length - openEnd(edge));
}

function isInside(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}

/** How many of the last bytes begin a character whose end is not there. */
function openEnd(edge: Buffer): number {
  for (let back = 1; back <= 3 && back <= edge.length; back += 1) {
    const byte = edge[edge.length - back] ?? 0;
    if (isInside(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
