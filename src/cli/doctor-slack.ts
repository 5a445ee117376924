/** The tokens and what they may do: two calls that change nothing. */
import { WebClient } from '@slack/web-api';
import pino from 'pino';
import type { SlackConfig } from '../config.ts';
import { webFailure } from '../slack/failure.ts';
import { slackLogger } from '../slack/log.ts';
import { createWebClient, identify, signInProblem, WANTED_SCOPES, WEB_TIMEOUT_MS } from '../slack/web.ts';
import { type Finding, failed, ok } from './doctor-finding.ts';

export async function checkSlack(slack: SlackConfig, groups: readonly string[]): Promise<readonly Finding[]> {
  return Promise.all([checkBot(slack, groups), checkTransport(slack)]);
}

async function checkBot(slack: SlackConfig, groups: readonly string[]): Promise<Finding> {
  const wantedScopes = groups.length === 0 ? WANTED_SCOPES : [...WANTED_SCOPES, 'usergroups:read'];
  try {
    const { team, botUserId } = await identify(createWebClient(slack, pino({ level: 'silent' })), { wantedScopes });
    return ok('Slack', `signed in to ${team} as ${botUserId}`);
  } catch (error) {
    return failed('Slack', error);
  }
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
