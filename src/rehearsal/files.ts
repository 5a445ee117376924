/** Files of a rehearsal, on its hosts and on the worker's machine: described, read, carried and put in their places, all in memory. */
import { createHash } from 'node:crypto';
import type { Copied, Copy, Described, Files } from '../ssh/files.ts';
import type { Target } from '../ssh/target.ts';
import type { OwnFiles } from '../worker/own-files.ts';
import type { FileMap, FileThere, Turn } from './model.ts';
import { problemOf } from './problem-of.ts';

/** Key under which the worker's own files stand in a test. */
export const BOT = 'bot';

/** What a script leaves and says. */
export type Done = { readonly status: number; readonly prints: string };

export interface FileWorld {
  readonly files: Files;
  readonly ownFile: OwnFiles;
  /** Does what the script of a copy or an edit does (run/file-scripts.ts). `as`: who runs it. */
  put(host: string, as: string, env: Readonly<Record<string, string>>): Done;
  at(host: string, path: string): FileThere | undefined;
}

/** How the test says that a file is reached; undefined where it says nothing. */
export type OnTheWay = (
  what: { readonly kind: 'copy' | 'edit'; readonly host: string; readonly path: string },
  isMeant: (turn: Turn) => boolean,
) => Turn | undefined;

/** A copy arrives beside its place, under a name that is made of it (worker/prepare.ts). */
const PART = /\.([^/]+)\.keyturn-[^/]*\.part$/;

type Plain = Extract<FileThere, { kind: 'file' }>;

export function createFileWorld(start: FileMap, onTheWay: OnTheWay): FileWorld {
  const there = new Map<string, FileThere>();
  for (const [host, paths] of Object.entries(start))
    for (const [path, file] of Object.entries(paths)) if (file.kind !== 'missing') there.set(keyOf(host, path), file);

  function found(host: string, path: string): FileThere | undefined {
    return there.get(keyOf(host, path));
  }

  function describe(target: Target, path: string, kind: 'copy' | 'edit'): Described {
    const turn = onTheWay({ kind, host: target.host, path }, ({ refuses }) => refuses !== undefined);
    return turn?.refuses === undefined ? described(found(target.host, path)) : { kind: 'refused', why: problemOf(turn.refuses, target) };
  }

  async function copy({ from, to, onProgress }: Copy): Promise<Copied> {
    // Never told of its progress before the caller has what this returns, as on a real connection.
    await Promise.resolve();
    const source = 'file' in from ? found(BOT, from.file) : found(from.target.host, from.path);
    if (source?.kind !== 'file') return { kind: 'failed', why: 'the file is gone.', check: 'who takes it away' };
    const way = { kind: 'copy', host: to.target.host, path: to.path.replace(PART, '$1') } as const;
    const turn = onTheWay(way, ({ breaks, refuses }) => breaks || refuses !== undefined);
    if (turn?.refuses !== undefined) return { kind: 'refused', why: problemOf(turn.refuses, to.target) };
    if (turn !== undefined) return { kind: 'cut', why: 'the connection was lost' };
    onProgress?.(source.bytes, source.bytes);
    there.set(keyOf(to.target.host, to.path), source);
    return { kind: 'copied', bytes: source.bytes, sha256: sumOf(source) };
  }

  function keep(host: string, path: string, backup: string): string {
    const old = found(host, path);
    if (old === undefined || found(host, backup) !== undefined) return '';
    there.set(keyOf(host, backup), old);
    return `kept ${path} as ${backup}\n`;
  }

  function place(host: string, as: string, env: Readonly<Record<string, string>>): Done {
    const { TARGET = '', PART: part = '', BACKUP = '', OWNER = '', MODE = '', SHA256 = '' } = env;
    const [old, copied] = [found(host, TARGET), found(host, part)];
    if (old?.kind === 'file' && old.link) return failed(`${TARGET} is a link; name the file itself`);
    if (old?.kind === 'folder') return failed(`${TARGET} is a folder`);
    if (copied?.kind !== 'file') return failed(`what arrived as ${part} is not what was sent`);
    const said = keep(host, TARGET, BACKUP);
    const [owner = as, group = owner] = OWNER === '' ? [] : OWNER.split(':');
    there.set(keyOf(host, TARGET), { ...copied, owner, group, mode: MODE, link: false });
    there.delete(keyOf(host, part));
    return { status: 0, prints: `${said}${TARGET} is in place: sha256 ${SHA256}, ${OWNER || as}, ${MODE}\n` };
  }

  function change(host: string, env: Readonly<Record<string, string>>): Done {
    const { FILE = '', BACKUP = '', CONTENT = '', BEFORE = '', AFTER = '' } = env;
    const file = found(host, FILE);
    if (file?.kind !== 'file' || sumOf(file) !== BEFORE)
      return failed(`${FILE} is not what it was when the change was shown: nothing was written`);
    const said = keep(host, FILE, BACKUP);
    there.set(keyOf(host, FILE), { ...file, text: CONTENT, bytes: Buffer.byteLength(CONTENT) });
    return { status: 0, prints: `${said}${FILE} is changed: sha256 ${AFTER}\n` };
  }

  return {
    files: {
      describe: async (target, path) => describe(target, path, 'copy'),
      async read(target, path, maxBytes) {
        const seen = describe(target, path, 'edit');
        if (seen.kind !== 'file') return seen;
        const file = found(target.host, path);
        const content = Buffer.from(file?.kind === 'file' ? file.text : '');
        return seen.bytes > maxBytes ? { kind: 'tooLarge', bytes: seen.bytes } : { ...seen, content };
      },
      copy,
    },
    async ownFile(path) {
      const seen = described(found(BOT, path));
      const refused = (why: string) => ({ kind: 'refused', why: `${path} cannot be copied from the worker: ${why}` }) as const;
      if (seen.kind === 'missing') return refused(`the test has no such file under files.${BOT}`);
      return seen.kind === 'file' ? { ...seen, path } : refused('it is not a plain file');
    },
    put: (host, as, env) => (env.TARGET === undefined ? change(host, env) : place(host, as, env)),
    at: found,
  };
}

function keyOf(host: string, path: string): string {
  return `${host}:${path}`;
}

function failed(why: string): Done {
  return { status: 1, prints: `${why}\n` };
}

function described(file: FileThere | undefined): Extract<Described, { kind: 'file' | 'missing' | 'notAFile' }> {
  if (file === undefined || file.kind === 'missing') return { kind: 'missing' };
  if (file.kind === 'folder') return { kind: 'notAFile', what: 'a folder' };
  const { bytes, mode, owner, group, link } = file;
  return { kind: 'file', bytes, mode, owner, group, link, sha256: sumOf(file) };
}

/** Of a file that only has a size, that of its size. */
function sumOf({ text, bytes }: Plain): string {
  return createHash('sha256')
    .update(bytes === Buffer.byteLength(text) ? text : `${bytes} bytes`)
    .digest('hex');
}
