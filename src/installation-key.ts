/**
 * The secret of this installation: 32 random bytes in a file, which whoever can write to Redis does not have. What Keyturn must be able to
 * recognise as its own (journals, the register, people's second factors) is sealed with keys made from it.
 *
 * I1. The secret itself is used for nothing but making keys, one for each purpose, so that what one of them gives away tells nothing of another.
 * I2. It is made once: of several processes that start at the same moment on one folder one makes it, the others read the very same.
 * I3. A key file that others may read, that is empty or mangled is refused; a new one is never put in its place.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, KeyturnError } from './errors.ts';

/** The key for one purpose: 32 bytes by HKDF-SHA256 (RFC 5869), the same for the same purpose for as long as the file stays the same. */
export type KeyFor = (purpose: string) => Buffer;

const BYTES = 32;
/** The base64 text of 32 bytes, and the line's end. */
const FORM = /^[A-Za-z0-9+/]{43}=\r?\n?$/;
/** More than a well-formed file has: a file that is no key is not read to its end. */
const MOST_BYTES = 256;

/** Reads the key file, and makes it if there is none. Throws KeyturnError `KEY_UNUSABLE`, with the path and what is wrong. */
export async function openInstallationKey(path: string): Promise<KeyFor> {
  return (await found(path)) ?? (await make(path));
}

/** Reads the key file that must be there already: for whoever only verifies. Throws KeyturnError `KEY_MISSING` or `KEY_UNUSABLE`. */
export async function readInstallationKey(path: string): Promise<KeyFor> {
  const key = await found(path);
  if (key !== undefined) return key;
  throw new KeyturnError(
    'KEY_MISSING',
    `There is no installation key at ${path}`,
    'KEYTURN_KEY_FILE and KEYTURN_DATA: they must name the key file that the bot and the workers use, which the first start has made',
  );
}

/** Keys made from a secret. Pure. */
export function keysFrom(secret: Buffer): KeyFor {
  return (purpose) => Buffer.from(hkdfSync('sha256', secret, '', `keyturn ${purpose}`, BYTES));
}

async function found(path: string): Promise<KeyFor | undefined> {
  const text = await contentOf(path);
  return text === undefined ? undefined : keysFrom(secretIn(path, text));
}

/** Rights are those of the very file that is read, wherever a symbolic link leads. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
      if ((mode & 0o077) !== 0) throw openToOthers(path, mode);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error instanceof KeyturnError
      ? error
      : unusable(path, reasonOf(error), 'KEYTURN_KEY_FILE, and that the user who runs Keyturn may read it', error);
  }
}

function secretIn(path: string, text: string): Buffer {
  const restore = 'put back the file that this installation was begun with, from its backup or from another machine of it';
  if (text.trim() === '') throw unusable(path, 'it is empty', restore);
  if (!FORM.test(text)) throw unusable(path, 'it does not hold one line of base64 that stands for 32 bytes', restore);
  return Buffer.from(text.trim(), 'base64');
}

/**
 * Written in full beside its place and then linked there: a link is made only where nothing is, and nobody ever sees half a key. Whoever comes
 * second reads the first one's (I2).
 */
async function make(path: string): Promise<KeyFor> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    await write(draft, `${randomBytes(BYTES).toString('base64')}\n`);
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await settle(dirname(path));
  } catch (error) {
    throw unusable(
      path,
      `it cannot be made: ${reasonOf(error)}`,
      'KEYTURN_KEY_FILE, its folder, who owns that folder, and the room on its disk',
      error,
    );
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  return readInstallationKey(path);
}

/** On the disk before anything is sealed with it: a key that a power cut takes away makes every journal unreadable. */
async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function settle(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function openToOthers(path: string, mode: number): KeyturnError {
  const rights = (mode & 0o777).toString(8).padStart(3, '0');
  return unusable(
    path,
    `its rights are ${rights}, so that other users of this machine can read it`,
    `who has read it; then chmod 600 ${path}. If somebody may have taken the key, they can forge journals wherever they can write to Redis`,
  );
}

function unusable(path: string, why: string, check: string, cause?: unknown): KeyturnError {
  return new KeyturnError('KEY_UNUSABLE', `The installation key ${path} cannot be used: ${why}`, check, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'what it is in is a file and not a folder',
  ENOENT: 'its folder does not exist',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? (error instanceof Error ? error.message : code);
}
