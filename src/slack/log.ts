/** Slack's libraries write to our log through this, at INFO at most: their DEBUG prints request bodies and whole envelopes, response_url included. */
import { LogLevel } from '@slack/web-api';
import type { Logger as Log } from 'pino';
import { redact } from '../redact.ts';

export { redact };

/** The logger that Slack's libraries expect. */
export type SlackLogger = {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
  setLevel(level: LogLevel): void;
  getLevel(): LogLevel;
  setName(name: string): void;
};

/** `quiet`: for a part whose failures we tell ourselves, in sentences; its own words are for debugging. */
export function slackLogger(log: Log, part: string, loudness: 'aloud' | 'quiet' = 'aloud'): SlackLogger {
  const child = log.child({ part });
  const say = (level: 'info' | 'warn' | 'error', parts: readonly unknown[]): void =>
    child[loudness === 'quiet' ? 'debug' : level](sentence(parts));
  return {
    debug: () => undefined,
    info: (...parts) => say('info', parts),
    warn: (...parts) => say('warn', parts),
    error: (...parts) => say('error', parts),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}

/** One line, of messages only: an error object of these libraries carries the request and its headers. */
function sentence(parts: readonly unknown[]): string {
  return redact(parts.map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : typeof part)).join(' '));
}
