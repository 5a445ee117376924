/** Reads threads back from Slack, page by page; waits where Slack asks for it, and says so. */
import type { WebClient } from '@slack/web-api';
import { KeyturnError } from '../errors.ts';
import { sayFailure, webFailure } from '../slack/failure.ts';
import { pageSchema, type Standing, standingFrom } from './standing.ts';

export type SlackReader = {
  /** The thread that begins with this message, or that this message stands in; `gone` where Slack has no such message. */
  readonly thread: (channel: string, ts: string) => Promise<Answered>;
  /** One message of a channel's own timeline. */
  readonly message: (channel: string, ts: string) => Promise<Answered>;
};

export type Answered =
  | { readonly kind: 'messages'; readonly messages: readonly Standing[] }
  | { readonly kind: 'gone' }
  /** Slack does not let it be read: its word for why. */
  | { readonly kind: 'refused'; readonly code: string };

export type ReaderOptions = {
  readonly web: WebClient;
  readonly wait: (ms: number) => Promise<unknown>;
  /** Told before a wait. */
  readonly tell: (sentence: string) => void;
};

const PAGE = 200;
const TRIES = 4;
const GONE: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found']);

/** Its calls throw KeyturnError `SLACK_UNREACHABLE` where Slack gives no answer for long. */
export function createSlackReader(options: ReaderOptions): SlackReader {
  const { web } = options;
  return {
    thread: (channel, ts) => pages(options, channel, (cursor) => web.conversations.replies({ channel, ts, ...common(cursor) })),
    message: (channel, ts) =>
      pages(options, channel, (cursor) =>
        web.conversations.history({ channel, latest: ts, oldest: ts, inclusive: true, ...common(cursor) }),
      ),
  };
}

function common(cursor: string | undefined) {
  return { limit: PAGE, include_all_metadata: true, ...(cursor === undefined ? {} : { cursor }) };
}

/** Fewer than were asked for is not the end; only an empty cursor is. The first message comes again with each page. */
async function pages(options: ReaderOptions, channel: string, call: (cursor: string | undefined) => Promise<unknown>): Promise<Answered> {
  const found = new Map<string, Standing>();
  let cursor: string | undefined;
  do {
    const answer = await patiently(options, () => call(cursor));
    if (answer.kind === 'refused') return GONE.has(answer.code) ? { kind: 'gone' } : answer;
    const page = pageSchema.parse(answer.value);
    for (const message of page.messages) found.set(message.ts, standingFrom(channel, message));
    const next = page.response_metadata?.next_cursor;
    cursor = next === '' ? undefined : next;
  } while (cursor !== undefined);
  return { kind: 'messages', messages: [...found.values()] };
}

type Said = { readonly kind: 'done'; readonly value: unknown } | { readonly kind: 'refused'; readonly code: string };

async function patiently({ wait, tell }: ReaderOptions, call: () => Promise<unknown>): Promise<Said> {
  for (let tries = 1; ; ) {
    try {
      return { kind: 'done', value: await call() };
    } catch (error) {
      const failure = webFailure(error);
      if (failure.kind === 'said') return { kind: 'refused', code: failure.code };
      if (failure.kind === 'rateLimited') {
        tell(`Slack asks to wait ${failure.seconds} s before more is read …`);
        await wait(failure.seconds * 1_000);
        continue;
      }
      if (tries === TRIES) throw silent(sayFailure(failure), error);
      await wait(500 * 2 ** tries);
      tries += 1;
    }
  }
}

function silent(why: string, cause: unknown): KeyturnError {
  return new KeyturnError(
    'SLACK_UNREACHABLE',
    `The threads could not be read back: ${why}`,
    'that this machine reaches Slack (DNS, proxy, firewall), and Slack’s status page; without --slack everything else is verified',
    { cause },
  );
}
