/** Slack's payloads, parsed where they come in: unknown in, our own small records out. Pure. Whatever is malformed becomes `undefined`. */
import { z } from 'zod';

/** A slash command, as typed. */
export type Asked = {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  readonly channelName: string | undefined;
  readonly text: string;
  /** The same in a redelivery of the same command, and in no other. */
  readonly triggerId: string;
};

/** A pressed button. */
export type Click = {
  readonly team: string;
  readonly user: string;
  readonly channel: string | undefined;
  /** The thread that the button's message belongs to. */
  readonly thread: string | undefined;
  readonly triggerId: string;
  readonly action: string;
  readonly value: string;
};

/** A reply in a thread, or what became of one. `text` as Slack gives it: `&`, `<` and `>` escaped. */
export type Reply = { readonly channel: string; readonly thread: string; readonly ts: string } & (
  | {
      readonly kind: 'written' | 'edited';
      readonly user: string;
      readonly team: string;
      readonly text: string;
      readonly files: readonly string[];
      /** When it was edited last, as Slack has it; absent where only Slack has changed it, for the preview of a link. */
      readonly edited?: string | undefined;
    }
  | { readonly kind: 'deleted' }
);

/** A message that mentions Keyturn. */
export type Mention = {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  /** The thread that it was written in; absent at the top of a channel. */
  readonly thread: string | undefined;
  readonly text: string;
  /** Of the message: the same in a redelivery, and after an edit. */
  readonly ts: string;
  readonly edited: boolean;
  /** Written by an app, in its own name or in that of a person. */
  readonly byApp: boolean;
};

/** A form that was sent. */
export type Submission = {
  /** The view's id: the same in a redelivery, and for a second press of its button. */
  readonly view: string;
  readonly team: string;
  readonly user: string;
  readonly callback: string;
  readonly metadata: string;
  /** By block and action; what was chosen from a list by its value. Nothing typed and nothing chosen are empty text. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

const id = z.string().min(1);

const commandSchema = z.object({
  // Missing for a command of a person whose workspace is not told (organisation-wide installs); ids of people stay unique without it.
  team_id: z.string().optional(),
  enterprise_id: z.string().optional(),
  user_id: id,
  channel_id: id,
  channel_name: z.string().optional(),
  text: z.string().optional(),
  trigger_id: id,
});

export function readCommand(body: unknown): Asked | undefined {
  const parsed = commandSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { team_id, enterprise_id, user_id, channel_id, channel_name, text, trigger_id } = parsed.data;
  return {
    team: team_id ?? enterprise_id ?? '',
    user: user_id,
    channel: channel_id,
    channelName: channel_name,
    text: text ?? '',
    triggerId: trigger_id,
  };
}

const userSchema = z.object({ id, team_id: z.string().optional() });
const teamSchema = z.object({ id }).nullish();

const clickSchema = z.object({
  user: userSchema,
  team: teamSchema,
  channel: z.object({ id }).optional(),
  container: z.object({ channel_id: z.string().optional(), thread_ts: z.string().optional() }).optional(),
  message: z.object({ thread_ts: z.string().optional(), ts: z.string().optional() }).optional(),
  trigger_id: id,
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
});

export function readClick(body: unknown): Click | undefined {
  const parsed = clickSchema.safeParse(body);
  const action = parsed.success ? parsed.data.actions[0] : undefined;
  if (!parsed.success || action === undefined) return undefined;
  const { user, team, channel, container, message, trigger_id } = parsed.data;
  return {
    team: user.team_id ?? team?.id ?? '',
    user: user.id,
    channel: channel?.id ?? container?.channel_id,
    thread: message?.thread_ts ?? container?.thread_ts ?? message?.ts,
    triggerId: trigger_id,
    action: action.action_id,
    value: action.value ?? '',
  };
}

const inputSchema = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});
const submissionSchema = z.object({
  user: userSchema,
  team: teamSchema,
  view: z.object({
    id,
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({ values: z.record(z.string(), z.record(z.string(), inputSchema)) }),
  }),
});

export function readSubmission(body: unknown): Submission | undefined {
  const parsed = submissionSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { user, team, view } = parsed.data;
  const values = Object.entries(view.state.values).map(([block, actions]): [string, Record<string, string>] => [
    block,
    Object.fromEntries(Object.entries(actions).map(([name, input]) => [name, input.value ?? input.selected_option?.value ?? ''])),
  ]);
  return {
    team: user.team_id ?? team?.id ?? '',
    user: user.id,
    view: view.id,
    callback: view.callback_id,
    metadata: view.private_metadata,
    values: Object.fromEntries(values),
  };
}

const writtenSchema = z.looseObject({
  ts: id,
  thread_ts: id,
  user: id,
  user_team: z.string().optional(),
  team: z.string().optional(),
  text: z.string().default(''),
  bot_id: z.string().nullish(),
  subtype: z.enum(['file_share', 'thread_broadcast']).optional(),
  edited: z.looseObject({ ts: id }).optional(),
  files: z.array(z.looseObject({ name: z.string().nullish() })).optional(),
});
const messageSchema = z.object({
  team_id: z.string().optional(),
  event: z.discriminatedUnion('type', [z.looseObject({ type: z.literal('message'), channel: id, subtype: z.string().optional() })]),
});
const changedSchema = z.looseObject({ message: writtenSchema });
const deletedSchema = z.looseObject({ deleted_ts: id, previous_message: z.looseObject({ thread_ts: id }) });

/** What happened to a reply that a person wrote in a thread; undefined for everything else: first messages, apps, joins, pins. */
export function readReply(body: unknown): Reply | undefined {
  const parsed = messageSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { event, team_id } = parsed.data;
  if (event.subtype === 'message_deleted') {
    const deleted = deletedSchema.safeParse(event).data;
    if (deleted === undefined) return undefined;
    return { kind: 'deleted', channel: event.channel, thread: deleted.previous_message.thread_ts, ts: deleted.deleted_ts };
  }
  const isEdit = event.subtype === 'message_changed';
  const written = isEdit ? changedSchema.safeParse(event).data?.message : writtenSchema.safeParse(event).data;
  return written === undefined ? undefined : replyOf(isEdit ? 'edited' : 'written', event.channel, written, team_id);
}

/** A reply as it stands in its thread now (conversations.replies); undefined for everything that no person replied there. */
export function readStanding(channel: string, message: unknown): Reply | undefined {
  const written = writtenSchema.safeParse(message).data;
  return written === undefined ? undefined : replyOf('edited', channel, written);
}

function replyOf(kind: 'written' | 'edited', channel: string, written: z.infer<typeof writtenSchema>, team?: string): Reply | undefined {
  if ((written.bot_id ?? '') !== '' || written.thread_ts === written.ts) return undefined;
  return {
    kind,
    channel,
    thread: written.thread_ts,
    ts: written.ts,
    user: written.user,
    team: written.user_team ?? written.team ?? team ?? '',
    text: written.text,
    files: (written.files ?? []).map(({ name }) => name ?? 'a file'),
    edited: written.edited?.ts,
  };
}

const mentionSchema = z.object({
  team_id: z.string().optional(),
  event: z.object({
    type: z.literal('app_mention'),
    user: id,
    /** Of the writer: another one than `team_id` in an organisation with several workspaces. */
    user_team: z.string().optional(),
    team: z.string().optional(),
    channel: id,
    ts: id,
    thread_ts: z.string().optional(),
    text: z.string(),
    edited: z.unknown().optional(),
    bot_id: z.string().nullish(),
    subtype: z.string().optional(),
  }),
});

export function readMention(body: unknown): Mention | undefined {
  const parsed = mentionSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { event, team_id } = parsed.data;
  return {
    team: event.user_team ?? event.team ?? team_id ?? '',
    user: event.user,
    channel: event.channel,
    thread: event.thread_ts,
    text: event.text,
    ts: event.ts,
    edited: event.edited !== undefined && event.edited !== null,
    byApp: (event.bot_id ?? '') !== '' || event.subtype === 'bot_message',
  };
}
