import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createNudges, type Nudges, type Working } from '../../src/queue/nudges.ts';
import { quiet } from '../journal/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { latch } from './latch.ts';

let server: TestRedis;
let nudges: Nudges;
const working: Working[] = [];
const short = { log: quiet, lockMs: 1000, stalledMs: 500, graceMs: 300 };

beforeEach(async () => {
  server = await startRedis();
  nudges = await createNudges({ url: server.url, ...short });
});

afterEach(async () => {
  await Promise.all(working.splice(0).map((one) => one.close()));
  await nudges.close();
  await server.stop();
});

async function work(handler: (run: string, signal: AbortSignal) => Promise<void>): Promise<Working> {
  const one = await nudges.work(handler);
  working.push(one);
  return one;
}

test('the same nudge while it waits is nothing new', async () => {
  await nudges.nudge('r1', 'seq.4');
  await nudges.nudge('r1', 'seq.4');
  await nudges.nudge('r2', 'seq.1');
  expect(await nudges.isPending('r1', 'seq.4')).toBe(true);
  const seen: string[] = [];
  const both = latch(2);
  await work(async (run) => {
    seen.push(run);
    both.count();
  });
  await both.done;
  expect(await nudges.roundTrip(5000)).toBe(true);
  expect(seen.sort()).toEqual(['r1', 'r2']);
  expect(await nudges.isPending('r1', 'seq.4')).toBe(false);
});

test('a nudge that is done can be given again', async () => {
  let looks = 0;
  let look = latch(1);
  await work(async () => {
    looks += 1;
    look.count();
  });
  await nudges.nudge('r1', 'seq.4');
  await look.done;
  while ((await nudges.roundTrip(5000)) && looks < 2) {
    look = latch(1);
    await nudges.nudge('r1', 'seq.4');
    await Promise.race([look.done, delay(200)]);
  }
  expect(looks).toBe(2);
});

test('nudges during a look lead to one more look', async () => {
  const [began, mayEnd, over] = [latch(1), latch(1), latch(2)];
  let [looks, atOnce, most] = [0, 0, 0];
  await work(async () => {
    looks += 1;
    atOnce += 1;
    most = Math.max(most, atOnce);
    began.count();
    await mayEnd.done;
    atOnce -= 1;
    over.count();
  });
  await nudges.nudge('r1', 'a');
  await began.done;
  await nudges.nudge('r1', 'b');
  await nudges.nudge('r1', 'c');
  expect(await nudges.roundTrip(5000)).toBe(true);
  mayEnd.count();
  await over.done;
  expect(await nudges.roundTrip(5000)).toBe(true);
  expect({ looks, most }).toEqual({ looks: 2, most: 1 });
});

test('a delayed nudge comes not before its time', async () => {
  const seen = latch(1);
  await work(async () => seen.count());
  const from = Date.now();
  await nudges.nudge('r1', 'timer.1', { delayMs: 300 });
  expect(await nudges.isPending('r1', 'timer.1')).toBe(true);
  await seen.done;
  expect(Date.now() - from).toBeGreaterThanOrEqual(295);
});

test('a look that fails is made again', async () => {
  let looks = 0;
  const well = latch(1);
  await work(async () => {
    looks += 1;
    if (looks < 3) throw new Error('not yet');
    well.count();
  });
  await nudges.nudge('r1', 'a');
  await well.done;
  expect(looks).toBe(3);
});

test('a lost lock aborts the look and starts no second beside it', async () => {
  const [began, again] = [latch(1), latch(1)];
  let [atOnce, most] = [0, 0];
  const reasons: unknown[] = [];
  await work(async (_run, signal) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    if (reasons.length > 0) again.count();
    else {
      began.count();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reasons.push(signal.reason);
    }
    atOnce -= 1;
  });
  await nudges.nudge('r1', 'a');
  await began.done;
  const raw = new Redis(server.url);
  while (reasons.length === 0) {
    await raw.del('{keyturn}:nudges:r1.a:lock');
    await delay(20);
  }
  raw.disconnect();
  await again.done;
  expect({ reasons, most }).toEqual({ reasons: ['the lock was lost'], most: 1 });
});

test('a silent Redis aborts the look when the lock may be gone', async () => {
  const [began, stopped] = [latch(1), latch(1)];
  const reasons: unknown[] = [];
  await work(async (_run, signal) => {
    if (reasons.length > 0) return;
    began.count();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    reasons.push(signal.reason);
    stopped.count();
  });
  await nudges.nudge('r1', 'a');
  await began.done;
  process.kill(server.pid(), 'SIGSTOP');
  await stopped.done;
  process.kill(server.pid(), 'SIGCONT');
  expect(reasons).toEqual(['the lock was not renewed in time']);
});

test('a look stopped by closing is taken up by another worker', async () => {
  const [began, taken] = [latch(1), latch(1)];
  const first = await work(async (_run, signal) => {
    began.count();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });
  await nudges.nudge('r1', 'a');
  await began.done;
  await first.close();
  await work(async () => taken.count());
  await taken.done;
});

test('closing waits no longer than its grace for a deaf look', async () => {
  const began = latch(1);
  const deaf = await work(() => {
    began.count();
    return new Promise(() => undefined);
  });
  await nudges.nudge('r1', 'a');
  await began.done;
  await deaf.close();
  expect(await nudges.isPending('r1', 'a')).toBe(false);
});

test('a probe without a worker does not come back', async () => {
  expect(await nudges.roundTrip(200)).toBe(false);
});

test('nudges work again after Redis was killed and restarted', async () => {
  const seen = latch(1);
  await work(async () => seen.count());
  await server.kill9();
  await expect(nudges.nudge('r1', 'a')).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
  await server.restart();
  while (
    !(await nudges.nudge('r1', 'a').then(
      () => true,
      () => false,
    ))
  )
    await delay(50);
  await seen.done;
});
