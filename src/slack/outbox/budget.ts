/** Token buckets: how many calls of a kind may be made now. Slack's numbers: chat.postMessage about one a second and channel, chat.update 50 a minute and workspace. */
export type Rate = { readonly burst: number; readonly perSecond: number };

export type Limits = {
  readonly post: Rate;
  readonly update: Rate;
  /** One message is not updated more often than this while it is not final, in milliseconds. */
  readonly liveEveryMs: number;
};

export const LIMITS: Limits = { post: { burst: 5, perSecond: 1 }, update: { burst: 10, perSecond: 0.8 }, liveEveryMs: 3_000 };

export interface Budget {
  /** Takes one, or says how many milliseconds to wait before asking again. */
  take(kind: string, rate: Rate, now: number): number;
  /** Slack said: not before this time. */
  block(kind: string, until: number): void;
}

type Bucket = { tokens: number; at: number; blockedUntil: number };

export function createBudget(): Budget {
  const buckets = new Map<string, Bucket>();

  function bucketOf(kind: string, rate: Rate, now: number): Bucket {
    const known = buckets.get(kind) ?? { tokens: rate.burst, at: now, blockedUntil: 0 };
    known.tokens = Math.min(rate.burst, known.tokens + ((now - known.at) / 1000) * rate.perSecond);
    known.at = now;
    buckets.set(kind, known);
    return known;
  }

  return {
    take(kind, rate, now) {
      const bucket = bucketOf(kind, rate, now);
      if (now < bucket.blockedUntil) return bucket.blockedUntil - now;
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000);
      bucket.tokens -= 1;
      return 0;
    },
    block(kind, until) {
      const bucket = buckets.get(kind) ?? { tokens: 0, at: until, blockedUntil: until };
      bucket.blockedUntil = until;
      buckets.set(kind, bucket);
    },
  };
}
