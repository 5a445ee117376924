/** A file that is there whole or not at all, and takes nobody's place unless told. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { KeyturnError, codeOf } from '../errors.ts';

/** Writes piece by piece under another name first. Throws KeyturnError OUT_EXISTS or OUT_UNWRITABLE; then nothing of it is left. */
export async function writeOut(path: string, pieces: AsyncIterable<string> | Iterable<string>, force: boolean): Promise<void> {
  if (!force && existsSync(path)) throw exists(path);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      for await (const piece of pieces) await file.write(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link, unlike a rename, fails where another one has come in between.
    await (force ? rename(temporary, path) : link(temporary, path));
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? exists(path) : sayFailure(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

function exists(path: string): KeyturnError {
  return new KeyturnError(
    'OUT_EXISTS',
    `${path} exists already, and was left as it is.`,
    'another name with --out, or --force to replace it.',
  );
}

function sayFailure(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (!/^(ENOENT|EACCES|EPERM|EROFS|ENOSPC|ENOTDIR|EISDIR|EDQUOT)$/.test(code)) return error;
  return new KeyturnError(
    'OUT_UNWRITABLE',
    `${path} could not be written (${code}).`,
    'that its folder exists, may be written to, and has room.',
  );
}
