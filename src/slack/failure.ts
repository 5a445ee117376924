/** What a failed call to Slack's Web API means: every error shape of the client becomes one of four values. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';

export type WebFailure =
  /** Slack answered and said no: `code` is its word for it. */
  | { readonly kind: 'said'; readonly code: string }
  | { readonly kind: 'rateLimited'; readonly seconds: number }
  | { readonly kind: 'status'; readonly status: number }
  /** No answer, or one that cannot be read: refused, timed out, cut off. */
  | { readonly kind: 'unreachable'; readonly why: string };

export function webFailure(error: unknown): WebFailure {
  if (error instanceof WebAPIPlatformError) return { kind: 'said', code: error.data.error };
  if (error instanceof WebAPIRateLimitedError) return { kind: 'rateLimited', seconds: error.retryAfter };
  if (error instanceof WebAPIHTTPError) return { kind: 'status', status: error.statusCode };
  if (error instanceof WebAPIRequestError) return { kind: 'unreachable', why: deepest(error.original) };
  // A body that stalls rejects with a bare DOMException, which no class of the client wraps.
  return { kind: 'unreachable', why: deepest(error) };
}

/** Whether Slack could not be asked at all; else what it said is its word. */
export function isSilent(failure: WebFailure): boolean {
  return failure.kind !== 'said' || OUTAGES.includes(failure.code);
}

/** What Slack answers when it is in trouble itself. */
const OUTAGES = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

/** In a few words, for the middle of a sentence. */
export function sayFailure(failure: WebFailure): string {
  switch (failure.kind) {
    case 'said':
      return `Slack answered ${failure.code}`;
    case 'rateLimited':
      return `Slack asked to wait ${failure.seconds} s`;
    case 'status':
      return `Slack answered with HTTP status ${failure.status}`;
    case 'unreachable':
      return `Slack gave no answer (${failure.why})`;
  }
}

/** The reason under the wrappers: “fetch failed” alone tells an operator nothing. */
function deepest(error: unknown): string {
  let current = error;
  while (hasMessage(current) && hasMessage(current.cause)) current = current.cause;
  if (!hasMessage(current)) return String(current);
  if (current.name === 'TimeoutError' || current.name === 'AbortError') return 'timed out';
  const known = current.code === undefined ? undefined : REASONS[current.code];
  return known ?? (current.message === '' ? (current.code ?? current.name ?? 'no reason given') : current.message);
}

/** The system's commonest codes in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known here',
  EAI_AGAIN: 'its name could not be looked up just now',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut off',
  EHOSTUNREACH: 'there is no way to that network',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'timed out',
};

type Worded = { readonly message: string; readonly name?: string; readonly code?: string; readonly cause?: unknown };

/** By its shape: a DOMException is no Error, and neither is one of another realm. */
function hasMessage(error: unknown): error is Worded {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
