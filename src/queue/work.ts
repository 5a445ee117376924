import { type Job, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { codeOf, explain } from '../errors.ts';
import { keys, queueName, tag } from '../journal/keys.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../redis/connect.ts';
import { redisFailure } from '../redis/failure.ts';
import { createDrives, type Drives, type Handler, Interrupted } from './drives.ts';
import { createLocks, type Locks } from './locks.ts';

export type { Handler } from './drives.ts';

/** `close` lets handlers work on for the grace, then stops them and leaves their jobs to others. */
export type Working = { readonly close: () => Promise<void> };

export type WorkOptions = {
  readonly url: string;
  readonly log: Logger;
  readonly handler: Handler;
  readonly concurrency?: number;
  readonly lockMs?: number;
  readonly stalledMs?: number;
  readonly graceMs?: number;
};

const lookSchema = z.object({ run: z.string() });
const probeSchema = z.object({ id: z.string() });

/** Delay before the n-th further attempt, in milliseconds: 0.5 s, doubling, up to 15 s; none for a handler that was merely stopped (N4). */
export function backoff(attempts: number, error: Error | undefined): number {
  if (error instanceof Interrupted) return 0;
  return Math.min(500 * 2 ** Math.min(attempts - 1, 10), 15_000);
}

/** Works the queue in this process until closed. */
export async function startWork(options: WorkOptions): Promise<Working> {
  const { url, log, handler, concurrency = 20, lockMs = 10_000, stalledMs = 5000, graceMs = 10_000 } = options;
  const redis = await connectRedis(url, { role: 'blocking', log });
  const drives = createDrives(handler);
  const locks = createLocks(lockMs);
  const worker = new Worker(queueName, (job: Job) => processJob(job, { redis, drives, locks, log }), {
    connection: redis,
    prefix: tag,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledMs,
    maxStalledCount: 1_000_000,
    drainDelay: 5,
    settings: { backoffStrategy: (attempts, _type, error) => backoff(attempts, error) },
  });
  const watching = watchLocks(worker, drives, locks, lockMs, log);
  await worker.waitUntilReady();
  let closing: Promise<void> | undefined;
  return {
    close: () => {
      closing ??= close({ worker, drives, redis, watching, graceMs });
      return closing;
    },
  };
}

type Parts = { readonly redis: RedisClient; readonly drives: Drives; readonly locks: Locks; readonly log: Logger };

async function processJob(job: Job, { redis, drives, locks, log }: Parts): Promise<void> {
  if (job.name === 'probe') {
    await redis.set(keys.probe(probeSchema.parse(job.data).id), '1', 'EX', 60);
    return;
  }
  const { run } = lookSchema.parse(job.data);
  const id = job.id ?? run;
  locks.hold(id, run, performance.now());
  try {
    await drives.look(run);
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      const failure = redisFailure(error);
      // That passes by itself, and is told by the connection.
      const level = codeOf(failure) === 'REDIS_UNREACHABLE' ? 'warn' : 'error';
      log[level]({ run, reason: explain(failure) }, 'looking at a run failed, trying again later');
    }
    throw error;
  } finally {
    locks.drop(id);
  }
}

/** Keeps N2. A refused renewal is told by an event; a renewal that could not be asked for only by its absence. */
function watchLocks(worker: Worker, drives: Drives, locks: Locks, lockMs: number, log: Logger): NodeJS.Timeout {
  worker.on('locksRenewed', ({ jobIds }) => locks.renewed(jobIds, performance.now()));
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const job of jobIds) drives.stop('the lock was lost', locks.runOf(job) ?? '');
  });
  worker.on('error', (error) => log.debug({ reason: error.message }, 'queue worker'));
  return setInterval(() => {
    for (const run of locks.overdue(performance.now())) drives.stop('the lock was not renewed in time', run);
  }, lockMs / 4).unref();
}

type Closing = {
  readonly worker: Worker;
  readonly drives: Drives;
  readonly redis: RedisClient;
  readonly watching: NodeJS.Timeout;
  readonly graceMs: number;
};

/** Longer than Redis takes to hear what became of the jobs, where it hears anything. */
const CLOSE_MS = 2_000;

/** No new jobs from here on; then grace, signal, and once more the same grace for handlers to heed it. */
async function close({ worker, drives, redis, watching, graceMs }: Closing): Promise<void> {
  await worker.pause(true);
  if (!(await within(drives.idle(), graceMs))) drives.stop('this process stops');
  const allEnded = await within(drives.idle(), graceMs);
  // A handler that does not heed its signal must not hold the process, and neither must a Redis that is away; jobs are taken over when their locks have run out.
  if (!allEnded || !(await within(worker.close(), CLOSE_MS))) await within(worker.close(true), 1000);
  clearInterval(watching);
  await disconnectRedis(redis);
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}
