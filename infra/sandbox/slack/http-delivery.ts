/**
 * The other way to a bot: signed POSTs to its request URL, as Slack makes them.
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
import { createHmac } from 'node:crypto';
import type { Delivery, Parcel, Receipt } from './delivery.ts';
import { type JsonObject, jsonObjectSchema } from './model.ts';

export interface RawRequest {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds since the epoch for the signature; the clock's unless given. */
  readonly timestamp?: number;
  /** A signature to send instead of the right one. */
  readonly signature?: string;
}

/** `v0=` and the HMAC-SHA256 of version, timestamp and raw body. */
export function sign(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

export class HttpDelivery implements Delivery {
  private readonly requestUrl: string;
  private readonly secret: string;
  private readonly timeoutMs: number;
  private copies = 1;

  constructor(requestUrl: string, secret: string, timeoutMs: number) {
    this.requestUrl = requestUrl;
    this.secret = secret;
    this.timeoutMs = timeoutMs;
  }

  duplicateNext(): void {
    this.copies = 2;
  }

  async deliver(parcel: Parcel): Promise<Receipt> {
    const copies = this.copies;
    this.copies = 1;
    const request: RawRequest = { body: encode(parcel), headers: { ...contentType(parcel), ...retryHeaders(parcel) } };
    const receipts = await Promise.all(Array.from({ length: copies }, () => this.raw(request)));
    return receipts.find((each) => each.kind === 'acked') ?? receipts[0] ?? { kind: 'unreachable', withinMs: 0 };
  }

  /** Sends exactly this body, rightly signed unless the request says otherwise. */
  async raw(request: RawRequest): Promise<Receipt> {
    const timestamp = request.timestamp ?? Math.floor(Date.now() / 1000);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': request.signature ?? sign(this.secret, timestamp, request.body),
      ...request.headers,
    };
    const since = Date.now();
    try {
      const signal = AbortSignal.timeout(this.timeoutMs);
      const response = await fetch(this.requestUrl, { method: 'POST', headers, body: request.body, signal });
      return await receiptOf(response, since);
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      return { kind: timedOut ? 'timeout' : 'unreachable', withinMs: Date.now() - since };
    }
  }
}

async function receiptOf(response: Response, since: number): Promise<Receipt> {
  const text = await response.text();
  const withinMs = Date.now() - since;
  return response.ok ? { kind: 'acked', withinMs, body: ackBody(text) } : { kind: 'refused', withinMs, status: response.status };
}

/** A command may be answered in plain text or as JSON. */
function ackBody(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const parsed = jsonObjectSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : { text };
  } catch {
    return { text };
  }
}

function encode(parcel: Parcel): string {
  switch (parcel.kind) {
    case 'slash_commands':
      return new URLSearchParams(Object.entries(parcel.payload).map(([key, value]): [string, string] => [key, String(value)])).toString();
    case 'interactive':
      return new URLSearchParams({ payload: JSON.stringify(parcel.payload) }).toString();
    case 'events_api':
      return JSON.stringify(parcel.payload);
  }
}

function contentType(parcel: Parcel): Readonly<Record<string, string>> {
  return parcel.kind === 'events_api' ? { 'content-type': 'application/json' } : {};
}

function retryHeaders(parcel: Parcel): Readonly<Record<string, string>> {
  if (parcel.retry === undefined) return {};
  return { 'x-slack-retry-num': String(parcel.retry.attempt), 'x-slack-retry-reason': parcel.retry.reason };
}
