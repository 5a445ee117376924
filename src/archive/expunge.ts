/** Deletes what is kept of a run: the list of runs says so first, then files go, at last the run leaves the list of finished ones. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../errors.ts';
import { keys } from '../journal/keys.ts';
import type { Runs } from '../journal/runs.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { syncFolder } from './durable.ts';
import type { Archive } from './files.ts';
import { unwritable } from './keep-run.ts';

export type ExpungeParts = {
  readonly redis: RedisClient;
  readonly runs: Pick<Runs, 'note' | 'has'>;
  readonly archive: Pick<Archive, 'fileOf'>;
  readonly folder: string;
  readonly now: () => number;
};

/**
 * For a run whose journal has left Redis. `missing`: its file is gone and nobody has said that it was to go; that is damage, and stays visible.
 * Killed anywhere, the next call goes on.
 */
export async function expunge(parts: ExpungeParts, run: string, why: string): Promise<'expunged' | 'missing'> {
  const file = await parts.archive.fileOf(run);
  const event = { kind: 'runExpunged', run, file: file ?? '', why } as const;
  if (file === undefined) {
    if (!(await parts.runs.has(event))) return 'missing';
  } else {
    await parts.runs.note(event, { at: parts.now() });
    await removeFile(join(parts.folder, file));
  }
  await removeFile(join(parts.folder, 'output', run));
  // Its thread is noted there again where messages were posted anew after it had been archived.
  await speaking(() => parts.redis.del(keys.thread(run)));
  await speaking(() => parts.redis.zrem(keys.finished, run));
  return 'expunged';
}

async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
    await syncFolder(dirname(path)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  } catch (error) {
    throw unwritable(path, error);
  }
}
