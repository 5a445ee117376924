/**
 * Files that Keyturn keeps, read without trust: whoever can write to the folder must not make a reader wait for ever (a named pipe), read elsewhere (a
 * symbolic link) or fill its memory.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from '../errors.ts';

/** What stands there is no plain file, or is larger than any that Keyturn writes. The system's own errors come as they are. */
export class NotPlain extends Error {}

/** The caller closes it, or a stream of it does. */
export async function openPlain(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    // As a link is told by POSIX and Linux (open, O_NOFOLLOW).
    throw codeOf(error) === 'ELOOP' ? new NotPlain('it is a symbolic link, and Keyturn makes none') : error;
  });
  const isPlain = await file.stat().then(
    (found) => found.isFile(),
    () => false,
  );
  if (isPlain) return file;
  await file.close();
  throw new NotPlain('it is no plain file');
}

/** All of it. `most`: bytes. */
export async function readPlain(path: string, most: number): Promise<Buffer> {
  const file = await openPlain(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw new NotPlain(`it has ${size} bytes, more than the ${most} that Keyturn writes there`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
