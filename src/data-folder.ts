/** KEYTURN_DATA: made if need be, closed to other users, and tried by writing, for rights and read-only disks show in no other way. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, KeyturnError } from './errors.ts';

/** Throws KeyturnError `DATA_UNWRITABLE`. */
export async function ensureDataFolder(path: string): Promise<void> {
  try {
    await make(path);
    const trial = join(path, `.trial-${process.pid}`);
    await writeFile(trial, 'x', { mode: 0o600 });
    await rm(trial, { force: true });
  } catch (error) {
    throw new KeyturnError(
      'DATA_UNWRITABLE',
      `Keyturn cannot write its data folder ${path}: ${reasonOf(error)}`,
      'KEYTURN_DATA, who owns that folder, and the room on its disk',
      { cause: error },
    );
  }
}

/** Folder by folder: where nothing can be made (such as /proc), Node's own recursive form does not come back. */
async function make(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  if (dirname(path) !== path) await make(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it cannot be made there',
  ENOTDIR: 'it, or what it is in, is a file and not a folder',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the quota of this user is used up',
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? (error instanceof Error ? error.message : code);
}
