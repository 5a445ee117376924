/** What is kept of a workspace: what was said, and the counters that make ids unique. Modals and uploads are not. */
import { z } from 'zod';
import { blocksSchema, jsonObjectSchema } from './model.ts';

const messageSchema = z.strictObject({
  type: z.literal('message'),
  subtype: z.string().optional(),
  ts: z.string(),
  user: z.string(),
  team: z.string(),
  text: z.string(),
  bot_id: z.string().optional(),
  app_id: z.string().optional(),
  blocks: blocksSchema.optional(),
  thread_ts: z.string().optional(),
  metadata: jsonObjectSchema.optional(),
  edited: z.strictObject({ user: z.string(), ts: z.string() }).optional(),
  files: blocksSchema.optional(),
  reactions: z.array(z.strictObject({ name: z.string(), users: z.array(z.string()) })).optional(),
});

const ephemeralSchema = z.strictObject({
  id: z.string(),
  ts: z.string(),
  channel: z.string(),
  user: z.string(),
  text: z.string(),
  blocks: blocksSchema.optional(),
  thread_ts: z.string().optional(),
  from: z.enum(['app', 'slackbot']),
});

export const snapshotSchema = z.strictObject({
  messages: z.record(z.string(), z.array(messageSchema)),
  ephemerals: z.array(ephemeralSchema),
  lastMicros: z.number(),
  lastId: z.number(),
});

export type Snapshot = z.infer<typeof snapshotSchema>;
