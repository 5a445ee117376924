/** Receiving over HTTP: signed requests to `/slack/events`, from Slack and from now. Everything else is turned away before it is parsed. */
import type { IncomingMessage } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import { redact, slackLogger } from './log.ts';

export type Route = ConstructorParameters<typeof HTTPReceiver>[0]['customRoutes'];

export interface HttpDoor {
  readonly receiver: HTTPReceiver;
  /** KeyturnError SLACK_PORT_TAKEN. */
  open(): Promise<void>;
  isOpen(): boolean;
  /** Takes nothing new, and waits for the answers that are under way. */
  close(): Promise<void>;
}

export const EVENTS_PATH = '/slack/events';
const MOST_AHEAD_S = 300;

export function createHttpDoor(options: {
  readonly signingSecret: string;
  readonly port: number;
  readonly log: Logger;
  readonly routes: Route;
}): HttpDoor {
  const { signingSecret, port, log, routes } = options;
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: [EVENTS_PATH],
    customRoutes: routes ?? [],
    logger: slackLogger(log, 'slack-http'),
    dispatchErrorHandler: ({ response }) => {
      response.writeHead(404);
      response.end();
    },
    processEventErrorHandler: async ({ error, response }) => {
      log.error({ error: redact(error.message) }, 'a request from Slack could not be handled');
      if (!response.headersSent) response.writeHead(500);
      response.end();
      return false;
    },
  });
  refuseTheFuture(receiver, log);
  let open = false;
  return {
    receiver,
    async open() {
      await receiver.start(port).catch((error: Error) => {
        throw cannotListen(port, error);
      });
      open = true;
    },
    isOpen: () => open,
    async close() {
      if (!open) return;
      open = false;
      await receiver.stop();
    },
  };
}

/** Bolt refuses old timestamps only: a request signed for next year could be replayed until then. */
function refuseTheFuture(receiver: HTTPReceiver, log: Logger): void {
  const listener = receiver.requestListener;
  receiver.requestListener = (request, response) => {
    if (!isAhead(request, Date.now())) return listener(request, response);
    log.warn('a request with a timestamp more than five minutes ahead was refused; if it was from Slack, check the clock of this machine');
    response.writeHead(401);
    response.end();
  };
}

/** Pure. A missing or strange header is left to the check of the signature, which refuses it. */
export function isAhead(request: Pick<IncomingMessage, 'headers'>, nowMs: number): boolean {
  const seconds = Number(request.headers['x-slack-request-timestamp'] ?? '0');
  return seconds - nowMs / 1000 > MOST_AHEAD_S;
}

function cannotListen(port: number, error: Error): KeyturnError {
  return new KeyturnError(
    'SLACK_PORT_TAKEN',
    `Keyturn cannot listen on port ${port} for Slack: ${error.message}.`,
    'that nothing else uses this port, that it may be opened (below 1024 needs rights), or set PORT to another one.',
    { cause: error },
  );
}
