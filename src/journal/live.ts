import { z } from 'zod';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import { keys } from './keys.ts';

const liveSchema = z.strictObject({
  run: z.string(),
  step: z.string(),
  host: z.string(),
  attempt: z.number().int(),
  /** The end of what was printed so far, already masked. */
  text: z.string(),
  /** Everything printed so far. */
  bytes: z.number().int(),
  /** While a check is awaited: what was seen last, in words. */
  seen: z.string().optional(),
  /** Milliseconds since 1970. */
  at: z.number(),
});

/** What a running attempt prints just now. For watching only: gone after a day, and never part of the record. */
export type Live = z.infer<typeof liveSchema>;

export type LiveTails = {
  readonly set: (live: Live) => Promise<void>;
  readonly get: (run: string, step: string, host: string) => Promise<Live | undefined>;
};

/** A tool may be silent for hours, and a bot that starts meanwhile still shows what it printed before. */
const ttlSeconds = 24 * 60 * 60;

export function createLive(redis: RedisClient): LiveTails {
  return {
    set: async (live) => {
      const text = JSON.stringify(live);
      await speaking(() => redis.set(keys.live(live.run, live.step, live.host), text, 'EX', ttlSeconds));
      await speaking(() => redis.publish(keys.liveChannel, text));
    },
    get: async (run, step, host) => {
      const text = await speaking(() => redis.get(keys.live(run, step, host)));
      return text === null ? undefined : liveSchema.parse(JSON.parse(text));
    },
  };
}

export type SubscribeOptions = {
  /** A connection of the role `blocking`, for this subscription alone; closed on abort. It subscribes again by itself after an outage. */
  readonly redis: RedisClient;
  readonly onLive: (live: Live) => void;
  readonly signal: AbortSignal;
};

/** Returns once subscribed. What is published during an outage is missed; `get` has the latest. */
export async function subscribeLive({ redis, onLive, signal }: SubscribeOptions): Promise<void> {
  redis.on('message', (_channel: string, text: string) => {
    const live = parseLive(text);
    if (live !== undefined) onLive(live);
  });
  signal.addEventListener('abort', () => redis.disconnect(), { once: true });
  await redis.subscribe(keys.liveChannel);
}

/** The channel is open to whoever shares the Redis: what is not ours is passed over. */
function parseLive(text: string): Live | undefined {
  try {
    return liveSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
