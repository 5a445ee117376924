/** A cluster as the engine sees it: parsed, checked, every default filled in. A run pins this form in its first event. */
import { z } from 'zod';

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

/** Ids of Slack users (`U…`, `W…`) and user groups (`S…`). Empty means nobody. */
export const peopleSchema = z.strictObject({ users: z.array(z.string()), groups: z.array(z.string()) });

export const clusterSchema = z.strictObject({
  name: z.string(),
  product: z.string(),
  title: z.string(),
  hosts: z.array(hostSchema).min(1),
  jumps: z.record(z.string(), jumpSchema),
  variables: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), secretPlaceSchema).default({}),
  may: z.strictObject({ start: peopleSchema, approve: peopleSchema }),
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
export type People = z.infer<typeof peopleSchema>;
export type Cluster = z.infer<typeof clusterSchema>;
