/** Slack's published rates as sliding windows, per method and workspace or channel. */

export interface RateRule {
  readonly max: number;
  readonly windowMs: number;
  readonly per: 'workspace' | 'channel';
}
export type RateRules = Readonly<Record<string, readonly RateRule[]>>;

const perMinute = (max: number): readonly RateRule[] => [{ max, windowMs: 60_000, per: 'workspace' }];
const tier = (max: number, methods: readonly string[]): RateRules => Object.fromEntries(methods.map((method) => [method, perMinute(max)]));

/** chat.postMessage: one a second in each channel with room for a short burst, and a ceiling for the workspace. */
export const DEFAULT_RATES: RateRules = {
  'chat.postMessage': [
    { max: 12, windowMs: 10_000, per: 'channel' },
    { max: 300, windowMs: 60_000, per: 'workspace' },
  ],
  ...tier(20, ['conversations.list', 'users.list', 'usergroups.list', 'usergroups.users.list']),
  ...tier(50, ['chat.update', 'chat.delete', 'conversations.replies', 'conversations.history', 'conversations.info', 'reactions.add']),
  ...tier(50, ['apps.connections.open']),
  ...tier(100, ['views.open', 'views.update', 'views.push', 'views.publish', 'chat.postEphemeral', 'users.info', 'conversations.members']),
  ...tier(100, ['files.getUploadURLExternal', 'files.completeUploadExternal', 'files.info']),
};

/** Remembers when each budget was used. A call over the limit is refused and costs nothing. */
export class RateLimiter {
  private readonly rules: RateRules;
  private readonly now: () => number;
  private readonly used = new Map<string, number[]>();

  constructor(rules: RateRules | 'off', now: () => number) {
    this.rules = rules === 'off' ? {} : rules;
    this.now = now;
  }

  /** Seconds to wait (Retry-After, at least 1), or 0 when the call may go on. */
  take(method: string, channel: string): number {
    const rules = this.rules[method] ?? [];
    const waits = rules.map((rule, index) => this.waitMs(this.recent(method, channel, rule, index), rule));
    const wait = Math.max(0, ...waits);
    if (wait > 0) return Math.max(1, Math.ceil(wait / 1000));
    rules.forEach((rule, index) => {
      this.recent(method, channel, rule, index).push(this.now());
    });
    return 0;
  }

  private recent(method: string, channel: string, rule: RateRule, index: number): number[] {
    const key = `${method} ${index} ${rule.per === 'channel' ? channel : ''}`;
    const since = this.now() - rule.windowMs;
    const times = (this.used.get(key) ?? []).filter((at) => at > since);
    this.used.set(key, times);
    return times;
  }

  private waitMs(times: readonly number[], rule: RateRule): number {
    const oldest = times[times.length - rule.max];
    return oldest === undefined ? 0 : oldest + rule.windowMs - this.now();
  }
}
