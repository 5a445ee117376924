/** Every run stands in the chained list, whoever dies when; a list that was cut while no process worked is told at the next start. */
import { join } from 'node:path';
import { pino } from 'pino';
import { readInstallationKey } from '../../src/installation-key.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRuns, type RunsEntry } from '../../src/journal/runs.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
let redis: RedisClient;

beforeAll(async () => {
  shop = await openShop({ staffed: false });
  redis = await connectRedis(shop.redisUrl, { role: 'journal', log: pino({ level: 'silent' }) });
});

afterAll(async () => {
  await disconnectRedis(redis);
  await shop.close();
});

async function listed(): Promise<readonly RunsEntry[]> {
  const key = (await readInstallationKey(join(shop.folder, 'data', 'installation.key')))('runs');
  const found: RunsEntry[] = [];
  for await (const entry of createRuns({ redis, key }).everything()) found.push(entry);
  return found;
}

const yaml = (name: string): string =>
  `procedure: ${name}\nproduct: sample\ntitle: A sample\nsteps:\n  - { id: A, title: Look, on: main, run: 'true', timeout: 10s }\n`;

test('the desk enters a run; the worker notes its end', async () => {
  const run = await shop.begin(yaml('plain'));
  expect((await listed()).map(({ event }) => [event.kind, event.run])).toEqual([['runBegan', run]]);
  const worker = await shop.hire();
  await shop.until(run, (state) => state.ended !== undefined);
  await noted('runEnded', run);
  await worker.kill();
  const recorded = await shop.recorded(run);
  const [began, ended] = await listed();
  expect(began?.event).toMatchObject({ procedure: 'plain', cluster: 'prod', requester: 'U0DANA' });
  expect(ended?.event).toMatchObject({ outcome: 'succeeded', seq: recorded.length, hash: await redis.hget(keys.head(run), 'hash') });
});

test('what the desk died before noting, the worker notes before it does anything', async () => {
  const run = await shop.begin(yaml('orphan'));
  await redis.del(keys.runs, keys.runsHead, keys.runsIds);
  const worker = await shop.hire();
  await shop.until(run, (state) => state.ended !== undefined);
  await noted('runEnded', run);
  await worker.kill();
  const mine = (await listed()).filter(({ event }) => event.run === run);
  const intended = (await shop.recorded(run)).find(({ event }) => event.kind === 'attemptIntended');
  expect(mine.map(({ event }) => event.kind)).toEqual(['runBegan', 'runEnded']);
  expect(mine[0]?.at).toBeLessThanOrEqual(intended?.at ?? 0);
});

test('a list that was cut while no process worked is fatal in the log of the next', async () => {
  expect(shop.fatal.filter((line) => !line.includes('RUNS_FORGED'))).toEqual([]);
  const before = shop.fatal.length;
  await redis.del(keys.runs, keys.runsHead, keys.runsIds);
  const worker = await shop.hire();
  await worker.kill();
  expect(shop.fatal.slice(before).join()).toMatch(/RUNS_FORGED.*Its end is cut off: this machine has seen entry \d+, the last is now none/);
});

/** The worker notes it right after the last event. */
async function noted(kind: string, run: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await listed()).some(({ event }) => event.kind === kind && event.run === run)) {
    if (performance.now() > deadline) throw new Error(`${kind} of ${run} was not noted`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
