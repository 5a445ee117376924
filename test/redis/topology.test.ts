import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { followFeed } from '../../src/journal/feed.ts';
import { createJournal } from '../../src/journal/journal.ts';
import { createNudges } from '../../src/queue/nudges.ts';
import { checkRedis } from '../../src/redis/check.ts';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import { by, decodeNote, key, note, quiet } from '../journal/samples.ts';
import { latch } from '../queue/latch.ts';
import { freePort, startRedis } from '../support/redis.ts';

const releases: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

/** One run from its first event to its last, by way of journal, feed and queue. */
async function wholeRun(url: string): Promise<void> {
  const redis = await connectRedis(url, { role: 'journal', log: quiet });
  releases.push(() => disconnectRedis(redis));
  expect(await checkRedis(redis)).toEqual([]);
  const [journal, told, looked, stop] = [createJournal({ redis, decode: decodeNote, key }), latch(1), latch(1), new AbortController()];
  const own = await connectRedis(url, { role: 'blocking', log: quiet });
  const following = followFeed({ redis: own, from: '0-0', onNews: told.count, signal: stop.signal, log: quiet });
  const nudges = await createNudges({ url, log: quiet });
  const working = await nudges.work(async () => looked.count());
  const made = await journal.create('r1', [note('first')], { ...by, requestId: 'q', lock: 'prod' });
  if (made.kind !== 'created') throw new Error(made.kind);
  await nudges.nudge('r1', 'seq.1');
  await Promise.all([told.done, looked.done]);
  await journal.append('r1', made.head, [note('last')], { ...by, closes: { cluster: 'prod' } });
  expect(await journal.read('r1')).toHaveLength(2);
  expect(await journal.holder('prod')).toBeUndefined();
  expect(await nudges.roundTrip(5000)).toBe(true);
  stop.abort();
  await following;
  await working.close();
  await nudges.close();
}

test('a whole run on a Redis Cluster', async () => {
  const server = await startRedis({
    args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', String(await freePort())],
  });
  releases.push(() => server.stop());
  const admin = new Redis(server.url);
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  while (!(await admin.call('CLUSTER', 'INFO').then(String)).includes('cluster_state:ok'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  admin.disconnect();
  await wholeRun(`redis+cluster://127.0.0.1:${server.port}`);
});

async function startSentinel(master: number): Promise<number> {
  const dir = await mkdtemp(path.join(tmpdir(), 'keyturn-sentinel-'));
  const port = await freePort();
  const file = path.join(dir, 'sentinel.conf');
  await writeFile(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor mymaster 127.0.0.1 ${master} 1`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 3000',
      '',
    ].join('\n'),
  );
  const child: ChildProcess = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  releases.push(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await rm(dir, { recursive: true, force: true });
  });
  const probe = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on('error', () => undefined);
  while (!(await probe.call('SENTINEL', 'MASTER', 'mymaster').then(String)).includes('num-slaves,1'))
    await new Promise((resolve) => setTimeout(resolve, 50));
  probe.disconnect();
  return port;
}

test('a whole run by way of Sentinel, and on after a failover', async () => {
  const master = await startRedis();
  const replica = await startRedis({ replicaOf: master.port });
  releases.push(
    () => replica.stop(),
    () => master.stop(),
  );
  const url = `redis+sentinel://127.0.0.1:${await startSentinel(master.port)}/mymaster`;
  await wholeRun(url);
  const redis = await connectRedis(url, { role: 'journal', log: quiet });
  releases.push(() => disconnectRedis(redis));
  const journal = createJournal({ redis, decode: decodeNote, key, replicas: 1 });
  const made = await journal.create('r2', [note('first')], { ...by, requestId: 'q2' });
  if (made.kind !== 'created') throw new Error(made.kind);
  const approved = await journal.append('r2', made.head, [note('approved')], { ...by, confirm: true });
  await master.kill9();
  const alone = createJournal({ redis, decode: decodeNote, key });
  for (;;) {
    const result = await alone.append('r2', approved.head, [note('after')], { ...by, id: 'after' }).catch((error) => {
      if (error.code !== 'REDIS_UNREACHABLE') throw error;
    });
    if (result?.kind === 'appended') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect((await alone.read('r2')).map(({ event }) => event.text)).toEqual(['first', 'approved', 'after']);
}, 60_000);
