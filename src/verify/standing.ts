/** What stands in Slack, and how it reads to people: the same words, whatever Slack has put around them. Pure. */
import { z } from 'zod';

const messageSchema = z.looseObject({
  ts: z.string(),
  text: z.string().default(''),
  blocks: z.array(z.unknown()).default([]),
  subtype: z.string().optional(),
  thread_ts: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  metadata: z.looseObject({ event_payload: z.record(z.string(), z.unknown()).optional() }).optional(),
});

/** A message as conversations.replies and conversations.history give it. */
export type Standing = {
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | undefined;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly user: string | undefined;
  readonly botId: string | undefined;
  /** Of the message that Keyturn posted, by what it put beside it; a text can be copied by anybody. */
  readonly delivery: string | undefined;
  /** The event that it begins with, told in the same place. */
  readonly seq: number | undefined;
  /** What Slack shows in place of a deleted message that has replies. */
  readonly isTombstone: boolean;
};

export const pageSchema = z.looseObject({
  messages: z.array(messageSchema).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

export function standingFrom(channel: string, message: z.infer<typeof messageSchema>): Standing {
  const { delivery, seq } = message.metadata?.event_payload ?? {};
  return {
    channel,
    ts: message.ts,
    thread: message.thread_ts,
    text: message.text,
    blocks: message.blocks,
    user: message.user,
    botId: message.bot_id,
    delivery: typeof delivery === 'string' ? delivery : undefined,
    seq: typeof seq === 'number' ? seq : undefined,
    isTombstone: message.subtype === 'tombstone',
  };
}

/**
 * A text of Slack's as people read it. Slack escapes `&`, `<` and `>` (formatting message text), and wraps addresses that it finds into `<…>`; line
 * ends and spaces at the edges are its own.
 */
export function reads(text: string): string {
  return text
    .replace(/<((?:https?:\/\/|mailto:)[^|>]+)(?:\|([^>]*))?>/g, (_all, url: string, label: string | undefined) => label ?? url)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll('\r\n', '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();
}

/** In the order in which Slack shows them. */
const SHOWN = ['title', 'text', 'fields', 'elements', 'accessory', 'label', 'hint', 'alt_text'] as const;

/** Everything readable in blocks, whatever else Slack has added to them (ids, defaults). */
export function readsBlocks(blocks: readonly unknown[]): string {
  return reads(blocks.map(textsIn).join('\n'));
}

function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textsIn).join('\n');
  if (typeof value !== 'object' || value === null) return '';
  const members = new Map<string, unknown>(Object.entries(value));
  return SHOWN.flatMap((name) => (members.has(name) ? [textsIn(members.get(name))] : [])).join('\n');
}

/** A name for people: its first line, cut. */
export function firstLine(text: string): string {
  const line = reads(text).split('\n', 1)[0] ?? '';
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
