/** Files of a rehearsal, on its hosts and on the worker's machine: described, read, carried and put in their places, all in memory. */
import { createHash } from 'node:crypto';
import type { Hands } from '../worker/hands.ts';
import type { Copy, Described, Files } from '../ssh/files.ts';
import type { Target } from '../ssh/target.ts';
import type { FileMap, FileThere, Turn } from './model.ts';
import { problemOf } from './problem-of.ts';

/** Key under which the worker's own files stand in a test. */
export const BOT = 'bot';

export interface FileWorld {
  readonly files: Files;
  readonly ownFile: Hands['ownFile'];
  /** Does what the script of a copy or an edit does (run/file-scripts.ts), and tells what it prints. */
  put(host: string, env: Readonly<Record<string, string>>): string;
  at(host: string, path: string): FileThere | undefined;
}

/** How the test says that a file is reached; undefined where it says nothing. */
export type OnTheWay = (
  what: { readonly kind: 'copy' | 'edit'; readonly host: string; readonly path: string },
  isMeant: (turn: Turn) => boolean,
) => Turn | undefined;

/** A copy arrives beside its place, under a name that is made of it (worker/prepare.ts). */
const PART = /\.([^/]+)\.keyturn-[^/]*\.part$/;

export function createFileWorld(start: FileMap, onTheWay: OnTheWay): FileWorld {
  const there = new Map<string, FileThere>();
  for (const [host, paths] of Object.entries(start))
    for (const [path, file] of Object.entries(paths)) if (file.kind !== 'missing') there.set(keyOf(host, path), file);

  function found(host: string, path: string): FileThere | undefined {
    return there.get(keyOf(host, path));
  }

  function describe(target: Target, path: string, kind: 'copy' | 'edit'): Described {
    const turn = onTheWay({ kind, host: target.host, path }, ({ refuses }) => refuses !== undefined);
    return turn?.refuses === undefined ? described(found(target.host, path)) : refused(turn.refuses, target);
  }

  async function copy({ from, to, onProgress }: Copy): ReturnType<Files['copy']> {
    // Never told of its progress before the caller has what this returns, as on a real connection.
    await Promise.resolve();
    const source = 'file' in from ? found(BOT, from.file) : found(from.target.host, from.path);
    if (source?.kind !== 'file') return { kind: 'failed', why: 'The file is gone.', check: 'the files of the test' };
    const way = { kind: 'copy', host: to.target.host, path: to.path.replace(PART, '$1') } as const;
    const turn = onTheWay(way, ({ breaks, refuses }) => breaks || refuses !== undefined);
    if (turn?.refuses !== undefined) return refused(turn.refuses, to.target);
    if (turn !== undefined) return { kind: 'cut', why: `the connection to ${to.target.host} was lost` };
    onProgress?.(source.bytes, source.bytes);
    there.set(keyOf(to.target.host, to.path), source);
    return { kind: 'copied', bytes: source.bytes, sha256: sumOf(source) };
  }

  function move(host: string, from: string, to: string, change: (file: FileThere & { kind: 'file' }) => FileThere): void {
    const file = found(host, from);
    if (file?.kind === 'file') there.set(keyOf(host, to), change(file));
    if (from !== to) there.delete(keyOf(host, from));
  }

  function kept(host: string, path: string, backup: string): string {
    const old = found(host, path);
    if (old === undefined || found(host, backup) !== undefined) return '';
    there.set(keyOf(host, backup), old);
    return `kept ${path} as ${backup}\n`;
  }

  function put(host: string, env: Readonly<Record<string, string>>): string {
    const { TARGET, PART = '', BACKUP = '', OWNER = '', MODE = '', SHA256 = '', FILE = '', CONTENT = '', AFTER = '' } = env;
    if (TARGET !== undefined) {
      const [owner = '', group = ''] = OWNER.split(':');
      const said = kept(host, TARGET, BACKUP);
      move(host, PART, TARGET, (file) => ({ ...file, owner, group, mode: MODE }));
      return `${said}${TARGET} is in place: sha256 ${SHA256}, ${OWNER}, ${MODE}\n`;
    }
    const said = kept(host, FILE, BACKUP);
    move(host, FILE, FILE, (file) => ({ ...file, text: CONTENT, bytes: Buffer.byteLength(CONTENT) }));
    return `${said}${FILE} is changed: sha256 ${AFTER}\n`;
  }

  return {
    files: {
      describe: async (target, path) => describe(target, path, 'copy'),
      async read(target, path, maxBytes) {
        const description = describe(target, path, 'edit');
        if (description.kind !== 'file') return description;
        const file = found(target.host, path);
        const content = Buffer.from(file?.kind === 'file' ? file.text : '');
        return description.bytes > maxBytes ? { kind: 'tooLarge', bytes: description.bytes } : { ...description, content };
      },
      copy,
    },
    async ownFile(path) {
      const own = described(found(BOT, path));
      if (own.kind === 'file') return { ...own, path };
      return { kind: 'refused', why: `${path} cannot be copied from the worker: the test has no such file under files.${BOT}` };
    },
    put,
    at: found,
  };
}

function keyOf(host: string, path: string): string {
  return `${host}:${path}`;
}

function refused(
  why: NonNullable<Turn['refuses']>,
  target: Target,
): { readonly kind: 'refused'; readonly why: ReturnType<typeof problemOf> } {
  return { kind: 'refused', why: problemOf(why, target) };
}

function described(file: FileThere | undefined): Exclude<Described, { kind: 'unreadable' | 'refused' | 'lost' }> {
  if (file === undefined || file.kind === 'missing') return { kind: 'missing' };
  if (file.kind === 'folder') return { kind: 'notAFile', what: 'a folder' };
  const { bytes, mode, owner, group } = file;
  return { kind: 'file', bytes, mode, owner, group, link: false, sha256: sumOf(file) };
}

/** Of a file that only has a size, that of its size. */
function sumOf({ text, bytes }: FileThere & { kind: 'file' }): string {
  return createHash('sha256')
    .update(bytes === Buffer.byteLength(text) ? text : `${bytes} bytes`)
    .digest('hex');
}
