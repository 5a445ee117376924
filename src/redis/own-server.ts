/**
 * Our own Redis server, for whoever has none: a child from the PATH that outlives us, on a socket only we can open, with its append-only
 * file under the data folder. Which Redis is used is decided by main.ts.
 *
 * O1. Never two servers on one folder: they would tear the append-only file. Starting is locked, and a living server is used again.
 * O2. A kill -9 of this process does not touch the server: it has a session of its own. The next start finds it.
 * O3. A clean stop ends the server, unless another process still uses it.
 */
import { spawn } from 'node:child_process';
import { access, constants, open, readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import { textOf } from './failure.ts';
import { isAlive, livePid, type OwnFiles, ownFiles, useServer, withStartLock } from './own-files.ts';

export type OwnRedis = {
  readonly url: string;
  readonly pid: number;
  /** True if the server ran already, left behind by a process that was killed or shared with another. */
  readonly reused: boolean;
  readonly stop: () => Promise<void>;
};

const programs = ['redis-server', 'valkey-server'];
const extraFolders = ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin', '/opt/local/bin'];

/**
 * Starts or finds the server for `dataDir`. `searchPath` is the PATH to look in.
 * Throws KeyturnError `REDIS_SERVER_MISSING` (no program) or `REDIS_SERVER_FAILED` (it ends or never answers; with its own last words).
 */
export async function startOwnRedis(dataDir: string, log: Logger, searchPath = process.env.PATH ?? ''): Promise<OwnRedis> {
  const files = await ownFiles(dataDir);
  // Entered as a user under the same lock that a leaving process holds while it looks for users: nobody shuts it down in between.
  const { pid, reused, leave } = await withStartLock(files.lock, async () => {
    const running = await runningServer(files);
    const server = running === undefined ? { pid: await launch(files, searchPath), reused: false } : { pid: running, reused: true };
    return { ...server, leave: await useServer(files.users) };
  });
  log.info(
    { pid, folder: files.data },
    reused ? 'using the Redis server that runs on our data folder' : 'started a Redis server of our own',
  );
  const stop = () => withStartLock(files.lock, async () => ((await leave()) ? undefined : shutDown(files, pid)));
  return { url: `unix://${encodeURI(files.socket)}`, pid, reused, stop };
}

/** The server on this folder, once it answers. A process id alone proves nothing: ids are given again after a restart of the machine. */
async function runningServer(files: OwnFiles): Promise<number | undefined> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await ask(files.socket);
    if (typeof answer === 'number') return answer;
    const pid = await livePid(files.pidFile);
    if (answer === 'silent' && (pid === undefined || !(await isRedis(pid)))) return undefined;
    if (performance.now() > deadline) {
      throw new KeyturnError(
        'REDIS_SERVER_FAILED',
        `A Redis server (process ${pid ?? 'unknown'}) is on ${files.folder} but does not answer within 60 s`,
        `${files.log}; end that process if it hangs`,
      );
    }
    await delay(100);
  }
}

async function launch(files: OwnFiles, searchPath: string): Promise<number> {
  const program = await findProgram(searchPath);
  const output = await open(files.log, 'a', 0o600);
  const child = spawn(program, serverArguments(files), { detached: true, stdio: ['ignore', output.fd, output.fd], cwd: files.folder });
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (status, signal) => resolve(`it ended with ${signal ?? `status ${status}`}`));
  });
  try {
    return await Promise.race([untilAnswering(files), failed.then((why) => giveUp(files, program, why))]);
  } finally {
    child.removeAllListeners();
    child.unref();
    await output.close();
  }
}

function serverArguments({ data, socket, pidFile }: OwnFiles): readonly string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: data,
    pidfile: pidFile,
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** As long as it says that it is loading it may take its time. */
async function untilAnswering(files: OwnFiles): Promise<number> {
  for (let silent = 0; silent < 200; ) {
    const answer = await ask(files.socket);
    if (typeof answer === 'number') return answer;
    if (answer === 'silent') silent += 1;
    await delay(50);
  }
  return giveUp(files, 'the Redis server', 'it does not answer on its socket');
}

/** The server's process id, or `loading`, or `silent` where nobody answers. */
async function ask(socket: string): Promise<number | 'loading' | 'silent'> {
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    connectTimeout: 500,
    commandTimeout: 1000,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const info = await redis.info('server');
    await redis.ping();
    return Number(/^process_id:(\d+)/m.exec(info)?.[1]);
  } catch (error) {
    return textOf(error).startsWith('LOADING') ? 'loading' : 'silent';
  } finally {
    redis.disconnect();
  }
}

/** SHUTDOWN flushes the append-only file; the process is watched until it is gone, then the folder is free. */
async function shutDown(files: OwnFiles, pid: number): Promise<void> {
  const redis = new Redis({ path: files.socket, lazyConnect: true, retryStrategy: null, commandTimeout: 5000 });
  redis.on('error', () => undefined);
  await redis
    .connect()
    .then(() => redis.call('SHUTDOWN'))
    .catch(() => undefined);
  redis.disconnect();
  for (let waited = 0; isAlive(pid) && waited < 10_000; waited += 25) await delay(25);
  if (path.dirname(files.socket) !== files.folder) await rmdir(path.dirname(files.socket)).catch(() => undefined);
}

async function findProgram(searchPath: string): Promise<string> {
  const folders = [...searchPath.split(path.delimiter).filter((folder) => folder !== ''), ...extraFolders];
  for (const program of programs) {
    for (const folder of folders) {
      const file = path.join(folder, program);
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return file;
    }
  }
  throw new KeyturnError(
    'REDIS_SERVER_MISSING',
    'REDIS_URL is not set, and neither redis-server nor valkey-server is on the PATH',
    'install one (apt-get install redis-server, dnf install valkey, brew install redis), or set REDIS_URL',
  );
}

async function isRedis(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return command === undefined ? process.platform !== 'linux' : /redis|valkey/.test(command);
}

async function giveUp(files: OwnFiles, program: string, why: string): Promise<never> {
  const words = (await readFile(files.log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-3).join('\n');
  throw new KeyturnError('REDIS_SERVER_FAILED', `${program} did not start on ${files.folder}: ${why}\n${words}`, `${files.log}`);
}
