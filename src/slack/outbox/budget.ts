/** Token buckets: how many calls of a kind may be made now. Slack's numbers: chat.postMessage about one a second and channel, chat.update 50 a minute and workspace. */
export type Rate = { readonly burst: number; readonly perSecond: number };

export type Limits = {
  readonly post: Rate;
  readonly update: Rate;
  /** Updates kept back for what is final: progress yields to them. */
  readonly updateReserve: number;
  /** One message is not updated more often than this while it is not final, in milliseconds; see `liveEvery` for what goes on for long. */
  readonly liveEveryMs: number;
  /** An attempt under way is posted only after this: a short one costs a single call. Milliseconds. */
  readonly firstSightMs: number;
  /** The same for one that has printed nothing. */
  readonly silentSightMs: number;
};

export const LIMITS: Limits = {
  post: { burst: 5, perSecond: 1 },
  update: { burst: 10, perSecond: 0.8 },
  updateReserve: 4,
  liveEveryMs: 3_000,
  firstSightMs: 700,
  silentSightMs: 5_000,
};

/** A method of Slack's, and whose share of it is asked for: rates may be by channel, a wait that Slack orders is by method. */
export type Ask = {
  readonly method: string;
  readonly share?: string;
  readonly rate: Rate;
  readonly now: number;
  readonly reserve?: number;
};

export interface Budget {
  /** Takes one, or says how many milliseconds to wait before asking again. */
  take(ask: Ask): number;
  /** Slack said: none of this method before this time. */
  block(method: string, until: number): void;
}

type Bucket = { tokens: number; at: number };

/** Times are milliseconds of any one clock. */
export function createBudget(): Budget {
  const buckets = new Map<string, Bucket>();
  const blocked = new Map<string, number>();

  function bucketOf({ method, share, rate, now }: Ask): Bucket {
    const key = `${method} ${share ?? ''}`;
    const known = buckets.get(key) ?? { tokens: rate.burst, at: now };
    known.tokens = Math.min(rate.burst, known.tokens + ((now - known.at) / 1000) * rate.perSecond);
    known.at = now;
    buckets.set(key, known);
    return known;
  }

  return {
    take(ask) {
      const until = blocked.get(ask.method) ?? 0;
      if (ask.now < until) return until - ask.now;
      const bucket = bucketOf(ask);
      const missing = 1 + (ask.reserve ?? 0) - bucket.tokens;
      if (missing > 0) return Math.ceil((missing / ask.rate.perSecond) * 1000);
      bucket.tokens -= 1;
      return 0;
    },
    block: (method, until) => {
      blocked.set(method, Math.max(until, blocked.get(method) ?? 0));
    },
  };
}
