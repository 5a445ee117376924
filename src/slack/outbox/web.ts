/** The outbox's door to Slack's Web API: six calls, every failure a value. Never retries, for an answer that was lost may have been a success. */
import type { ChatPostMessageArguments, ChatUpdateArguments, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type WebFailure, webFailure } from '../failure.ts';
import { bring, share } from '../files.ts';
import type { Answer, LookOrder, PostOrder, SlackWeb, UpdateOrder } from './ports.ts';

/** Slack says of these that the call may have partly succeeded (common errors of the Web API). */
const PERHAPS_DONE: ReadonlySet<string> = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
const EVENT_TYPE = 'keyturn_message';
/** Nothing that a command printed may become a link preview, a mention or a channel link. */
const QUIET = { unfurl_links: false, unfurl_media: false, link_names: false, parse: 'none' } as const;
const PAGE = 200;

/** `client` is the outbox's own, so that its calls never queue behind others. */
export function createSlackWeb(client: WebClient): SlackWeb {
  return {
    post: (order) => answer(async () => ({ ts: tsSchema.parse(await client.chat.postMessage(postArguments(order))).ts })),
    update: (order) =>
      answer(async () => {
        await client.chat.update(updateArguments(order));
      }),
    look: (order) => answer(() => look(client, order)),
    upload: ({ name, content, stop }) => answer(async () => ({ file: await bring(client, { name, content }, stop) })),
    share: ({ file, channel, thread, name, text }) => answer(() => share(client, { file, channel, thread, title: name, comment: text })),
    permalink: ({ channel, ts }) =>
      answer(async () => permalinkSchema.parse(await client.chat.getPermalink({ channel, message_ts: ts })).permalink),
  };
}

const tsSchema = z.looseObject({ ts: z.string() });
const permalinkSchema = z.looseObject({ permalink: z.string() });
const pageSchema = z.looseObject({
  messages: z
    .array(
      z.looseObject({
        ts: z.string(),
        text: z.string().optional(),
        metadata: z.looseObject({ event_payload: z.record(z.string(), z.unknown()).optional() }).optional(),
      }),
    )
    .optional(),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

async function answer<T>(call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'done', value: await call() };
  } catch (error) {
    return failed(webFailure(error));
  }
}

function failed(failure: WebFailure): Answer<never> {
  switch (failure.kind) {
    case 'rateLimited':
      return { kind: 'later', ms: failure.seconds * 1000 };
    case 'said':
      return PERHAPS_DONE.has(failure.code) ? { kind: 'unknown', why: failure.code } : { kind: 'refused', code: failure.code };
    case 'status':
      return { kind: 'unknown', why: `HTTP status ${failure.status}` };
    case 'unreachable':
      return { kind: 'unknown', why: failure.why };
  }
}

function postArguments(order: PostOrder): ChatPostMessageArguments {
  return {
    channel: order.channel,
    text: order.text,
    blocks: [...order.blocks],
    ...(order.thread === undefined ? {} : { thread_ts: order.thread }),
    metadata: { event_type: EVENT_TYPE, event_payload: { delivery: order.delivery, run: order.run, seq: order.seq } },
    ...QUIET,
  };
}

function updateArguments(order: UpdateOrder): ChatUpdateArguments {
  return { channel: order.channel, ts: order.ts, text: order.text, blocks: [...order.blocks], link_names: false, parse: 'none' };
}

async function look(client: WebClient, order: LookOrder): Promise<{ ts: string | undefined }> {
  let cursor: string | undefined;
  do {
    const common = {
      channel: order.channel,
      oldest: String(order.oldest),
      limit: PAGE,
      include_all_metadata: true,
      ...(cursor && { cursor }),
    };
    const page = pageSchema.parse(
      order.thread === undefined
        ? await client.conversations.history(common)
        : await client.conversations.replies({ ...common, ts: order.thread }),
    );
    const found = (page.messages ?? []).find(
      (message) => message.metadata?.event_payload?.delivery === order.delivery || (message.text ?? '').includes(order.delivery),
    );
    if (found !== undefined) return { ts: found.ts };
    cursor = page.response_metadata?.next_cursor;
  } while (cursor !== undefined && cursor !== '');
  return { ts: undefined };
}
