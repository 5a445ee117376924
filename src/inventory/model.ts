/** A cluster as the engine sees it: parsed, checked, every default filled in. A run pins this form in its first event. */
import { z } from 'zod';
import { type People, peopleSchema, rightsSchema, ruleSchema } from '../procedure/policy-model.ts';

export const hostSchema = z.strictObject({
  /** The name that people and procedures use; unique in the cluster. */
  name: z.string(),
  address: z.string(),
  port: z.number().int(),
  /** Other names under which the product reports this host (its FQDN, short name). */
  aliases: z.array(z.string()),
  roles: z.array(z.string()).min(1),
  user: z.string(),
  /** Private key file; absent means the SSH agent. */
  key: z.string().optional(),
  become: z.string().optional(),
  /** Name of the jump host's entry under `jumps`. */
  jump: z.string().optional(),
  /** The host's own values, before the cluster's; only those that differ from host to host. */
  variables: z.record(z.string(), z.string()).optional(),
});

/** Where the worker finds a secret: an environment variable of its own, or a file. */
export const secretPlaceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('env'), name: z.string() }),
  z.strictObject({ kind: z.literal('file'), path: z.string() }),
]);

export const jumpSchema = z.strictObject({ address: z.string(), port: z.number().int(), user: z.string(), key: z.string().optional() });

/** A stretch of time in which nothing may begin, by the calendar and the clock of a time zone; whatever is absent does not restrict it. */
export const windowSchema = z.strictObject({
  title: z.string(),
  /** 1 is Monday, 7 is Sunday: of the day on which it begins. */
  weekdays: z.array(z.number().int().min(1).max(7)).optional(),
  /** From 1; -1 is the last day of the month. */
  daysOfMonth: z.array(z.number().int()).optional(),
  /** YYYY-MM-DD, both included. */
  dates: z.strictObject({ first: z.string(), last: z.string() }).optional(),
  /** HH:MM; where `to` is not after `from`, it ends on the next day. */
  hours: z.strictObject({ from: z.string(), to: z.string() }).optional(),
});

export const freezeSchema = z.strictObject({
  /** IANA name. */
  timeZone: z.string(),
  windows: z.array(windowSchema).min(1),
  /** Who may let a run act in spite of a window. */
  override: peopleSchema,
});

export const clusterSchema = z.strictObject({
  name: z.string(),
  product: z.string(),
  title: z.string(),
  hosts: z.array(hostSchema).min(1),
  jumps: z.record(z.string(), jumpSchema),
  variables: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), secretPlaceSchema).default({}),
  may: z.strictObject({
    start: peopleSchema,
    /** Everybody who is named as an approver. */
    approve: peopleSchema,
    /** How many of whom; absent: any one of `approve`. */
    rule: ruleSchema.optional(),
    /** Absent: whoever may start or approve, and the requester. */
    settle: peopleSchema.optional(),
    /** Absent: the same. The requester always may. */
    cancel: peopleSchema.optional(),
    /** Absent: every full member of the workspace. */
    read: peopleSchema.optional(),
  }),
  /** Stricter rights for single procedures, by name. */
  procedures: z.record(z.string(), rightsSchema).optional(),
  /** Whoever stands for something unsafe proves it with a code. */
  secondFactor: z.literal('totp').optional(),
  /** Who may do without a second person in an emergency, and the channel that is told. */
  breakGlass: z.strictObject({ people: peopleSchema, channel: z.string() }).optional(),
  freeze: freezeSchema.optional(),
  /** Channels in which runs may be started; empty means every channel that the bot is in. */
  channels: z.array(z.string()),
  /** Channels that hear the announcements, beside the run's own. */
  announce: z.array(z.string()),
  /** SHA-256 of the canonical form of everything above. */
  hash: z.string(),
});

export type Host = z.infer<typeof hostSchema>;
export type Jump = z.infer<typeof jumpSchema>;
export type SecretPlace = z.infer<typeof secretPlaceSchema>;
export type Freeze = z.infer<typeof freezeSchema>;
export type Window = z.infer<typeof windowSchema>;
export type { People };
export type Cluster = z.infer<typeof clusterSchema>;
