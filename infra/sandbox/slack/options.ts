/** What a sandbox can be told; every field has a default, so `startSandboxSlack()` is a whole workspace. */

import { DEFAULT_WORLD } from './default-world.ts';
import type { WorldSeed } from './model.ts';
import { DEFAULT_RATES, type RateRules } from './rate-limit.ts';

/** How the workspace reaches the bot: through its Socket Mode connections, or by signed POSTs to its request URL. */
export type DeliveryOptions =
  | { readonly kind: 'socket' }
  | { readonly kind: 'http'; readonly requestUrl: string; readonly signingSecret?: string };

export interface SandboxOptions {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  readonly host?: string;
  /** A file in which what was said is kept for the next start; without it everything is gone with the process. */
  readonly keep?: string;
  readonly world?: Partial<WorldSeed>;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** The bot token's scopes. */
  readonly scopes?: readonly string[];
  /** `off` never answers 429. */
  readonly rates?: RateRules | 'off';
  readonly delivery?: DeliveryOptions;
  /** Event types that the app is subscribed to. */
  readonly events?: readonly string[];
  /** Slack's patience with an acknowledgement, a trigger and a response URL, in milliseconds. */
  readonly ackTimeoutMs?: number;
  readonly triggerLifetimeMs?: number;
  readonly responseUrlLifetimeMs?: number;
  /** When an event without acknowledgement is delivered again, in milliseconds after each failure. */
  readonly eventRetryMs?: readonly number[];
}

export interface Settings extends Required<Omit<SandboxOptions, 'world' | 'keep'>> {
  readonly world: WorldSeed;
  readonly keep: string | undefined;
}

export const DEFAULT_SCOPES: readonly string[] = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'reactions:write',
  'team:read',
  'usergroups:read',
  'users:read',
];

export const DEFAULT_EVENTS: readonly string[] = [
  'app_mention',
  'app_home_opened',
  'channel_archive',
  'channel_shared',
  'member_joined_channel',
  'member_left_channel',
  'message',
  'subteam_members_changed',
  'user_change',
];

/** The tokens are for this sandbox only and open nothing else. */
export function settle(options: SandboxOptions): Settings {
  return {
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    keep: options.keep,
    world: { ...DEFAULT_WORLD, ...options.world },
    botToken: options.botToken ?? 'xoxb-sandbox-bot',
    appToken: options.appToken ?? 'xapp-sandbox-app',
    signingSecret: options.signingSecret ?? 'sandbox-signing-secret',
    scopes: options.scopes ?? DEFAULT_SCOPES,
    rates: options.rates ?? DEFAULT_RATES,
    delivery: options.delivery ?? { kind: 'socket' },
    events: options.events ?? DEFAULT_EVENTS,
    ackTimeoutMs: options.ackTimeoutMs ?? 3_000,
    triggerLifetimeMs: options.triggerLifetimeMs ?? 3_000,
    responseUrlLifetimeMs: options.responseUrlLifetimeMs ?? 30 * 60_000,
    eventRetryMs: options.eventRetryMs ?? [0, 60_000, 300_000],
  };
}
