/** Archiving by real processes that are killed in the midst of it, or whose disk takes no more. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keys } from '../../src/journal/keys.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openStore, removeFolder, type Store } from './support.ts';

let server: TestRedis;
let store: Store;

beforeAll(async () => {
  server = await startRedis();
  store = await openStore({ url: server.url });
});

afterAll(async () => {
  await store.close();
  await server.stop();
  removeFolder(store.record);
  removeFolder(store.data);
});

beforeEach(() => store.redis.flushall());

const path = (name: string): string => resolve(import.meta.dirname, name);
const args = (): readonly string[] => ['--import', path('../queue/run-ts.mjs'), path('keep.ts'), server.url, store.record, store.data];
const month = (): string => join(store.record, 'archive', '2026', '01');
const files = (): readonly string[] => (existsSync(month()) ? readdirSync(month()).toSorted() : []);

/** Until the condition holds; looks again as fast as it can, for that is when the process is in the midst of its work. */
async function until(look: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !look(); ) {
    if (Date.now() > deadline) throw new Error(`it did not happen that ${what}`);
    await new Promise((done) => setImmediate(done));
  }
}

test('killed again and again, it loses nothing and does nothing twice', async () => {
  const runs = Array.from({ length: 60 }, (_, at) => `run${String(at).padStart(2, '0')}`);
  for (const run of runs) await store.end(run);
  const before = new Map<string, unknown>();
  for (const run of runs) before.set(run, await store.journal.read(run));
  let killed = 0;
  // Each is let to write a few more files, and killed with the next one begun.
  for (const more of [1, 3, 7, 13, 20, 31]) {
    const child = spawn(process.execPath, [...args()], { stdio: 'ignore' });
    const gone = once(child, 'exit');
    await until(
      () => child.exitCode !== null || files().filter((name) => name.endsWith('.gz')).length > more,
      `${more} files were written`,
    );
    child.kill('SIGKILL');
    await gone;
    if (child.signalCode === 'SIGKILL') killed += 1;
    // Whatever the moment: every run is there, whole, in Redis or in its file.
    for (const run of runs) expect(await store.journal.read(run)).toEqual(before.get(run));
    // As after the minute in which the lease of the dead runs out.
    await store.redis.del(keys.lease('archive'));
  }
  expect(killed).toBe(6);
  await store.keep(31);
  expect(files().filter((name) => !name.endsWith('.tmp'))).toEqual(runs.map((run) => `${run}.json.gz`));
  for (const run of runs) {
    expect(await store.redis.exists(keys.journal(run), keys.head(run), keys.thread(run))).toBe(0);
    expect(await store.journal.read(run)).toEqual(before.get(run));
  }
  const listed: string[] = [];
  for await (const { event } of store.runs.everything()) listed.push(`${event.kind} ${event.run}`);
  expect(listed.toSorted()).toEqual(runs.flatMap((run) => [`runArchived ${run}`, `runBegan ${run}`, `runEnded ${run}`]).toSorted());
  expect(await store.runs.verify()).toEqual([]);
}, 120_000);

test('on a disk that takes no more, everything stays in Redis', async () => {
  removeFolder(join(store.record, 'archive'));
  await store.end('run1', { text: Array.from({ length: 4_000 }, (_, at) => (at * 7919).toString(36)).join(' ') });
  const before = await store.journal.read('run1');
  // No file beyond 4 KiB: what a full disk does in the midst of a write, also to root.
  const child = spawn('bash', ['-c', 'trap "" XFSZ; ulimit -f 4; exec "$@"', 'bash', process.execPath, ...args()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await once(child, 'exit');
  expect(said.join('')).toMatch(/done .*The archive cannot be written at .*run1\.json\.gz: EFBIG/);
  expect(files()).toEqual([]);
  expect(await store.journal.read('run1')).toEqual(before);
  expect(await store.redis.exists(keys.journal('run1'))).toBe(1);
  await store.keep(31);
  expect(files()).toEqual(['run1.json.gz']);
  expect(await store.journal.read('run1')).toEqual(before);
}, 60_000);
