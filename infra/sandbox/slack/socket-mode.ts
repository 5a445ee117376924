/**
 * Slack's end of Socket Mode: connection URLs, hello, envelopes, acknowledgements, disconnects, pings.
 * Leaves what is in a payload to `payloads.ts`, and what a person sees of a failure to `people.ts`.
 *
 * Invariants
 *  S1  a connection URL opens one connection, once
 *  S2  each payload goes to one of the open connections, in turn (twice only when a test ordered it)
 *  S3  a receipt is given once: at the first acknowledgement, or when the patience is over
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Delivery, Parcel, Receipt } from './delivery.ts';
import { isObject, str } from './find.ts';
import { type JsonObject, jsonObjectSchema } from './model.ts';
import type { Settings } from './options.ts';
import type { World } from './world.ts';

const MAX_CONNECTIONS = 10;
const PING_EVERY_MS = 10_000;
const CONNECTION_SECONDS = 18_060;
/** Slack warns about ten seconds ahead; the sandbox does not keep a test waiting so long. */
const WARNING_LEAD_MS = 500;

export type DropHow = 'abrupt' | 'refresh_requested' | 'warning' | 'link_disabled';

interface Waiting {
  readonly since: number;
  settle(receipt: Receipt): void;
}

export class SocketMode implements Delivery {
  private readonly world: World;
  private readonly settings: Settings;
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024 });
  private readonly tickets = new Set<string>();
  private readonly open: WebSocket[] = [];
  private readonly waiting = new Map<string, Waiting>();
  private readonly pinger: NodeJS.Timeout;
  private turn = 0;
  private copies = 1;

  constructor(world: World, settings: Settings) {
    this.world = world;
    this.settings = settings;
    this.pinger = setInterval(() => this.pingAll(), PING_EVERY_MS);
    this.pinger.unref();
  }

  get connections(): number {
    return this.open.length;
  }

  /** S1: for apps.connections.open. */
  issueTicket(): string {
    const ticket = randomUUID();
    this.tickets.add(ticket);
    return ticket;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://sandbox').searchParams.get('ticket') ?? '';
    if (!this.tickets.delete(ticket)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.server.handleUpgrade(request, socket, head, (ws) => this.accept(ws));
  }

  private accept(ws: WebSocket): void {
    ws.on('error', () => ws.terminate());
    if (this.open.length >= MAX_CONNECTIONS) {
      ws.send(JSON.stringify(disconnect('too_many_websockets')), () => ws.close());
      return;
    }
    this.open.push(ws);
    ws.on('message', (data) => this.receive(String(data)));
    ws.on('close', () => this.forget(ws));
    ws.send(JSON.stringify(this.hello()));
    this.world.announce({ kind: 'connections', open: this.open.length });
  }

  private hello(): JsonObject {
    return {
      type: 'hello',
      num_connections: this.open.length,
      debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: CONNECTION_SECONDS },
      connection_info: { app_id: this.world.app.id },
    };
  }

  private forget(ws: WebSocket): void {
    const at = this.open.indexOf(ws);
    if (at < 0) return;
    this.open.splice(at, 1);
    this.world.announce({ kind: 'connections', open: this.open.length });
  }

  private receive(text: string): void {
    const parsed = jsonObjectSchema.safeParse(parseJson(text));
    const id = parsed.success ? str(parsed.data, 'envelope_id') : undefined;
    const waiting = id === undefined ? undefined : this.waiting.get(id);
    if (!parsed.success || id === undefined || waiting === undefined) return;
    this.waiting.delete(id);
    const body = isObject(parsed.data.payload) ? parsed.data.payload : {};
    waiting.settle({ kind: 'acked', withinMs: Date.now() - waiting.since, body });
  }

  deliver(parcel: Parcel): Promise<Receipt> {
    const targets = this.pick();
    if (targets.length === 0) return Promise.resolve({ kind: 'unreachable', withinMs: 0 });
    const envelope = { envelope_id: randomUUID(), ...envelopeOf(parcel) };
    return new Promise((resolve) => {
      const since = Date.now();
      const timer = setTimeout(() => this.giveUp(envelope.envelope_id), this.settings.ackTimeoutMs);
      const settle = (receipt: Receipt): void => {
        clearTimeout(timer);
        resolve(receipt);
      };
      this.waiting.set(envelope.envelope_id, { since, settle });
      for (const ws of targets) ws.send(JSON.stringify(envelope));
    });
  }

  private giveUp(id: string): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.settle({ kind: 'timeout', withinMs: Date.now() - waiting.since });
  }

  /** S2: round robin, so that two connections both get work. */
  private pick(): readonly WebSocket[] {
    const copies = this.open.length === 0 ? 0 : this.copies;
    this.copies = 1;
    return Array.from({ length: copies }, () => this.open[this.turn++ % this.open.length]).filter((ws) => ws !== undefined);
  }

  duplicateNext(): void {
    this.copies = 2;
  }

  /** Ends `count` connections (all unless said) the way Slack does, or by cutting the line. */
  drop(how: DropHow, count = this.open.length): void {
    for (const ws of this.open.slice(0, count)) {
      if (how === 'abrupt') ws.terminate();
      else this.dismiss(ws, how);
    }
  }

  private dismiss(ws: WebSocket, reason: Exclude<DropHow, 'abrupt'>): void {
    ws.send(JSON.stringify(disconnect(reason)));
    if (reason === 'warning') setTimeout(() => this.dismiss(ws, 'refresh_requested'), WARNING_LEAD_MS).unref();
    else setTimeout(() => ws.close(), WARNING_LEAD_MS).unref();
  }

  private pingAll(): void {
    for (const ws of this.open) ws.ping('Ping from sandbox');
  }

  close(): void {
    clearInterval(this.pinger);
    for (const id of [...this.waiting.keys()]) this.giveUp(id);
    for (const ws of [...this.open]) ws.terminate();
    this.server.close();
  }
}

function envelopeOf(parcel: Parcel): JsonObject {
  const retry = parcel.retry === undefined ? {} : { retry_attempt: parcel.retry.attempt, retry_reason: parcel.retry.reason };
  const first = parcel.kind === 'events_api' ? { retry_attempt: 0, retry_reason: '' } : {};
  return { type: parcel.kind, payload: parcel.payload, accepts_response_payload: parcel.accepts, ...first, ...retry };
}

function disconnect(reason: string): JsonObject {
  return { type: 'disconnect', reason, debug_info: { host: 'sandbox' } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
