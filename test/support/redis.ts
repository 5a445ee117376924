import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

/** A real Redis server of a test's own, on loopback. */
export type TestRedis = {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number;
  readonly kill9: () => Promise<void>;
  /** Starts it again after kill9; `empty` without any of its data. */
  readonly restart: (options?: { readonly empty?: boolean }) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type TestRedisOptions = {
  readonly dir?: string;
  readonly appendonly?: boolean;
  readonly replicaOf?: number;
  readonly args?: readonly string[];
};

export async function startRedis({ dir, appendonly = true, replicaOf, args = [] }: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = dir ?? (await mkdtemp(path.join(tmpdir(), 'keyturn-redis-')));
  const port = await freePort();
  const extra = ['--repl-diskless-sync-delay', '0', ...(replicaOf === undefined ? [] : ['--replicaof', `127.0.0.1 ${replicaOf}`]), ...args];
  let child = await launch(folder, port, appendonly, extra);
  const kill9 = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => child.pid ?? 0,
    kill9,
    restart: async ({ empty = false } = {}) => {
      if (empty) await rm(path.join(folder, 'appendonlydir'), { recursive: true, force: true });
      child = await launch(folder, port, appendonly, extra);
    },
    stop: async () => {
      await kill9();
      if (dir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function launch(folder: string, port: number, appendonly: boolean, extra: readonly string[]): Promise<ChildProcess> {
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    appendonly ? 'yes' : 'no',
  ];
  const child = spawn('redis-server', [...settings, '--appendfsync', 'everysec', ...extra], { stdio: 'ignore' });
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`redis-server on port ${port} ended at start`)));
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  try {
    await Promise.race([redis.ping(), died]);
  } finally {
    redis.disconnect();
  }
  died.catch(() => undefined);
  return child;
}
