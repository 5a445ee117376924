/** The far end of a copy: one shell on a host that takes bytes into a file. */

import { quote } from '../quote.ts';
import type { Connections } from './connections.ts';
import { digestIn } from './file-look.ts';
import { folderOf, isPart } from './file-path.ts';
import { receiveText } from './file-texts.ts';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import type { Shell } from './shell.ts';
import { placeOf, type Target } from './target.ts';

export type Received =
  | { readonly kind: 'received'; readonly bytes: number; readonly sha256: string }
  /** It got fewer or more bytes than announced, and removed them. */
  | { readonly kind: 'short' }
  | { readonly kind: 'cut'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string; readonly check: string };

export interface Receiver {
  /** False when it takes no more: ask `finish` why. */
  send(chunk: Buffer): Promise<boolean>;
  /** Says that this was all; what the host has of it. */
  finish(): Promise<Received>;
  /** Lets `send` return at once. */
  stop(): void;
  close(): void;
}

/** A receiver that reads, or why there is none. `bytes` is how many there will be. */
export async function openReceiver(
  connections: Connections,
  target: Target,
  path: string,
  bytes: number,
): Promise<Receiver | Exclude<Received, { kind: 'received' | 'short' }> | { readonly kind: 'refused'; readonly why: HostProblem }> {
  const opened = await connections.shell(target);
  if (opened.kind === 'refused') return opened;
  const { shell } = opened;
  const ready = await shell.ready;
  if ('said' in ready) return { kind: 'refused', why: problems.noShell(target, ready.said) };
  return new Promise((resolve) => {
    const receiver = listen(shell, target, path, (ended) => {
      if (ended === null) resolve(receiver);
      else resolve(ended.kind === 'received' || ended.kind === 'short' ? silent(target, path) : ended);
    });
    const values = `P=${quote(path)} K_OVER=${isPart(path) ? 1 : ''} K_BYTES=${bytes}`;
    shell.write(`${values}\n${receiveText}k_receive; exit 0\n`);
  });
}

/** `began` is told null when the host reads, or how it ended before that. */
function listen(shell: Shell, target: Target, path: string, began: (ended: Received | null) => void): Receiver {
  let wake = (): void => undefined;
  let over = false;
  let stopped = false;
  let received: Received | null = null;
  const ended = new Promise<Received>((resolve) => {
    shell.listen({
      reply(words) {
        if (words[0] === 'began') began(null);
        else received = receivedOf(target, path, words);
      },
      output: () => true,
      drained: () => wake(),
      closed({ status }) {
        over = true;
        const cut: Received = { kind: 'cut', why: `the connection to ${placeOf(target)} was lost while ${path} was written` };
        const end = received ?? (status === null ? cut : silent(target, path));
        began(end);
        resolve(end);
        wake();
      },
    });
  });
  return {
    async send(chunk) {
      if (over || stopped) return false;
      if (shell.send(chunk)) return true;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      return !over && !stopped;
    },
    finish() {
      if (!over) shell.finish('');
      return ended;
    },
    stop() {
      stopped = true;
      wake();
    },
    close: () => shell.close(),
  };
}

function receivedOf(target: Target, path: string, words: readonly string[]): Received {
  const [word, number, ...rest] = words;
  const host = placeOf(target);
  switch (word) {
    case 'received': {
      const sha256 = digestIn(rest.join(' '));
      return sha256 === null ? undigested(host) : { kind: 'received', bytes: Number(number), sha256 };
    }
    case 'short':
      return { kind: 'short' };
    case 'undigested':
      return undigested(host);
    case 'uncreated':
      return { kind: 'failed', ...faultOf(words.slice(1).join(' '), path, host) };
    case 'unwritten':
      // 128 and SIGXFSZ: the limit ended the writer without a word.
      return { kind: 'failed', ...faultOf(number === '153' ? 'File too large' : rest.join(' '), path, host) };
    default:
      return silent(target, path);
  }
}

function undigested(host: string): Received {
  const why = `${host} has no program that computes SHA-256, so a copy there cannot be verified.`;
  return { kind: 'failed', why, check: 'that one of sha256sum, shasum and openssl is on its PATH' };
}

function silent(target: Target, path: string): Received & { kind: 'failed' } {
  return {
    kind: 'failed',
    why: `${placeOf(target)} ended before it had told of ${path}.`,
    check: 'whether its processes are killed there',
  };
}

/** What the shells and cat of several systems say, in our words. */
const faults: readonly (readonly [RegExp, (path: string) => string, string])[] = [
  [/no such|nonexist|not a directory/i, (path) => `there is no folder ${folderOf(path)}`, 'the path'],
  [
    /permission denied|not permitted/i,
    (path) => `its user may not write into ${folderOf(path)}`,
    'the permissions of the folder, and `become`',
  ],
  [/exists|existing/i, (path) => `${path} is there already`, 'what it is; nothing was written over'],
  [/no space/i, (path) => `the disk of ${folderOf(path)} is full`, 'free space (`df`) and free inodes (`df -i`)'],
  [/quota/i, (path) => `the disk quota for ${folderOf(path)} is used up`, 'the quota of its user'],
  [/read-only/i, (path) => `the file system of ${folderOf(path)} is read-only`, 'how it is mounted'],
  [/too large/i, (path) => `${path} would be larger than a file may be there`, '`ulimit -f` of its user, and the file system'],
  [/name too long/i, (path) => `the name of ${path} is too long there`, 'the path'],
];

function faultOf(said: string, path: string, host: string): { readonly why: string; readonly check: string } {
  const known = faults.find(([pattern]) => pattern.test(said));
  if (known === undefined) return { why: `${path} cannot be written on ${host}: ${said.slice(0, 300)}.`, check: 'the disk and the folder' };
  return { why: `On ${host} ${known[1](path)}, so nothing was kept of the copy.`, check: known[2] };
}
