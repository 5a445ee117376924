/**
 * Nudges: jobs that say "look at run R", over BullMQ. They carry no state and decide nothing; the journal does.
 * What a handler does with a run belongs to worker/; lost nudges are made again by the sweeper.
 *
 * N1. In one process a run is looked at by one handler at a time, and once more for nudges that came meanwhile. BullMQ gives a job to the
 *     same process again after a lost lock; that joins the handler which is at work.
 * N2. A handler whose lock is lost, or was not renewed in time, is told by its signal.
 * N3. A handler that throws is called again, later and later up to 15 s; the queue itself keeps that promise.
 * N4. A handler stopped by `close` leaves its job behind for another process, at once.
 */
import { randomUUID } from 'node:crypto';
import { type JobsOptions, Queue } from 'bullmq';
import type { Logger } from 'pino';
import { keys, queueName, tag } from '../journal/keys.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../redis/connect.ts';
import { redisFailure, speaking } from '../redis/failure.ts';
import { type Handler, startWork, type Working } from './work.ts';

export type { Handler, Working } from './work.ts';

export type Nudges = {
  /**
   * Has somebody look at the run. The job is named by run and key, neither holding a colon, and the key names its cause (a sequence number,
   * a time): while that job waits or is worked, the same nudge is nothing new; once it is done, it can be given again.
   * Throws KeyturnError `REDIS_UNREACHABLE` at once while Redis is away.
   */
  readonly nudge: (run: string, key: string, options?: { readonly delayMs?: number }) => Promise<void>;
  /** True while that job waits for its time or for a worker. */
  readonly isPending: (run: string, key: string) => Promise<boolean>;
  readonly work: (handler: Handler) => Promise<Working>;
  /** Sends a job through the queue to any worker and back; false if it did not come back in time. */
  readonly roundTrip: (timeoutMs: number) => Promise<boolean>;
  /** Jobs in the queue by their state. Throws KeyturnError `REDIS_UNREACHABLE`. */
  readonly counts: () => Promise<Readonly<Record<JobState, number>>>;
  readonly close: () => Promise<void>;
};

/** `waiting` for a worker, `active` in one, `delayed` until their time. */
export type JobState = 'waiting' | 'active' | 'delayed';

export type NudgesOptions = {
  readonly url: string;
  readonly log: Logger;
  /** Runs looked at side by side in this process; 20 unless told. */
  readonly concurrency?: number;
  /** How long a job belongs to a worker that says nothing, in milliseconds; 10000 unless told. */
  readonly lockMs?: number;
  /** How often abandoned jobs are looked for, in milliseconds; 5000 unless told. */
  readonly stalledMs?: number;
  /** How long `close` lets handlers work on before it stops them, in milliseconds; 10000 unless told. */
  readonly graceMs?: number;
};

/** N3: tried again for ever; and gone when done, since an id is free only then. */
const jobOptions: JobsOptions = { attempts: 1_000_000, backoff: { type: 'custom' }, removeOnComplete: true, removeOnFail: true };

export async function createNudges(options: NudgesOptions): Promise<Nudges> {
  const { url, log } = options;
  const redis = await connectRedis(url, { role: 'queue', log });
  const queue = new Queue(queueName, { connection: redis, prefix: tag, defaultJobOptions: jobOptions });
  queue.on('error', (error) => log.debug({ reason: error.message }, 'queue'));
  return {
    nudge: async (run, key, { delayMs = 0 } = {}) => {
      await speaking(() => queue.add('look', { run }, { jobId: `${run}.${key}`, delay: Math.max(0, Math.round(delayMs)) }));
    },
    isPending: async (run, key) => ['waiting', 'delayed'].includes(await speaking(() => queue.getJobState(`${run}.${key}`))),
    work: (handler) => startWork({ ...options, handler }),
    roundTrip: (timeoutMs) => roundTrip(queue, redis, timeoutMs).catch((error: unknown) => noTrip(log, error)),
    counts: async () => {
      const { waiting = 0, active = 0, delayed = 0 } = await speaking(() => queue.getJobCounts('waiting', 'active', 'delayed'));
      return { waiting, active, delayed };
    },
    close: async () => {
      await queue.close().catch(() => undefined);
      await disconnectRedis(redis);
    },
  };
}

/** The worker that gets the probe writes the key; whoever waits looks for it every 25 ms. */
async function roundTrip(queue: Queue, redis: RedisClient, timeoutMs: number): Promise<boolean> {
  const id = randomUUID();
  const deadline = performance.now() + timeoutMs;
  await queue.add('probe', { id }, { jobId: `probe.${id}` });
  while (performance.now() < deadline) {
    if ((await redis.del(keys.probe(id))) === 1) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await queue.remove(`probe.${id}`);
  return false;
}

function noTrip(log: Logger, error: unknown): false {
  log.debug({ reason: redisFailure(error) }, 'the queue could not be probed');
  return false;
}
