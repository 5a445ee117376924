/** What every Web API method is, and the look-ups that they share. */
import type { Core } from '../core.ts';
import type { Channel, JsonObject, Message } from '../model.ts';
import type { World } from '../world.ts';
import type { Args } from './args.ts';

export interface Method {
  /** Which token it takes; bot unless said otherwise. */
  readonly token?: 'app' | 'none';
  /** One of these is enough. */
  readonly scopes?: readonly string[];
  run(core: Core, args: Args): JsonObject;
}

export function refuse(error: string, more: JsonObject = {}): JsonObject {
  return { ok: false, error, ...more };
}

export type Found<T> = { readonly kind: 'found'; readonly value: T } | { readonly kind: 'refused'; readonly answer: JsonObject };

export function found<T>(value: T): Found<T> {
  return { kind: 'found', value };
}

export function refusal(error: string, more: JsonObject = {}): { readonly kind: 'refused'; readonly answer: JsonObject } {
  return { kind: 'refused', answer: refuse(error, more) };
}

/** The conversation if the bot can see it: public ones always, private ones and direct messages only as a member. */
export function visibleChannel(world: World, id: string): Found<Channel> {
  const channel = world.channels.get(id);
  const hidden = channel?.is_private === true && !isBotIn(world, channel);
  return channel === undefined || hidden ? refusal('channel_not_found') : found(channel);
}

/** The conversation if the bot may write in it. A user id means the direct message with that person. */
export function writableChannel(world: World, id: string): Found<Channel> {
  const im = [...world.channels.values()].find((each) => each.is_im && each.user === id);
  const seen = visibleChannel(world, im?.id ?? id);
  if (seen.kind === 'refused') return seen;
  if (!isBotIn(world, seen.value)) return refusal('not_in_channel');
  return seen.value.is_archived ? refusal('is_archived') : seen;
}

export function isBotIn(world: World, channel: Channel): boolean {
  return channel.members.includes(world.app.botUserId);
}

/** A message as the API gives it: metadata only on request. */
export function showMessage(message: Message, withMetadata: boolean): JsonObject {
  const { metadata, blocks, files, reactions, reply_users, edited, ...rest } = message;
  return {
    ...rest,
    ...(blocks === undefined ? {} : { blocks }),
    ...(files === undefined ? {} : { files }),
    ...(edited === undefined ? {} : { edited: { ...edited } }),
    ...(reactions === undefined
      ? {}
      : { reactions: reactions.map((each) => ({ name: each.name, users: each.users, count: each.users.length })) }),
    ...(reply_users === undefined ? {} : { reply_users, reply_users_count: reply_users.length }),
    ...(metadata === undefined || !withMetadata ? {} : { metadata }),
  };
}

/** One page of a list, with Slack's opaque cursor (here: where the next page begins). */
export function page<T>(
  items: readonly T[],
  args: Args,
  fallback: number,
  max: number,
): { readonly items: readonly T[]; readonly next: string } {
  const from = Number.parseInt(Buffer.from(args.text('cursor'), 'base64url').toString().replace('next:', ''), 10) || 0;
  const size = args.count('limit', fallback, max);
  const next = from + size < items.length ? Buffer.from(`next:${from + size}`).toString('base64url') : '';
  return { items: items.slice(from, from + size), next };
}
