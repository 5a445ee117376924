/** What people write in `procedures/<product>/<name>.yaml`. The engine's form is `model.ts`; `parse.ts` leads from one to the other. */
import { z } from 'zod';
import { inputsSchema, nameSchema } from './inputs-schema.ts';
import { strict } from './issues.ts';
import { duration, envSchema, expression, shareable, words } from './pieces-schema.ts';
import { procedureRightsSourceSchema, procedureRuleSourceSchema } from './policy-source.ts';

const fileName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and -, beginning with a letter');
const stepId = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be letters, digits, - and _, beginning with a letter, at most 32');
const selector = z
  .string()
  .regex(/^((each|any|all) )?[a-z][a-z0-9_]{0,63}$/, 'must be a role, `each <role>`, `any <role>` or `all <role>`');

const when = expression.optional().describe('CEL expression; what it stands at is skipped, and that is said, when it is false');
const aside = { id: stepId.optional().describe('Short name; one is made if absent'), when };

const use = z.string().min(1).optional();

const sharedSchema = strict({
  use: use.describe('Another entry under `shared` whose keys this one takes where it has none of its own'),
  ...shareable,
}).meta({ id: 'sharedEntry', title: 'What several steps use' });

export const commandSourceSchema = strict({
  id: stepId.describe('Short name, unique in the procedure, as the runbook has it: S4'),
  title: words.describe('What the step does, in a few words'),
  on: selector.describe(
    'Where: `leader` (the one host in this role), `each query_engine` (one at a time), `all node` (all at once), `any engine` (the first that answers)',
  ),
  use: use.describe('Entry under `shared` whose keys this step takes where it has none of its own'),
  when,
  ...shareable,
}).meta({ id: 'commandStep', title: 'A step on hosts' });

export const announceSourceSchema = strict({
  announce: words.describe('Text for the thread and the cluster’s announcement channels; {{ CEL }} is filled in'),
  ...aside,
}).meta({ id: 'announcement', title: 'An announcement' });

export const manualSourceSchema = strict({
  manual: words.describe('What a person does by hand; the run waits for the button Done and notes who pressed it'),
  title: words.optional().describe('What it is, in a few words; “By hand” if absent'),
  exchanges: nameSchema
    .optional()
    .describe('Role whose machine is another one from here on: the host is met anew, with the host key that `keyturn trust` confirmed'),
  ...aside,
}).meta({ id: 'manualStep', title: 'Something that a person does by hand' });

export const confirmSourceSchema = strict({
  confirm: words.describe('A question that a person answers before the run goes on: `Is there a valid backup of today?`'),
  title: words.optional().describe('What it is, in a few words; “Confirm” if absent'),
  second: words.optional().describe('Why a second person, never the requester, has to answer'),
  approve: procedureRuleSourceSchema
    .optional()
    .describe(
      'With `second`: who must answer beside whom the cluster and the procedure want: a number, a list of ids, or how many of whom',
    ),
  ...aside,
}).meta({ id: 'confirmStep', title: 'Something that a person confirms' });

export const groupUseSchema = strict({
  group: nameSchema.describe('Entry under `groups` whose steps stand here'),
  when,
}).meta({ id: 'groupUse', title: 'The steps of a group' });

const innerSteps = z
  .array(z.union([announceSourceSchema, manualSourceSchema, confirmSourceSchema, groupUseSchema, commandSourceSchema]))
  .min(1)
  .describe('In the order in which they run');

export const phaseSourceSchema = strict({
  phase: words.describe('Name of a group of steps'),
  unsafe: words
    .optional()
    .describe('Why a second person must approve; for every step of the phase that does something on a host and says nothing else'),
  when,
  steps: innerSteps,
}).meta({ id: 'phase', title: 'A phase: steps with one reason' });

const steps = z
  .array(z.union([announceSourceSchema, manualSourceSchema, confirmSourceSchema, groupUseSchema, phaseSourceSchema, commandSourceSchema]))
  .min(1)
  .describe('In the order in which they run');

const acceptSchema = strict({
  unused: words.optional().describe('Why something is declared that nothing here uses'),
  'unknown-role': words.optional().describe('Why no cluster file has a host in the role of a parameter'),
});

/** What a procedure and a library have in common. */
const common = {
  product: fileName.describe('Product, as in the cluster file; the name of the folder'),
  variables: inputsSchema.optional().describe('What the cluster file gives'),
  secrets: z
    .record(nameSchema, strict({ title: words.describe('What it is, in a few words') }))
    .optional()
    .describe('Secrets that the cluster file says where to find; secrets.<name> in env, answers and http only'),
  shells: z
    .record(nameSchema, strict({ run: words.describe('Command that reads further commands from its standard input') }))
    .optional()
    .describe('Shells of a product’s own, for steps with `shell`'),
  env: envSchema.optional().describe('env of every step'),
  accept: acceptSchema.optional().describe('False alarms of `keyturn lint` about the file as a whole: rule to the reason, in words'),
  shared: z.record(nameSchema, sharedSchema).optional().describe('Pieces that several steps use'),
  groups: z
    .record(nameSchema, strict({ steps: innerSteps }))
    .optional()
    .describe('Steps that stand in several places, for `group`'),
};

export const librarySourceSchema = strict({
  library: fileName.describe('Name, for `libraries` of a procedure; the file is <name>.yaml in the same folder'),
  ...common,
});

export const procedureSourceSchema = strict({
  procedure: fileName.describe('Name, as in /ha <procedure> <cluster>; the file is <name>.yaml'),
  title: words.describe('What it does, in a few words'),
  source: words.optional().describe('The document and section that this follows'),
  libraries: z
    .array(fileName)
    .min(1)
    .optional()
    .describe('Libraries in the same folder; each lends its variables, secrets, shells, env, shared and groups'),
  params: inputsSchema.optional().describe('What whoever starts it gives: name=value'),
  roles: z
    .record(nameSchema, expression)
    .optional()
    .describe('Roles that follow from the parameters: role to the CEL expression that names its host'),
  read_only: z.boolean().optional().describe('true: changes nothing on any host, and so takes no lock on the cluster; false if absent'),
  may: procedureRightsSourceSchema
    .optional()
    .describe('Stricter rights than a cluster file gives: they must be met beside those of the cluster'),
  approval: duration.optional().describe('How long a request for approval stays open; 30m if absent'),
  ...common,
  steps,
});

export type ProcedureSource = z.infer<typeof procedureSourceSchema>;
export type LibrarySource = z.infer<typeof librarySourceSchema>;
export type CommandSource = z.infer<typeof commandSourceSchema>;
export type SharedSource = z.infer<typeof sharedSchema>;
export type AnnounceSource = z.infer<typeof announceSourceSchema>;
export type ManualSource = z.infer<typeof manualSourceSchema>;
export type ConfirmSource = z.infer<typeof confirmSourceSchema>;
export type GroupUse = z.infer<typeof groupUseSchema>;
export type PhaseSource = z.infer<typeof phaseSourceSchema>;
export type InnerStep = PhaseSource['steps'][number];
export type AnyStep = ProcedureSource['steps'][number];
