/**
 * A procedure as the engine sees it: parsed, checked, `use` and phases resolved, every default filled in. This form is what a run pins in its
 * first event and what the hash covers; the YAML that people write (see `source-schema.ts`) exists only up to the parser.
 */
import { z } from 'zod';
import { rightsSchema, ruleSchema } from './policy-model.ts';

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
  /** Every host in the role, all at the same time. */
  z.strictObject({ kind: z.literal('all'), role: z.string() }),
]);

export const safetySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('safe') }),
  /** Safe, but the run waits for a press that the requester may give. */
  z.strictObject({ kind: z.literal('gated'), ask: text }),
  /** Needs a second person; `why` is what the approver reads. */
  z.strictObject({ kind: z.literal('unsafe'), why: text }),
]);

export const readerSchema = z.enum(['text', 'lines', 'table', 'services', 'json', 'keys', 'regex']);

/** What a captured value must be before it may reach a script. */
export const captureTypeSchema = z.enum(['text', 'version', 'path', 'integer', 'host']);

export const expectationSchema = z.strictObject({ that: expression, otherwise: text });

/** A script that only looks, and how to read what it prints. Values reach it by the step's `env`. */
const look = { run: z.string().min(1), read: readerSchema, pattern: z.string().optional(), expect: expression };

export const untilSchema = z.strictObject({
  ...look,
  /** What is awaited, in words: shown while waiting and when time is up. */
  waiting: text,
  everySeconds: z.number().positive(),
  /** Pauses grow up to this; absent: they stay equal. */
  growingToSeconds: z.number().positive().optional(),
  /** A number, or the CEL expression that gives it. */
  withinSeconds: z.union([z.number().positive(), expression]),
});

/** Looked at before the step: where it holds, the host is skipped. */
export const unlessSchema = z.strictObject({ ...look, saying: text });

/** Looked at just before somebody is asked to allow the step, and again just before it starts: what must be so. */
export const requirementSchema = z.strictObject({
  ...look,
  /** What is checked, in words. */
  says: text,
  /** Where, if not on the step's own hosts; of `any`, on the first host that answers. */
  on: selectorSchema.optional(),
});

/** How a prompt of an interactive tool is answered. */
export const answerSchema = z.strictObject({ prompt: z.string(), answer: expression });

export const captureSchema = z.strictObject({ value: expression, type: captureTypeSchema.optional() });

export const copySchema = z.strictObject({
  /** `bot`: a file of the worker's own machine, under KEYTURN_FILES. */
  from: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('bot') }),
    z.strictObject({ kind: z.literal('role'), role: z.string() }),
  ]),
  path: expression,
  to: expression,
  owner: z.string().optional(),
  mode: z.string().optional(),
});

export const editSchema = z.strictObject({
  path: expression,
  set: z.record(z.string(), expression),
  replace: z.array(z.strictObject({ text: expression, with: expression })),
});

const common = { id: z.string(), title: text, phase: z.string().optional(), when: expression.optional() };

/** A new member has a default or is optional: journals of earlier releases hold procedures without it. */
export const commandStepSchema = z.strictObject({
  kind: z.literal('command'),
  ...common,
  on: selectorSchema,
  safety: safetySchema,
  /** The phase whose unsafe steps are asked for as one, as far as all is known of them. */
  together: z.string().optional(),
  /** Who must approve it, beside what the cluster and the procedure want. */
  approve: ruleSchema.optional(),
  /** The script. Absent for a step that only waits (`until`), and beside `copy` and `edit`, which have scripts of their own. */
  run: z.string().min(1).optional(),
  copy: copySchema.optional(),
  edit: editSchema.optional(),
  /** The shell of the product's own in which the scripts run: its name and the command that reads them. */
  shell: z.strictObject({ name: z.string(), run: z.string() }).optional(),
  become: z.string().optional(),
  /** Environment name to CEL expression; the only way a value reaches a script. */
  env: z.record(z.string(), expression),
  /** Present, even if empty: the tool may ask, and its input stays open. */
  answers: z.array(answerSchema).optional(),
  timeoutSeconds: z.number().positive(),
  statuses: z.array(z.number().int()).default([0]),
  read: readerSchema,
  pattern: z.string().optional(),
  expect: z.array(expectationSchema),
  warn: z.array(expectationSchema).default([]),
  capture: z.record(z.string(), captureSchema).default({}),
  /** Role to the CEL expression that names its host (name, FQDN or alias). */
  bind: z.record(z.string(), expression),
  /** What the thread says of what was seen. */
  says: text.optional(),
  until: untilSchema.optional(),
  unless: unlessSchema.optional(),
  requires: z.array(requirementSchema).min(1).optional(),
  /** A host that cannot be reached is skipped, with these words. */
  unreachable: text.optional(),
  /** Roles that are read again just before asking and just before starting. */
  recheck: z.array(z.string()),
  /** It only looks: a plan runs it too. */
  readOnly: z.boolean().default(false),
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

/** Something for a person: done by hand, or answered. */
export const personStepSchema = z.strictObject({
  kind: z.literal('person'),
  ...common,
  about: z.enum(['manual', 'confirm']),
  text,
  /** Why a second person has to answer; absent: whoever may press a gate. */
  second: text.optional(),
  approve: ruleSchema.optional(),
  /** Role whose machine is another one afterwards. */
  exchanges: z.string().optional(),
});

export const stepSchema = z.discriminatedUnion('kind', [commandStepSchema, announceStepSchema, personStepSchema]);

export const procedureSchema = z.strictObject({
  name: z.string(),
  product: z.string(),
  title: z.string(),
  source: z.string().optional(),
  params: z.record(z.string(), inputSchema),
  variables: z.record(z.string(), inputSchema),
  /** Role to the CEL expression over parameters and hosts that names its host. */
  roles: z.record(z.string(), expression).default({}),
  /** Secrets by name, with what they are; the values are the worker's. */
  secrets: z.record(z.string(), z.string()).default({}),
  /** Said by the procedure: it changes nothing on any host, and so takes no lock. */
  readOnly: z.boolean(),
  /** Stricter rights than a cluster gives. */
  may: rightsSchema.optional(),
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
export type Unless = z.infer<typeof unlessSchema>;
export type Requirement = z.infer<typeof requirementSchema>;
export type Answer = z.infer<typeof answerSchema>;
export type Capture = z.infer<typeof captureSchema>;
export type CaptureType = z.infer<typeof captureTypeSchema>;
export type Copy = z.infer<typeof copySchema>;
export type Edit = z.infer<typeof editSchema>;
export type CommandStep = z.infer<typeof commandStepSchema>;
export type AnnounceStep = z.infer<typeof announceStepSchema>;
export type PersonStep = z.infer<typeof personStepSchema>;
export type Step = z.infer<typeof stepSchema>;
export type Procedure = z.infer<typeof procedureSchema>;
