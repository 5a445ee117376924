/**
 * Files on hosts: what one is, what is in it, and copies.
 *
 * Owns: nothing on a host but the part that a copy writes. None of it is an attempt and nothing is claimed: putting a part in its place is
 * for a step of its own, under the supervisor. Paths are absolute and may hold every character but NUL and the line end.
 *
 * Invariants:
 * D1. `describe` and `read` change nothing, and tell of one state of the file: one that changes meanwhile is looked at again, or told as such.
 * D2. Never more than MAX_COPIES copies at once: each holds up to two channels, and a connection must have them for all that began.
 */
import { createHash } from 'node:crypto';
import type { Connections } from './connections.ts';
import { type Copied, type Copy, copyFile } from './file-copy.ts';
import { type FileFacts, type Looked, look, type NoFile } from './file-look.ts';
import { checkPath } from './file-path.ts';
import { type Source, sendFrom } from './file-source.ts';
import { createGate } from './gate.ts';
import type { HostProblem } from './outcome.ts';
import type { Target } from './target.ts';

export type { Copied, Copy } from './file-copy.ts';
export type { From } from './file-source.ts';

type Unknown = { readonly kind: 'refused'; readonly why: HostProblem } | { readonly kind: 'lost'; readonly why: string };

export type Described = ({ readonly kind: 'file'; readonly sha256: string } & FileFacts) | NoFile | Unknown;
export type ReadFile =
  | ({ readonly kind: 'file'; readonly sha256: string; readonly content: Buffer } & FileFacts)
  | { readonly kind: 'tooLarge'; readonly bytes: number }
  | NoFile
  | Unknown;

export interface Files {
  /** What a file is, with its SHA-256. Throws only for a path that no host could take. */
  describe(target: Target, path: string): Promise<Described>;
  /** The same, with its exact bytes, if there are at most `maxBytes` of them. */
  read(target: Target, path: string, maxBytes: number): Promise<ReadFile>;
  /** Streams a file into a part file and verifies it: see `Copy` and `Copied`. */
  copy(copy: Copy): Promise<Copied>;
}

/** A connection has eight channels for other than urgent calls. */
const MAX_COPIES = 4;
/** How often a file that changes while it is read is looked at. */
const LOOKS = 3;
const changing: NoFile = { kind: 'unreadable', why: 'it changes while it is read' };

export function createFiles({ connections }: { readonly connections: Connections }): Files {
  const enter = createGate(MAX_COPIES);
  return {
    async describe(target, path) {
      checkPath(path);
      return again(() => describe(connections, target, path));
    },
    async read(target, path, maxBytes) {
      checkPath(path);
      return again(() => read(connections, target, path, maxBytes));
    },
    async copy(copy) {
      checkPath(copy.to.path);
      if ('path' in copy.from) checkPath(copy.from.path);
      const leave = await enter();
      try {
        return await copyFile(connections, copy);
      } finally {
        leave();
      }
    },
  };
}

async function again<T>(attempt: () => Promise<T | null>): Promise<T | NoFile> {
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    const result = await attempt();
    if (result !== null) return result;
  }
  return changing;
}

/** Null: it changed meanwhile. */
async function describe(connections: Connections, target: Target, path: string): Promise<Described | null> {
  const seen = await look(connections, target, path, 'describe');
  if (seen.kind !== 'file') return seen;
  return seen.before === seen.after ? { kind: 'file', ...seen.facts, sha256: seen.sha256 } : null;
}

async function read(connections: Connections, target: Target, path: string, maxBytes: number): Promise<ReadFile | null> {
  const seen: Looked = await look(connections, target, path, 'facts');
  if (seen.kind !== 'file') return seen;
  const { facts } = seen;
  if (facts.bytes > maxBytes) return { kind: 'tooLarge', bytes: facts.bytes };
  const source = await sendFrom(connections, target, path, seen);
  if ('kind' in source) {
    return source.kind === 'refused' ? source : { kind: 'lost', why: source.why };
  }
  const content = await contentOf(source);
  if (content.length > facts.bytes) return null;
  const end = await source.end();
  if (end.kind === 'cut') return { kind: 'lost', why: end.why };
  if (end.kind !== 'whole' || content.length < facts.bytes) return null;
  return { kind: 'file', ...facts, sha256: createHash('sha256').update(content).digest('hex'), content };
}

/** No more than was announced, however much comes. */
async function contentOf(source: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source.chunks) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > source.bytes) break;
  }
  return Buffer.concat(chunks);
}
