import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import { isAlive } from '../../src/redis/own-files.ts';
import { startOwnRedis } from '../../src/redis/own-server.ts';
import { quiet } from '../journal/samples.ts';

let dir: string;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'keyturn-own-'));
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(dir, { recursive: true, force: true });
});

async function put(url: string, value: string): Promise<void> {
  const redis = await connectRedis(url, { role: 'journal', log: quiet });
  await redis.set('k', value);
  await disconnectRedis(redis);
}

async function got(url: string): Promise<string | null> {
  const redis = await connectRedis(url, { role: 'journal', log: quiet });
  return redis.get('k').finally(() => disconnectRedis(redis));
}

test('the data outlives a clean stop', async () => {
  const first = await startOwnRedis(dir, quiet);
  await put(first.url, 'kept');
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  const second = await startOwnRedis(dir, quiet);
  stops.push(second.stop);
  expect(second.reused).toBe(false);
  expect(await got(second.url)).toBe('kept');
  expect((await stat(path.join(dir, 'redis'))).mode & 0o077).toBe(0);
});

test('two starts at the same time share one server', async () => {
  const both = await Promise.all([startOwnRedis(dir, quiet), startOwnRedis(dir, quiet)]);
  stops.push(both[0].stop);
  expect(new Set(both.map(({ pid }) => pid)).size).toBe(1);
  expect(both.map(({ reused }) => reused).sort()).toEqual([false, true]);
});

test('a server whose owner was killed is found and later stopped', async () => {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ['--import', here('../queue/run-ts.mjs'), here('hold-server.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const pid = Number(value);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  expect(isAlive(pid)).toBe(true);
  const heir = await startOwnRedis(dir, quiet);
  stops.push(heir.stop);
  expect(heir).toMatchObject({ pid, reused: true });
  expect(await got(heir.url)).toBe('from the killed one');
  await heir.stop();
  expect(isAlive(pid)).toBe(false);
});

test('a server that another process uses is left running', async () => {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ['--import', here('../queue/run-ts.mjs'), here('hold-server.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const mine = await startOwnRedis(dir, quiet);
  stops.push(mine.stop);
  await mine.stop();
  expect(isAlive(mine.pid)).toBe(true);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  await mine.stop();
  expect(isAlive(mine.pid)).toBe(false);
});

test('a deep data folder works too', async () => {
  const deep = path.join(dir, 'd'.repeat(100));
  const own = await startOwnRedis(deep, quiet);
  stops.push(own.stop);
  await put(own.url, 'deep');
  expect(await got(own.url)).toBe('deep');
});

const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

onLinux('a killed user whose parent has not looked after it keeps nothing running', async () => {
  // The shell becomes a program that never asks for its children: one that is killed from then on stays a zombie.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = await createInterface(parent.stdout)[Symbol.asyncIterator]().next();
  const told = (pid: string | number | undefined, what: string) => readFile(`/proc/${pid}/${what}`, 'utf8');
  while (!(await told(parent.pid, 'comm')).startsWith('sleep')) await delay(5);
  const mine = await startOwnRedis(dir, quiet);
  stops.push(mine.stop);
  await writeFile(path.join(dir, 'redis', 'users', value), value);
  process.kill(Number(value), 'SIGKILL');
  while (!(await told(value, 'stat')).includes(') Z')) await delay(5);
  await mine.stop();
  expect(isAlive(mine.pid)).toBe(false);
  const gone = once(parent, 'exit');
  parent.kill();
  await gone;
});
