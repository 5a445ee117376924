/**
 * The sandbox Slack: a workspace in memory behind Slack's real protocol, with people who act on order. An unmodified bot runs on it with
 * SLACK_API_URL pointing at `url`. This file puts the parts together; each part says at its head what it owns.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { KeyturnError } from '../../../src/errors.ts';
import { Calls } from './calls.ts';
import type { Core } from './core.ts';
import { Events } from './events.ts';
import { Faults } from './faults.ts';
import { sendText } from './http.ts';
import { HttpDelivery } from './http-delivery.ts';
import { keepWorld } from './keep.ts';
import { type SandboxOptions, type Settings, settle } from './options.ts';
import { pageRoute } from './page-routes.ts';
import { RateLimiter } from './rate-limit.ts';
import { botRoute } from './routes.ts';
import { SandboxSlack } from './sandbox.ts';
import { SocketMode } from './socket-mode.ts';
import { Tickets } from './tickets.ts';
import { World } from './world.ts';

export type { Call } from './calls.ts';
export { channel, user } from './default-world.ts';
export type { Fault } from './faults.ts';
export { blockText, controlsOf, visibleText } from './find.ts';
export type { Submitted } from './modals.ts';
export type { Channel, Ephemeral, JsonObject, Message, OpenView, User, Usergroup } from './model.ts';
export type { SandboxOptions } from './options.ts';
export type { Seen } from './people.ts';
export { SandboxSlack } from './sandbox.ts';

/** Starts a workspace; it listens when the promise resolves. */
export async function startSandboxSlack(options: SandboxOptions = {}): Promise<SandboxSlack> {
  const settings = settle(options);
  const server = createServer();
  const origin = await listen(server, settings);
  const core = build(settings, origin);
  const events = new Events(core);
  const slack = new SandboxSlack(core, events, () => shut(server));
  server.on('request', (request, response) => void serve(slack, core, request, response));
  server.on('upgrade', (request, socket, head) => core.sockets.upgrade(request, socket, head));
  return slack;
}

function build(settings: Settings, origin: string): Core {
  const now = (): number => Date.now();
  const world = new World(settings.world, now);
  if (settings.keep !== undefined) keepWorld(world, settings.keep);
  const sockets = new SocketMode(world, settings);
  const { delivery } = settings;
  const http = (url: string, secret: string): HttpDelivery => new HttpDelivery(url, secret, settings.ackTimeoutMs);
  return {
    settings,
    world,
    sockets,
    origin,
    now,
    tickets: new Tickets(world, settings, now),
    faults: new Faults(),
    calls: new Calls(),
    limiter: new RateLimiter(settings.rates, now),
    delivery: delivery.kind === 'socket' ? sockets : http(delivery.requestUrl, delivery.signingSecret ?? settings.signingSecret),
  };
}

async function serve(slack: SandboxSlack, core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', core.origin);
    if (await botRoute(core, url, request, response)) return;
    if (await pageRoute(slack, core, url, request, response)) return;
    sendText(response, 404, 'not found');
  } catch (error) {
    if (!response.headersSent) sendText(response, 500, error instanceof Error ? error.message : String(error));
  }
}

function listen(server: Server, settings: Settings): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(portProblem(settings, cause)));
    server.listen(settings.port, settings.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : settings.port;
      resolve(`http://${settings.host}:${port}`);
    });
  });
}

function portProblem(settings: Settings, cause: Error): KeyturnError {
  const message = `The sandbox Slack cannot listen on ${settings.host}:${settings.port}: ${cause.message}`;
  return new KeyturnError('SANDBOX_PORT', message, 'stop the program that has this port, or choose another one (0 takes a free one).', {
    cause,
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
