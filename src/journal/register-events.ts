/**
 * What the register holds: what happens to no run, or must be found without knowing the run. A kind once released is never renamed or given
 * another meaning. Pure.
 */
import { z } from 'zod';
import { personSchema } from '../run/events.ts';

/** What hashes of its entries name in place of a run. */
export const REGISTER_NAME = 'register';

/** Somebody asked for what they may not do, and nothing was done. */
const refused = z.strictObject({
  kind: z.literal('refused'),
  person: personSchema,
  /** One of the actions that rights are given for; a fixed word, never what somebody typed. */
  action: z.string(),
  cluster: z.string().optional(),
  procedure: z.string().optional(),
  run: z.string().optional(),
  why: z.string(),
  /** How many refusals of this person for this action, before this one, were counted and not recorded (register.ts). Set by the register. */
  unrecorded: z.number().int().positive().optional(),
});

/** An approval was gone round in an emergency. */
const glassBroken = z.strictObject({
  kind: z.literal('glassBroken'),
  run: z.string(),
  request: z.string(),
  step: z.string(),
  cluster: z.string(),
  by: personSchema,
  reason: z.string(),
});

/** A freeze window was gone round for one run. */
const holdOverridden = z.strictObject({
  kind: z.literal('holdOverridden'),
  run: z.string(),
  hold: z.string(),
  cluster: z.string(),
  window: z.string(),
  by: personSchema,
  reason: z.string(),
});

/** Somebody looked afterwards at what was done in an emergency. `about`: the id under which that stands in the register. */
const reviewed = z.strictObject({ kind: z.literal('reviewed'), run: z.string(), about: z.string(), by: personSchema, note: z.string() });

/**
 * Somebody wrote in the thread of a run that was over, or changed or deleted there what they had written. `ts`: Slack's id of the message. `by`: whose
 * message it is; absent for one that was deleted, of which Slack does not say by whom.
 */
const lateNote = z.strictObject({
  kind: z.literal('lateNote'),
  run: z.string(),
  cluster: z.string(),
  what: z.enum(['written', 'edited', 'deleted']),
  ts: z.string(),
  by: personSchema.optional(),
  text: z.string().optional(),
  /** Of the whole text, where it was cut. */
  length: z.number().int().optional(),
  files: z.array(z.string()).optional(),
});

/** Who sits at Keyturn's own machine is known by the name of their account there. */
const factorEnrolled = z.strictObject({ kind: z.literal('factorEnrolled'), user: z.string(), by: z.string() });
const factorReset = z.strictObject({ kind: z.literal('factorReset'), user: z.string(), by: z.string(), reason: z.string() });

export const registerEventSchema = z.discriminatedUnion('kind', [
  refused,
  glassBroken,
  holdOverridden,
  reviewed,
  lateNote,
  factorEnrolled,
  factorReset,
]);

export type RegisterEvent = z.infer<typeof registerEventSchema>;
