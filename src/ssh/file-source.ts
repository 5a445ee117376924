/** Where the bytes of a copy come from: a file on this machine or on a host. They stop with a value, never with an error. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { codeOf } from '../errors.ts';
import type { Connections } from './connections.ts';
import { look, readFacts, type Seen } from './file-look.ts';
import { fileScript } from './file-texts.ts';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import { commandText } from './shell-text.ts';
import { placeOf, type Target } from './target.ts';

export type From = { readonly target: Target; readonly path: string } | { readonly file: string };

export type SourceEnd =
  /** Every byte came, and the file is as it was before. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'cut'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string; readonly check: string };

export interface Source {
  /** Which file, in words. */
  readonly place: string;
  /** How many bytes there are to come. */
  readonly bytes: number;
  /** The bytes, as fast as they are taken. */
  readonly chunks: AsyncIterable<Buffer>;
  /** How it ended; call it when `chunks` has come to its end. */
  end(): Promise<SourceEnd>;
  /** Ends `chunks` early. */
  stop(): void;
}

type Failed = Extract<SourceEnd, { kind: 'failed' }>;

export type NoSource = Exclude<SourceEnd, { kind: 'whole' }> | { readonly kind: 'refused'; readonly why: HostProblem };

const AHEAD = 256 * 1024;

export function openSource(connections: Connections, from: From): Promise<Source | NoSource> {
  return 'file' in from ? openLocal(from.file) : openRemote(connections, from.target, from.path);
}

async function openLocal(path: string): Promise<Source | NoSource> {
  const before = await localFacts(path);
  if ('kind' in before) return before;
  const stream = createReadStream(path, { highWaterMark: AHEAD });
  let fault: unknown = null;
  const place = `${path} on this machine`;
  return {
    place,
    bytes: before.bytes,
    chunks: untilError(stream, (error) => {
      fault = error;
    }),
    async end() {
      if (fault !== null) return unreadableHere(path, fault);
      const after = await localFacts(path);
      if ('kind' in after) return after;
      return after.mark === before.mark ? { kind: 'whole' } : changed(place);
    },
    stop: () => stream.destroy(),
  };
}

/** Also a stream that is stopped ends its reader with an error. */
async function* untilError(stream: Readable, failed: (error: unknown) => void): AsyncIterable<Buffer> {
  try {
    for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
  } catch (error) {
    failed(error);
  }
}

async function localFacts(path: string): Promise<{ bytes: number; mark: string } | Failed> {
  try {
    const facts = await stat(path, { bigint: true });
    const mark = [facts.size, facts.ino, facts.mtimeNs, facts.ctimeNs].join(' ');
    if (facts.isFile()) return { bytes: Number(facts.size), mark };
    return { kind: 'failed', why: `${path} on this machine is not a file.`, check: 'the path' };
  } catch (error) {
    return unreadableHere(path, error);
  }
}

function unreadableHere(path: string, error: unknown): Failed {
  const why = codeOf(error) === 'ENOENT' ? 'is not there' : `cannot be read (${codeOf(error) || String(error)})`;
  return { kind: 'failed', why: `${path} on this machine ${why}.`, check: 'the path, and the permissions of the file and its folders' };
}

async function openRemote(connections: Connections, target: Target, path: string): Promise<Source | NoSource> {
  const seen = await look(connections, target, path, 'facts');
  const place = `${path} on ${placeOf(target)}`;
  switch (seen.kind) {
    case 'refused':
      return seen;
    case 'lost':
      return { kind: 'cut', why: seen.why };
    case 'missing':
      return { kind: 'failed', why: `${place} is not there.`, check: 'the path' };
    case 'notAFile':
      return { kind: 'failed', why: `${place} is not a file but ${seen.what}.`, check: 'the path' };
    case 'unreadable':
      return unreadableThere(place, seen.why);
    case 'file':
      return sendFrom(connections, target, path, seen);
  }
}

/** The bytes of a file that was looked at before; `whole` only if it is still as it was seen. */
export async function sendFrom(connections: Connections, target: Target, path: string, seen: Seen): Promise<Source | NoSource> {
  const opened = await connections.shell(target);
  if (opened.kind === 'refused') return opened;
  const { shell } = opened;
  const ready = await shell.ready;
  if ('said' in ready) return { kind: 'refused', why: problems.noShell(target, ready.said) };
  const place = `${path} on ${placeOf(target)}`;
  let told = '';
  const chunks = new Readable({
    highWaterMark: AHEAD,
    read: () => shell.resume(),
    destroy(error, done) {
      shell.close();
      done(error);
    },
  });
  const ended = new Promise<SourceEnd>((resolve) => {
    shell.listen({
      reply: () => undefined,
      output: (chunk) => chunks.push(chunk),
      error(chunk) {
        told = (told + chunk.toString()).slice(-4096);
        return true;
      },
      closed({ status }) {
        resolve(
          status === null ? { kind: 'cut', why: `the connection was lost while ${place} was read` } : endOf(place, told, seen.before),
        );
        chunks.push(null);
      },
    });
  });
  shell.finish(`${commandText(fileScript, { FILE_PATH: path, FILE_DO: 'send' })}k_probe\n`);
  return { place, bytes: seen.facts.bytes, chunks: untilError(chunks, () => undefined), end: () => ended, stop: () => chunks.destroy() };
}

function endOf(place: string, told: string, mark: string): SourceEnd {
  const seen = readFacts(told, false);
  if (seen.kind === 'unreadable') return unreadableThere(place, seen.why);
  return seen.kind === 'file' && seen.before === mark && seen.after === mark ? { kind: 'whole' } : changed(place);
}

function unreadableThere(place: string, why: string): Failed {
  return { kind: 'failed', why: `${place} cannot be read: ${why}.`, check: 'the permissions of the file and its folders, and the user' };
}

/** Also for a copy that got more or fewer bytes than were announced. */
export function changed(place: string): Failed {
  return { kind: 'failed', why: `${place} changed while it was read.`, check: 'what writes to it; copy it when that has ended' };
}
