/** What people write in `procedures/<product>/<name>.yaml`. The engine's form is `model.ts`; `parse.ts` leads from one to the other. */
import { z } from 'zod';
import { durationPattern } from './duration.ts';
import { inputsSchema, nameSchema } from './inputs-schema.ts';
import { strict } from './issues.ts';
import { readerSchema } from './model.ts';

const words = z.string().min(1);
const script = z.string().min(1).max(100_000);
const expression = z.string().min(1).max(10_000);
const duration = z.string().regex(durationPattern, 'must be a duration such as 200ms, 90s, 10m or 2h');
const fileName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and -, beginning with a letter');
const stepId = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be letters, digits, - and _, beginning with a letter, at most 32');
const envName = z.string().regex(/^[A-Z_][A-Z0-9_]*$/, 'must be capital letters, digits and _, not beginning with a digit');
const selector = z.string().regex(/^((each|any) )?[a-z][a-z0-9_]{0,63}$/, 'must be a role, `each <role>` or `any <role>`');

const env = z
  .record(envName, expression)
  .describe('Values for the scripts, as environment variables: NAME to CEL expression. A script uses them as "$NAME"');
const read = readerSchema.describe('How to read what the command printed: text, table, services, json or keys');

const expectation = strict({
  that: expression.describe('CEL expression that must be true'),
  else: words.describe('What is said when it is not; {{ CEL }} is filled in'),
});

const untilSchema = strict({
  run: script.describe('Command that only looks; run again and again'),
  read: read.optional(),
  expect: expression.describe('CEL expression; the wait is over when it is true'),
  every: duration.optional().describe('Pause between two looks; 5s if absent'),
  within: duration.describe('How long to wait in all'),
  waiting: words.describe('What is awaited, in words: `every service to be RUNNING`'),
});

const retry = z.union([z.literal('allowed'), strict({ forbidden: words.describe('What to do instead, in words') })]);

/** What a step and an entry under `shared` have in common. */
const shareable = {
  run: script.optional().describe('The script, for /bin/sh on the host. Constant text: values come in through env only'),
  env: env.optional(),
  timeout: duration.optional().describe('Longest time for the script; must be given where there is a run'),
  read: read.optional(),
  expect: z
    .union([expression, z.array(expectation).min(1)])
    .optional()
    .describe('What must hold after the script'),
  bind: z.record(nameSchema, expression).optional().describe('Roles found at run time: role to the CEL expression that names its host'),
  until: untilSchema.optional().describe('After the script: look until something holds'),
  recheck: z.array(nameSchema).min(1).optional().describe('Bound roles to read again before asking and before starting'),
  unsafe: words.optional().describe('Why a second person must approve; makes the step unsafe'),
  gate: words.optional().describe('A question; the step waits until somebody, the requester too, presses the button'),
  undo: words.optional().describe('How to take the step back; absent means that there is no undo'),
  retry: retry.optional().describe('Whether a failed start may be tried again; allowed if absent'),
  advice: words.optional().describe('What to do when the step fails'),
};

const when = expression.optional().describe('CEL expression; the step is skipped, and that is said, when it is false');

export const commandSourceSchema = strict({
  id: stepId.describe('Short name, unique in the procedure, as the runbook has it: S4'),
  title: words.describe('What the step does, in a few words'),
  on: selector.describe(
    'Where: `leader` (the one host in this role), `each query_engine` (one at a time), `any engine` (the first that answers)',
  ),
  use: z.string().min(1).optional().describe('Entry under `shared` whose keys this step takes where it has none of its own'),
  when,
  ...shareable,
});

export const announceSourceSchema = strict({
  announce: words.describe('Text for the thread and the cluster’s announcement channels; {{ CEL }} is filled in'),
  id: stepId.optional().describe('announce-1, announce-2 … if absent'),
  when,
});

export const phaseSourceSchema = strict({
  phase: words.describe('Name of a group of steps'),
  unsafe: words
    .optional()
    .describe('Why a second person must approve; for every step of the group that runs a script and says nothing else'),
  steps: z.array(z.union([announceSourceSchema, commandSourceSchema])).min(1),
});

export const procedureSourceSchema = strict({
  procedure: fileName.describe('Name, as in /ha <procedure> <cluster>; the file is <name>.yaml'),
  product: fileName.describe('Product, as in the cluster file; the name of the folder'),
  title: words.describe('What it does, in a few words'),
  source: words.optional().describe('The runbook that this follows'),
  params: inputsSchema.optional().describe('What whoever starts it gives: name=value'),
  variables: inputsSchema.optional().describe('What the cluster file gives'),
  env: env.optional().describe('env of every step'),
  read_only: z.boolean().optional().describe('true: changes nothing on any host, and so takes no lock on the cluster; false if absent'),
  approval: duration.optional().describe('How long a request for approval stays open; 30m if absent'),
  shared: z.record(nameSchema, strict(shareable)).optional().describe('Pieces that several steps use'),
  steps: z
    .array(z.union([announceSourceSchema, phaseSourceSchema, commandSourceSchema]))
    .min(1)
    .describe('In the order in which they run'),
});

export type ProcedureSource = z.infer<typeof procedureSourceSchema>;
export type CommandSource = z.infer<typeof commandSourceSchema>;
export type AnnounceSource = z.infer<typeof announceSourceSchema>;
export type PhaseSource = z.infer<typeof phaseSourceSchema>;
export type UntilSource = z.infer<typeof untilSchema>;
