/**
 * The Web API client for questions and private answers (people, channels, modals). Posting into channels is the outbox's, with a client of its
 * own: the two must not share a queue, nor one options object (the library writes into it).
 */
import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { SlackConfig } from '../config.ts';
import { KeyturnError } from '../errors.ts';
import { sayFailure, type WebFailure, webFailure } from './failure.ts';
import { slackLogger } from './log.ts';

/** The app as Slack knows it, from one `auth.test` at the start. */
export type Identity = {
  readonly teamId: string;
  readonly enterpriseId: string | undefined;
  readonly botUserId: string;
  readonly botId: string | undefined;
  readonly team: string;
  readonly url: string;
  /** The scopes that were granted, where Slack says so. */
  readonly scopes?: readonly string[];
};

/** Without these nothing works, so they are asked for at the start. */
const NEEDED_SCOPES = ['commands', 'chat:write', 'users:read', 'channels:read', 'channels:history'] as const;

/** What the manifests under `infra/slack/` ask for, but for mentions: the same, and what private channels need besides. */
export const WANTED_SCOPES = [...NEEDED_SCOPES, 'groups:read', 'groups:history'] as const;

/** Without it `@Keyturn …` in a thread is not heard, and everything else works. */
export const MENTION_SCOPE = 'app_mentions:read';
/** Without it no file is put into a thread (long outputs, exports), and everything else works. */
export const FILE_SCOPE = 'files:write';
export const MENTION_EVENT = 'app_mention';
/** Replies in threads, which become notes. Slack sends them for each kind of channel by a subscription of its own, all under one type. */
export const MESSAGE_EVENT = 'message';
export const MESSAGE_SUBSCRIPTIONS = ['message.channels', 'message.groups'] as const;

export const WEB_TIMEOUT_MS = 10_000;

/** What the Web API is spoken to with. */
export type WebAccess = Pick<SlackConfig, 'botToken' | 'apiUrl'>;

/** Never retries by itself: a call whose answer was lost may have been carried out. Never holds other calls back because of one rate limit. */
export function createWebClient(slack: WebAccess, log: Logger): WebClient {
  return new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    logger: slackLogger(log, 'slack-web'),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: WEB_TIMEOUT_MS,
    allowAbsoluteUrls: false,
  });
}

/** Signs in once. Throws KeyturnError: SLACK_TOKEN_REFUSED, SLACK_UNREACHABLE or SLACK_SCOPES_MISSING. */
export async function identify(web: WebClient, options: { readonly wantedScopes?: readonly string[] } = {}): Promise<Identity> {
  const answer = await web.auth.test().catch((error: unknown) => {
    throw signInProblem('SLACK_BOT_TOKEN', webFailure(error), web.slackApiUrl);
  });
  const { team_id: teamId, user_id: botUserId, bot_id: botId } = answer;
  if (teamId === undefined || botUserId === undefined) {
    throw new KeyturnError(
      'SLACK_TOKEN_REFUSED',
      'SLACK_BOT_TOKEN belongs to no bot: auth.test names no bot user.',
      'that the value is the Bot User OAuth Token (xoxb-…) of your Keyturn app, not the token of a person.',
    );
  }
  const scopes = answer.response_metadata?.scopes;
  checkScopes(scopes, options.wantedScopes ?? NEEDED_SCOPES);
  const named = { team: answer.team ?? teamId, url: answer.url ?? '' };
  return { teamId, enterpriseId: answer.enterprise_id, botUserId, botId, ...named, ...(scopes === undefined ? {} : { scopes }) };
}

/** Slack lists the granted scopes in a header; where it does not (a proxy took it away), the first call that lacks one says so. */
function checkScopes(granted: readonly string[] | undefined, wanted: readonly string[]): void {
  if (granted === undefined) return;
  const missing = wanted.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return;
  throw new KeyturnError(
    'SLACK_SCOPES_MISSING',
    `The Slack app lacks the bot ${missing.length === 1 ? 'scope' : 'scopes'} ${missing.join(', ')}.`,
    'api.slack.com/apps → your app → OAuth & Permissions → Bot Token Scopes: add them, then press Reinstall to Workspace.',
  );
}

const REFUSALS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'no_permission',
];

/** The error for a token that Slack refused or could not be asked about. `which` is the variable that holds it. */
export function signInProblem(which: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', failure: WebFailure, apiUrl: string): KeyturnError {
  if (failure.kind === 'said' && (REFUSALS.includes(failure.code) || failure.code === 'missing_scope')) {
    return tokenRefused(which, failure.code);
  }
  const { host, origin } = new URL(apiUrl);
  return new KeyturnError(
    'SLACK_UNREACHABLE',
    `Slack at ${host} could not be used: ${sayFailure(failure)}.`,
    `that this machine reaches ${origin} (DNS, proxy, firewall), that SLACK_API_URL is right, and Slack's status page.`,
  );
}

function tokenRefused(which: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', code: string): KeyturnError {
  const bot = which === 'SLACK_BOT_TOKEN';
  return new KeyturnError(
    bot ? 'SLACK_TOKEN_REFUSED' : 'SLACK_APP_TOKEN_REFUSED',
    `Slack refused ${which} (${code}).`,
    bot
      ? 'api.slack.com/apps → your app → OAuth & Permissions: copy the Bot User OAuth Token again; if the app was removed, install it again.'
      : 'api.slack.com/apps → your app → Basic Information → App-Level Tokens: the token needs connections:write; Socket Mode must be switched on.',
  );
}
