/** The shapes of the sandbox Slack. Whatever Slack sends over the wire keeps Slack's own field names. */
import { z } from 'zod';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Any JSON object that came from outside. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());
export const blocksSchema = z.array(jsonObjectSchema);

/** A member as `users.info` describes it; the flags are the ones that decide who may act. */
export interface User {
  readonly id: string;
  readonly team_id: string;
  readonly name: string;
  readonly real_name: string;
  readonly title: string;
  readonly tz: string;
  readonly deleted: boolean;
  readonly is_bot: boolean;
  readonly is_workflow_bot: boolean;
  readonly is_connector_bot: boolean;
  readonly is_admin: boolean;
  readonly is_restricted: boolean;
  readonly is_ultra_restricted: boolean;
  readonly is_stranger: boolean;
}

/** A conversation of any type; `members` are user ids. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly members: readonly string[];
  readonly is_private: boolean;
  readonly is_im: boolean;
  readonly is_archived: boolean;
  readonly is_ext_shared: boolean;
  readonly is_pending_ext_shared: boolean;
  readonly created: number;
  /** The person at the other end of a direct message. */
  readonly user?: string;
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
  readonly disabled: boolean;
}

export interface Reaction {
  readonly name: string;
  readonly users: readonly string[];
}

/** A message as `conversations.history` shows it. */
export interface Message {
  readonly type: 'message';
  readonly subtype?: string;
  readonly ts: string;
  readonly user: string;
  readonly team: string;
  readonly text: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly blocks?: readonly JsonObject[];
  readonly thread_ts?: string;
  readonly metadata?: JsonObject;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly files?: readonly JsonObject[];
  readonly reactions?: readonly Reaction[];
  readonly reply_count?: number;
  readonly reply_users?: readonly string[];
  readonly latest_reply?: string;
}

/** Something only one person sees: an answer to a command or a click, or chat.postEphemeral. */
export interface Ephemeral {
  readonly id: string;
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly thread_ts?: string;
  /** Set by the sandbox itself: Slack's own words about an app that did not answer. */
  readonly from: 'app' | 'slackbot';
}

/** A modal (or Home view) that one person has open; the last of a stack is on top. */
export interface OpenView {
  readonly id: string;
  readonly user: string;
  readonly root: string;
  readonly previous?: string;
  readonly hash: string;
  readonly view: JsonObject;
}

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly size: number;
  readonly content?: Buffer;
  readonly created: number;
  readonly shares: readonly { readonly channel: string; readonly ts: string; readonly thread_ts?: string }[];
}

/** Everything a sandbox workspace begins with. */
export interface WorldSeed {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly app: {
    readonly id: string;
    readonly botId: string;
    readonly botUserId: string;
    readonly command: string;
    readonly usageHint: string;
  };
  readonly users: readonly User[];
  readonly channels: readonly Channel[];
  readonly usergroups: readonly Usergroup[];
}

/** One thing that changed; the page is sent these, and every waiting test looks again. */
export type Change =
  | { readonly kind: 'message'; readonly channel: string; readonly message: Message }
  | { readonly kind: 'message_deleted'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'ephemeral'; readonly user: string; readonly ephemeral: Ephemeral }
  | { readonly kind: 'ephemeral_gone'; readonly user: string; readonly id: string }
  | { readonly kind: 'views'; readonly user: string }
  | { readonly kind: 'members' }
  | { readonly kind: 'nudge' }
  | { readonly kind: 'call'; readonly method: string }
  | { readonly kind: 'connections'; readonly open: number };
