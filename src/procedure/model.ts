/**
 * A procedure as the engine sees it: parsed, checked, `use` and phases resolved, every default filled in. This form is what a run pins in its
 * first event and what the hash covers; the YAML that people write (see `source-schema.ts`) exists only up to the parser.
 */
import { z } from 'zod';

/** A CEL expression, already known to compile. */
const expression = z.string().min(1);
/** Text for people; `{{ CEL }}` inside it is filled in for display only. */
const text = z.string();

export const valueTypeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), pattern: z.string().optional(), maxLength: z.number().int() }),
  z.strictObject({ type: z.literal('enum'), values: z.array(z.string()).min(1) }),
  z.strictObject({ type: z.literal('host'), role: z.string().optional() }),
  z.strictObject({ type: z.literal('version') }),
  z.strictObject({ type: z.literal('path') }),
  z.strictObject({ type: z.literal('integer'), min: z.number().int().optional(), max: z.number().int().optional() }),
]);

/** A parameter of the command, or a variable that the cluster file must give. */
export const inputSchema = z.strictObject({
  value: valueTypeSchema,
  title: z.string(),
  help: z.string().optional(),
  default: z.string().optional(),
  required: z.boolean(),
});

export const selectorSchema = z.discriminatedUnion('kind', [
  /** The one host in this role: bound at run time, or the only one that the inventory gives. */
  z.strictObject({ kind: z.literal('one'), role: z.string() }),
  /** Every host in the role, one at a time, in inventory order; none is fine and is said. */
  z.strictObject({ kind: z.literal('each'), role: z.string() }),
  /** The first host in the role that answers; the next is tried when one does not. */
  z.strictObject({ kind: z.literal('any'), role: z.string() }),
]);

export const safetySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('safe') }),
  /** Safe, but the run waits for a press that the requester may give. */
  z.strictObject({ kind: z.literal('gated'), ask: text }),
  /** Needs a second person; `why` is what the approver reads. */
  z.strictObject({ kind: z.literal('unsafe'), why: text }),
]);

export const readerSchema = z.enum(['text', 'table', 'services', 'json', 'keys']);

export const expectationSchema = z.strictObject({ that: expression, otherwise: text });

export const untilSchema = z.strictObject({
  run: z.string().min(1),
  read: readerSchema,
  expect: expression,
  /** What is awaited, in words: shown while waiting and when time is up. */
  waiting: text,
  everySeconds: z.number().positive(),
  withinSeconds: z.number().positive(),
});

const common = { id: z.string(), title: text, phase: z.string().optional(), when: expression.optional() };

export const commandStepSchema = z.strictObject({
  kind: z.literal('command'),
  ...common,
  on: selectorSchema,
  safety: safetySchema,
  /** Absent for a step that only waits (`until`). */
  run: z.string().min(1).optional(),
  /** Environment name to CEL expression; the only way a value reaches a script. */
  env: z.record(z.string(), expression),
  timeoutSeconds: z.number().positive(),
  read: readerSchema,
  expect: z.array(expectationSchema),
  /** Role to the CEL expression that names its host (name, FQDN or alias). */
  bind: z.record(z.string(), expression),
  until: untilSchema.optional(),
  /** Roles that are read again just before asking and just before starting. */
  recheck: z.array(z.string()),
  /** How to take the step back, in words; absent means that there is no undo, and the card says so. */
  undo: text.optional(),
  retry: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('allowed') }),
    z.strictObject({ kind: z.literal('forbidden'), instead: text }),
  ]),
  /** What to do when it fails, in words. */
  advice: text.optional(),
});

export const announceStepSchema = z.strictObject({ kind: z.literal('announce'), ...common, text });

export const stepSchema = z.discriminatedUnion('kind', [commandStepSchema, announceStepSchema]);

export const procedureSchema = z.strictObject({
  name: z.string(),
  product: z.string(),
  title: z.string(),
  source: z.string().optional(),
  params: z.record(z.string(), inputSchema),
  variables: z.record(z.string(), inputSchema),
  /** Said by the procedure: it changes nothing on any host, and so takes no lock. */
  readOnly: z.boolean(),
  /** How long an approval may take before the request expires. */
  approvalSeconds: z.number().positive(),
  steps: z.array(stepSchema).min(1),
  /** SHA-256 of the canonical form of everything above. */
  hash: z.string(),
});

export type ValueType = z.infer<typeof valueTypeSchema>;
export type Input = z.infer<typeof inputSchema>;
export type Selector = z.infer<typeof selectorSchema>;
export type Safety = z.infer<typeof safetySchema>;
export type Reader = z.infer<typeof readerSchema>;
export type Expectation = z.infer<typeof expectationSchema>;
export type Until = z.infer<typeof untilSchema>;
export type CommandStep = z.infer<typeof commandStepSchema>;
export type AnnounceStep = z.infer<typeof announceStepSchema>;
export type Step = z.infer<typeof stepSchema>;
export type Procedure = z.infer<typeof procedureSchema>;
