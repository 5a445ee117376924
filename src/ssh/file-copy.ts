/**
 * One copy: from a file on this machine or on a host into a part file on a host.
 *
 * Invariants:
 * K1. Memory does not grow with the file: whoever is slow holds back the other end.
 * K2. `copied` is said only when size and SHA-256 of what the host has equal those of what was sent, all of an unchanged file.
 * K3. Anything else leaves no part behind; where the host cannot be reached, it removes the part itself when it finds us gone, and a later
 *     try writes over what even that left.
 */
import { createHash } from 'node:crypto';
import type { Connections } from './connections.ts';
import { openReceiver, type Received, type Receiver } from './file-receiver.ts';
import { changed, type From, openSource, type Source } from './file-source.ts';
import { discardScript } from './file-texts.ts';
import type { HostProblem } from './outcome.ts';
import { probe } from './probe.ts';
import type { Target } from './target.ts';

export type Copy = {
  readonly from: From;
  /** A temporary name, such as `<folder>/.<name>.keyturn-<run>-<attempt>.part`. A name of that form may be there from an earlier try and is
   * written over; any other must not be there. It gets mode 0600. */
  readonly to: { readonly target: Target; readonly path: string };
  /** Told how many bytes are on their way, of how many. */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
};

export type Copied =
  | { readonly kind: 'copied'; readonly bytes: number; readonly sha256: string }
  /** A connection was lost: copy again. */
  | { readonly kind: 'cut'; readonly why: string }
  | { readonly kind: 'aborted' }
  /** `why` names path and host; `check` what to look at. */
  | { readonly kind: 'failed'; readonly why: string; readonly check: string }
  /** Nothing was begun. */
  | { readonly kind: 'refused'; readonly why: HostProblem };

/** How long an abandoned receiver gets to remove the part before its channel is closed. */
const LEAVE_MS = 5_000;

export async function copyFile(connections: Connections, { from, to, onProgress, signal }: Copy): Promise<Copied> {
  if (signal?.aborted) return { kind: 'aborted' };
  const source = await openSource(connections, from);
  if ('kind' in source) return source;
  const receiver = await openReceiver(connections, to.target, to.path, source.bytes);
  if ('kind' in receiver) {
    source.stop();
    return receiver;
  }
  const aborted = abortedBy(signal, () => {
    source.stop();
    receiver.stop();
  });
  try {
    const result = await transfer(source, receiver, onProgress, aborted);
    if (result.kind !== 'copied') await abandon(connections, to, receiver);
    return result;
  } finally {
    aborted.forget();
    source.stop();
    receiver.close();
  }
}

type Aborted = { yet(): boolean; readonly happens: Promise<{ readonly kind: 'aborted' }>; forget(): void };

function abortedBy(signal: AbortSignal | undefined, stop: () => void): Aborted {
  let listen = (): void => undefined;
  const happens = new Promise<{ kind: 'aborted' }>((resolve) => {
    listen = () => {
      stop();
      resolve({ kind: 'aborted' });
    };
  });
  if (signal?.aborted) listen();
  else signal?.addEventListener('abort', listen, { once: true });
  return { yet: () => signal?.aborted === true, happens, forget: () => signal?.removeEventListener('abort', listen) };
}

async function transfer(source: Source, receiver: Receiver, onProgress: Copy['onProgress'], aborted: Aborted): Promise<Copied> {
  const hash = createHash('sha256');
  let bytes = 0;
  let taken = true;
  for await (const chunk of source.chunks) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes > source.bytes) break;
    taken = await receiver.send(chunk);
    if (!taken) break;
    onProgress?.(bytes, source.bytes);
  }
  if (aborted.yet()) return { kind: 'aborted' };
  if (!taken) return conclude(await receiver.finish(), null);
  const end = bytes > source.bytes ? changed(source.place) : await source.end();
  if (end.kind !== 'whole') return end;
  const received = await Promise.race([receiver.finish(), aborted.happens]);
  return received.kind === 'aborted' ? received : conclude(received, { bytes, sha256: hash.digest('hex') });
}

/** `sent` is null when the host took no more before all was sent. */
function conclude(received: Received, sent: { readonly bytes: number; readonly sha256: string } | null): Copied {
  if (received.kind === 'cut' || received.kind === 'failed') return received;
  if (sent !== null && received.kind === 'received' && received.bytes === sent.bytes && received.sha256 === sent.sha256)
    return { kind: 'copied', ...sent };
  return { kind: 'failed', why: 'What arrived is not what was sent.', check: 'who else writes there, and the disk' };
}

/** Has the host remove the part; what it holds for whole, it is told to remove. A host that hangs is not waited for: it finds us gone. */
async function abandon(connections: Connections, to: Copy['to'], receiver: Receiver): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LEAVE_MS);
  });
  await Promise.race([discard(connections, to, receiver), late]);
  clearTimeout(timer);
}

async function discard(connections: Connections, { target, path }: Copy['to'], receiver: Receiver): Promise<void> {
  const left = await receiver.finish();
  if (left.kind === 'received') await probe(connections, target, { script: discardScript, env: { FILE_PATH: path }, timeoutSeconds: 10 });
}
