/** A stop is a stop, whatever else has gone: an orchestrator waits a few seconds and then kills. */
import { setTimeout as delay } from 'node:timers/promises';
import { startTown, type Town } from './town.ts';

const END_MS = 8_000;

let town: Town;

beforeEach(async () => {
  town = await startTown({ tampers: true });
}, 60_000);
afterEach(() => town.close(), 60_000);

/** Milliseconds until the process is gone. */
async function stopped(pid: number): Promise<number> {
  const began = Date.now();
  process.kill(pid, 'SIGTERM');
  while (isThere(pid)) {
    if (Date.now() - began > 3 * END_MS) throw new Error(`still there after ${Date.now() - began} ms:\n${town.log.slice(-20).join('\n')}`);
    await delay(25);
  }
  return Date.now() - began;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('without Redis and Slack it stops within eight seconds', async () => {
  const thread = await town.begin();
  await thread.see(/approve/i);
  await town.redis.kill9();
  await town.slack.close();
  await town.logged(/a sweep of the open runs failed/);
  await town.logged(/SLACK_UNREACHABLE/);
  expect(await stopped(town.botPid())).toBeLessThan(END_MS);
}, 90_000);

test('with a Redis that hangs it stops as soon', async () => {
  const thread = await town.begin();
  await thread.see(/approve/i);
  process.kill(town.redis.pid(), 'SIGSTOP');
  try {
    await town.logged(/the connection to Redis is lost|could not be asked for/);
    expect(await stopped(town.botPid())).toBeLessThan(END_MS);
  } finally {
    process.kill(town.redis.pid(), 'SIGCONT');
  }
}, 90_000);
