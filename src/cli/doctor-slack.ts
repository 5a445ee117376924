/** The tokens and what they may do: two calls that change nothing. */
import { WebClient } from '@slack/web-api';
import pino from 'pino';
import type { SlackConfig } from '../config.ts';
import { type Channel, createChannels, whyNotHere } from '../slack/channels.ts';
import { webFailure } from '../slack/failure.ts';
import { slackLogger } from '../slack/log.ts';
import {
  createWebClient,
  FILE_SCOPE,
  identify,
  MENTION_EVENT,
  MENTION_SCOPE,
  signInProblem,
  WANTED_SCOPES,
  WEB_TIMEOUT_MS,
} from '../slack/web.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';

/** What the cluster files ask of Slack: ids of user groups and of channels. */
export type Wanted = { readonly groups: readonly string[]; readonly channels: readonly string[] };

export async function checkSlack(slack: SlackConfig, { groups, channels }: Wanted): Promise<readonly Finding[]> {
  const [bot, transport] = await Promise.all([checkBot(slack, groups), checkTransport(slack)]);
  // With a token that is refused, every channel would only say so again.
  return bot.some(({ kind }) => kind === 'failed') ? [...bot, transport] : [...bot, transport, ...(await checkChannels(slack, channels))];
}

async function checkChannels(slack: SlackConfig, ids: readonly string[]): Promise<readonly Finding[]> {
  const channels = createChannels(createWebClient(slack, pino({ level: 'silent' })));
  return Promise.all(ids.map(async (id) => judgeChannel(id, await channels.look({ id }))));
}

/** Pure. */
function judgeChannel(id: string, channel: Channel): Finding {
  const what = `channel ${id}`;
  const why = whyNotHere(channel);
  if (why === undefined) return ok(what, 'Keyturn is in it');
  const isMissing = channel.kind === 'hidden' || (channel.kind === 'channel' && !channel.member);
  const check = `type \`/invite @Keyturn\` in it; the id stands under \`channels\` or \`announce\` in a cluster file`;
  return isMissing
    ? { kind: 'failed', what, note: 'Keyturn is not in it, or it does not exist', check }
    : { kind: 'failed', what, note: why, check };
}

async function checkBot(slack: SlackConfig, groups: readonly string[]): Promise<readonly Finding[]> {
  const wantedScopes = groups.length === 0 ? WANTED_SCOPES : [...WANTED_SCOPES, 'usergroups:read'];
  try {
    const { team, botUserId, scopes } = await identify(createWebClient(slack, pino({ level: 'silent' })), { wantedScopes });
    return [ok('Slack', `signed in to ${team} as ${botUserId}`), ...judgeMentions(scopes), ...judgeFiles(scopes)];
  } catch (error) {
    return [failed('Slack', error)];
  }
}

/** An app that was installed before there were mentions goes on working. Pure. */
function judgeMentions(scopes: readonly string[] | undefined): readonly Finding[] {
  if (scopes === undefined || scopes.includes(MENTION_SCOPE)) return [];
  const how = `add the bot scope ${MENTION_SCOPE} and the event ${MENTION_EVENT} (docs/slack-setup.md, Mentions), then reinstall the app`;
  return [warning('Slack mentions', `@Keyturn in a run's thread is not heard; buttons and /ha work. To have it, ${how}`)];
}

function judgeFiles(scopes: readonly string[] | undefined): readonly Finding[] {
  if (scopes === undefined || scopes.includes(FILE_SCOPE)) return [];
  return [
    warning(
      'Slack files',
      `long outputs and /ha export do not come into threads as files; add the bot scope ${FILE_SCOPE}, then reinstall the app`,
    ),
  ];
}

async function checkTransport({ transport, apiUrl }: SlackConfig): Promise<Finding> {
  if (transport.kind === 'http')
    return ok('Slack by HTTP', `Slack must reach /slack/events on port ${transport.port}; it is tried with the first command`);
  const web = new WebClient(transport.appToken, {
    slackApiUrl: apiUrl,
    logger: slackLogger(pino({ level: 'silent' }), 'doctor'),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: WEB_TIMEOUT_MS,
  });
  try {
    await web.apps.connections.open({});
    return ok('Slack by Socket Mode', 'a connection would be given');
  } catch (error) {
    return failed('Slack by Socket Mode', signInProblem('SLACK_APP_TOKEN', webFailure(error), apiUrl));
  }
}
