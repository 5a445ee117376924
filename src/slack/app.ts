/**
 * The Slack edge: Bolt, put together by hand. Owns receiving (commands, clicks, forms, mentions), acknowledging, private answers and forms; leaves posting
 * to the outbox, and every decision to the desk.
 *
 * 1. Durable first, then acknowledged: the acknowledgement follows what the desk wrote, or a word that it takes longer (`answer.ts`). Mentions are
 *    events, which Bolt acknowledges itself: one that was lost with the process gets no answer, and is written again.
 * 2. Slack never decides about the life of the process: no failure of a link, an acknowledgement or an answer goes beyond a log line.
 * 3. Every options object is made for one client alone; no retries, for the fate of a lost call is unknown.
 * 4. Each envelope is acknowledged by exactly one listener: one for each kind, which routes by itself.
 */
import { App, type Receiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { SlackConfig } from '../config.ts';
import type { Prover } from '../factor/verdict.ts';
import type { RunRecord } from '../record/model.ts';
import { createChannels } from './channels.ts';
import type { Directory } from './directory.ts';
import { createUploader } from './files.ts';
import { createMissedNotes, type MissedNotes } from './missed-notes.ts';
import { formOpener } from './forms.ts';
import { createHttpDoor, type HttpDoor, type Route } from './http-door.ts';
import { createInflight } from './inflight.ts';
import { type Handlers, listen } from './listeners.ts';
import { redact, slackLogger } from './log.ts';
import { createFirstOf } from './past-thread.ts';
import type { Office } from './office.ts';
import type { Desk } from './ports.ts';
import { createSocketLink, type LinkState, type SocketLink } from './socket-link.ts';
import { type Identity, WEB_TIMEOUT_MS } from './web.ts';

export type SlackOptions = {
  readonly config: SlackConfig;
  readonly identity: Identity;
  readonly desk: Desk;
  readonly web: WebClient;
  readonly directory: Directory;
  readonly factors: Prover;
  readonly log: Logger;
  readonly history?: Office['history'];
  readonly afterwardsOf?: Office['afterwardsOf'];
  permalinkOf(run: string): Promise<string | undefined>;
  threadOf(run: string): Promise<string | undefined>;
  recordOf(run: string): Promise<RunRecord | undefined>;
  /** HTTP only: other paths on the same port, such as a health check. */
  readonly routes?: Route;
};

export type Readiness = { readonly ready: boolean; readonly links: readonly LinkState[] };

export interface Slack {
  /** Resolves when commands can arrive. KeyturnError: SLACK_APP_TOKEN_REFUSED, SLACK_UNREACHABLE, SLACK_PORT_TAKEN. */
  start(): Promise<void>;
  /** Waits for what is being handled, then for the connections to close. Never rejects. */
  close(): Promise<void>;
  /** From the connections themselves, now. One live connection is enough: any of them may carry any payload. */
  ready(): Readiness;
}

const DRAIN_MS = 10_000;

export function createSlack(options: SlackOptions): Slack {
  const { config, log, web, desk, directory, factors } = options;
  const inflight = createInflight();
  const office: Office = {
    desk,
    directory,
    factors,
    log,
    history: options.history,
    afterwardsOf: options.afterwardsOf,
    channels: createChannels(web),
    permalinkOf: (run) => options.permalinkOf(run),
    threadOf: (run) => options.threadOf(run),
    recordOf: (run) => options.recordOf(run),
    firstOf: createFirstOf(web),
    upload: createUploader(web),
    openForm: formOpener(web),
  };
  const handlers: Handlers = { office, web, inflight, log, bot: options.identity.botUserId };
  const slack =
    config.transport.kind === 'socket'
      ? bySocket(options, handlers, config.transport.appToken)
      : byHttp(options, handlers, config.transport.signingSecret, config.transport.port);
  return withMissedNotes(slack, createMissedNotes(handlers));
}

/** Only once commands arrive: what is written from then on is heard, so that nothing falls between the two. */
function withMissedNotes(slack: Slack, missed: MissedNotes): Slack {
  return {
    ...slack,
    async start() {
      await slack.start();
      missed.start();
    },
    async close() {
      missed.close();
      await slack.close();
    },
  };
}

/** Two connections: while one is being renewed, which Slack asks for every few hours, the other one hears. */
function bySocket(options: SlackOptions, handlers: Handlers, appToken: string): Slack {
  const { config, log } = options;
  const make = (name: string): SocketLink => createSocketLink({ name, appToken, apiUrl: config.apiUrl, log });
  const links = [make('socket-1'), make('socket-2')];
  const app = createApp(options, handlers, links[0]?.receiver);
  for (const link of links.slice(1)) link.receiver.init(app);
  return {
    async start() {
      await app.init();
      for (const link of links) link.open();
      try {
        await Promise.any(links.map((link) => link.first()));
      } catch (error) {
        await Promise.all(links.map((link) => link.close()));
        throw error instanceof AggregateError ? error.errors[0] : error;
      }
    },
    async close() {
      await drain(handlers, log);
      await Promise.all(links.map((link) => link.close()));
    },
    ready() {
      const states = links.map((link) => link.state());
      return { ready: states.some((link) => link.state === 'connected'), links: states };
    },
  };
}

function byHttp(options: SlackOptions, handlers: Handlers, signingSecret: string, port: number): Slack {
  const { log, routes } = options;
  const door: HttpDoor = createHttpDoor({ signingSecret, port, log, routes });
  const app = createApp(options, handlers, door.receiver);
  return {
    async start() {
      await app.init();
      await door.open();
    },
    async close() {
      await door.close().catch((error: unknown) => log.warn({ error: redact(String(error)) }, 'the HTTP port did not close cleanly'));
      await drain(handlers, log);
    },
    ready() {
      const state = door.isOpen() ? 'connected' : 'closed';
      return { ready: door.isOpen(), links: [{ name: `http-${port}`, state, why: undefined }] };
    },
  };
}

async function drain(handlers: Handlers, log: Logger): Promise<void> {
  if (!(await handlers.inflight.drained(DRAIN_MS))) log.warn('some requests from Slack were still being answered when Keyturn closed');
}

function createApp({ config, identity, log }: SlackOptions, handlers: Handlers, receiver: Receiver | undefined): App {
  const app = new App({
    ...(receiver === undefined ? {} : { receiver }),
    deferInitialization: true,
    // One auth.test at the start (`identify`), none for each request.
    authorize: async () => ({
      botToken: config.botToken,
      ...(identity.botId === undefined ? {} : { botId: identity.botId }),
      botUserId: identity.botUserId,
    }),
    convoStore: false,
    logger: slackLogger(log, 'slack'),
    clientOptions: {
      slackApiUrl: config.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: WEB_TIMEOUT_MS,
      // Bolt answers response_url with this, and gives it no time limit of its own.
      fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(WEB_TIMEOUT_MS) }),
    },
  });
  app.error(async (error) => log.error({ error: redact(error.message) }, 'a request from Slack could not be handled'));
  listen(app, handlers);
  return app;
}
