/** KEYTURN_DATA and KEYTURN_RECORD: made if need be, closed to other users, and tried by writing, for rights and read-only disks show in no other way. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { codeOf, KeyturnError } from './errors.ts';

/** A folder that Keyturn writes, and the variable that names it. */
export type OwnFolder = { readonly path: string; readonly variable: 'KEYTURN_DATA' | 'KEYTURN_RECORD' };

/** Each folder once. */
export function ownFolders({ data, record }: Pick<Config, 'data' | 'record'>): readonly OwnFolder[] {
  return [{ path: data, variable: 'KEYTURN_DATA' }, ...(record === data ? [] : [{ path: record, variable: 'KEYTURN_RECORD' } as const])];
}

const SENTENCE = {
  KEYTURN_DATA: 'Keyturn cannot write its data folder',
  KEYTURN_RECORD: 'Keyturn cannot write the folder of the record',
} as const;
/** More than a file system keeps beside the name of a file: where the disk is full, it does not fit. */
const TRIAL = 'x'.repeat(4_096);
let trials = 0;

/** Throws KeyturnError `DATA_UNWRITABLE`. */
export async function ensureFolder(folder: OwnFolder): Promise<void> {
  await speaking(folder, () => make(folder.path));
  await tryFolder(folder);
}

/** Whether a file can be written there now. Throws KeyturnError `DATA_UNWRITABLE`. */
export async function tryFolder(folder: OwnFolder): Promise<void> {
  trials += 1;
  const trial = join(folder.path, `.trial-${process.pid}-${trials}`);
  await speaking(folder, async () => {
    try {
      await writeFile(trial, TRIAL, { mode: 0o600 });
    } finally {
      await rm(trial, { force: true });
    }
  });
}

async function speaking({ path, variable }: OwnFolder, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new KeyturnError(
      'DATA_UNWRITABLE',
      `${SENTENCE[variable]} ${path}: ${reasonOf(error)}`,
      `${variable}, who owns that folder, and the room on its disk`,
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
