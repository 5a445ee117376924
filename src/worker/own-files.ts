/** Files of the worker's own machine that procedures may copy: those under KEYTURN_FILES and no others, links that lead out of it included. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '../errors.ts';

export type OwnFile =
  | {
      readonly kind: 'file';
      /** Whole and without links. */
      readonly path: string;
      readonly bytes: number;
      /** Octal, as `chmod` takes it. */
      readonly mode: string;
      readonly owner: string;
      readonly group: string;
      readonly sha256: string;
    }
  | { readonly kind: 'refused'; readonly why: string };

/** Looks at the file with that path under KEYTURN_FILES, and reads it to its end for the sum. */
export type OwnFiles = (path: string) => Promise<OwnFile>;

export function createOwnFiles(folder: string): OwnFiles {
  return async (path) => {
    const refused = (why: string): OwnFile => ({ kind: 'refused', why: `${path} cannot be copied from the worker: ${why}` });
    if (path.includes('\0') || path.split('/').includes('..')) return refused('its path may not hold .. or NUL');
    const wanted = join(folder, path);
    try {
      const [real, root] = await Promise.all([realpath(wanted), realpath(folder)]);
      if (!real.startsWith(root + sep)) return refused(`it is not in ${folder}`);
      const facts = await stat(real);
      if (!facts.isFile()) return refused(`${wanted} is not a plain file`);
      const mode = (facts.mode & 0o7777).toString(8).padStart(4, '0');
      const owner = { owner: String(facts.uid), group: String(facts.gid) };
      return { kind: 'file', path: real, bytes: facts.size, mode, ...owner, sha256: await sumOf(real) };
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') throw error;
      return refused(
        code === 'EACCES' ? `the worker may not read ${wanted}` : `there is no file ${wanted}; KEYTURN_FILES names the folder`,
      );
    }
  };
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), hash);
  return hash.digest('hex');
}
