import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, KeyturnError } from '../errors.ts';

/** Where our own Redis keeps what. */
export type OwnFiles = {
  readonly folder: string;
  readonly data: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly log: string;
  readonly lock: string;
  readonly users: string;
};

/** The folders for our own Redis under `dataDir`, made if need be, closed to other users. */
export async function ownFiles(dataDir: string): Promise<OwnFiles> {
  const folder = path.join(path.resolve(dataDir), 'redis');
  const at = (name: string) => path.join(folder, name);
  const files = { folder, data: at('data'), pidFile: at('redis.pid'), log: at('redis.log'), lock: at('starting'), users: at('users') };
  for (const made of [files.folder, files.data, files.users]) await makeFolder(made);
  return { ...files, socket: await socketPath(folder) };
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
}

function unwritable(place: string, error: unknown): KeyturnError {
  const what = `${place}, for a Redis server of our own, cannot be made or written (${codeOf(error)})`;
  return new KeyturnError('REDIS_SERVER_FAILED', what, 'who owns it, its rights, and the room on its disk; or set REDIS_URL', {
    cause: error,
  });
}

/** Paths of sockets hold some 100 bytes; a deep data folder gets its socket in a private folder under the temporary one. */
async function socketPath(folder: string): Promise<string> {
  const near = path.join(folder, 'redis.sock');
  if (Buffer.byteLength(near) < 100) return near;
  const uid = process.getuid?.() ?? 0;
  const name = `keyturn-${uid}-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const far = path.join(tmpdir(), name);
  await mkdir(far, { recursive: true, mode: 0o700 });
  const seen = await stat(far);
  if (seen.uid !== uid || (seen.mode & 0o077) !== 0) {
    throw new KeyturnError(
      'REDIS_SERVER_FAILED',
      `${far} is open to others, so no socket is put there`,
      `the owner and rights of ${far}, or a shorter KEYTURN_DATA`,
    );
  }
  return path.join(far, 'redis.sock');
}

/** True if a process of that id runs, whoever owns it. One that was killed and that its parent has not looked after yet does not run. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** By the state behind the program's name in brackets (proc(5)); where there is no /proc, nobody is one. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.startsWith(') Z', stat.lastIndexOf(')'));
  } catch {
    return false;
  }
}

/** The process id that a file holds, if that process is alive. */
export async function livePid(file: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
}

/** Start locks that this process holds now. One with our id that is not among them was left by an earlier process of the same id. */
const heldHere = new Set<string>();

/** Keeps two processes from starting a server on one folder at the same time. A lock whose owner has died is taken over. */
export async function withStartLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const handle = await open(file, 'wx', 0o600).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw unwritable(file, error);
    });
    if (handle !== undefined) {
      heldHere.add(file);
      await handle.writeFile(String(process.pid)).finally(() => handle.close());
      return work().finally(() => rm(file, { force: true }).finally(() => heldHere.delete(file)));
    }
    // A fresh file without a number belongs to a process that is about to write it.
    const age =
      Date.now() -
      (await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => Date.now(),
      ));
    const owner = heldHere.has(file) ? process.pid : await livePid(file);
    const isStale = owner === undefined || (owner === process.pid && !heldHere.has(file));
    if (isStale && age > 2000) await rm(file, { force: true });
    await delay(100);
  }
}

/** Notes that this process uses the server; the answer takes the note back and says whether any other process still uses it. */
export async function useServer(users: string): Promise<() => Promise<boolean>> {
  const mine = path.join(users, String(process.pid));
  await writeFile(mine, String(process.pid));
  return async () => {
    await rm(mine, { force: true });
    const others = await Promise.all((await readdir(users)).map((name) => livePid(path.join(users, name))));
    return others.some((pid) => pid !== undefined && pid !== process.pid);
  };
}
