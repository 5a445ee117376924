/** The parts of a step as people write them: what it does on a host, how that is read, what must hold, and who is asked. */
import { z } from 'zod';
import { durationPattern } from './duration.ts';
import { nameSchema } from './inputs-schema.ts';
import { strict } from './issues.ts';
import { captureTypeSchema, readerSchema } from './model.ts';
import { procedureRuleSourceSchema } from './policy-source.ts';

export const words = z.string().min(1);
export const expression = z.string().min(1).max(10_000);
export const duration = z.string().regex(durationPattern, 'must be a duration such as 200ms, 90s, 10m, 2h or 3d');
const script = z.string().min(1).max(100_000);
const pattern = z.string().min(1).max(1_000);
const envName = z.string().regex(/^[A-Z_][A-Z0-9_]*$/, 'must be capital letters, digits and _, not beginning with a digit');
const account = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a user account');
const octal = z.string().regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as 640');

export const envSchema = z
  .record(envName, expression)
  .describe('Values for the scripts, as environment variables: NAME to CEL expression. A script uses them as "$NAME"');

const httpSchema = strict({
  url: expression.describe('CEL expression for the address; the request is made by curl on the host'),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional().describe('GET if absent, POST where there is a form'),
  form: z
    .record(z.string().regex(/^[A-Za-z_][\w.-]*$/, 'must be the name of a form field'), expression)
    .optional()
    .describe('Form fields: name to CEL expression'),
  headers: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be the name of a header'), expression)
    .optional()
    .describe('Request headers: name to CEL expression'),
  user: expression.optional().describe('CEL expression for the user of basic authentication; never in a process list'),
  password: expression.optional().describe('CEL expression for the password, best a secret'),
  follow: z.boolean().optional().describe('Whether redirects are followed; false if absent'),
  insecure: z.boolean().optional().describe('Whether a certificate that nobody vouches for is accepted; false if absent'),
}).meta({ id: 'request', title: 'An HTTP request from the host' });

/** What looks at a host or asks a server there: in a step, in `until` and in `unless`. */
const looking = {
  run: script.optional().describe('The script, for /bin/sh on the host. Constant text: values come in through env only'),
  http: httpSchema.optional().describe('An HTTP request from the host, in place of a script'),
  read: readerSchema.optional().describe('How to read what was printed: text, lines, table, services, json, keys or regex; text if absent'),
  pattern: pattern.optional().describe('For `read: regex`: a regular expression with named groups'),
};

const expectationSchema = strict({
  that: expression.describe('CEL expression that must be true'),
  else: words.describe('What is said when it is not; {{ CEL }} is filled in'),
}).meta({ id: 'expectation', title: 'What must hold' });
const expectations = z.array(expectationSchema).min(1);

/** How long to wait: known when the file is written, or from what the cluster file and the command say. */
const limitSchema = z.union([duration, strict({ seconds: expression.describe('CEL expression: how many seconds') })]);

const untilSchema = strict({
  ...looking,
  expect: expression.describe('CEL expression; the wait is over when it is true'),
  every: duration.optional().describe('Pause between two looks; 5s if absent'),
  growing_to: duration.optional().describe('Each pause is longer than the one before, up to this; equal pauses if absent'),
  within: limitSchema.describe('How long to wait in all: a duration, or { seconds: CEL expression } where it depends on a value'),
  waiting: words.describe('What is awaited, in words: `every service to be RUNNING`'),
}).meta({ id: 'until', title: 'Waiting' });

const unlessSchema = strict({
  ...looking,
  expect: expression.describe('CEL expression; where it is true before the step, the host is skipped'),
  saying: words.describe('What is said then: `nothing of AtScale runs there`'),
}).meta({ id: 'unless', title: 'Whether the step is needed' });

const answerSchema = strict({
  prompt: pattern.describe('Regular expression for what the tool prints when it asks; its named groups are `said.<name>` from then on'),
  answer: expression.describe('CEL expression for the answer, one line; `said` and `peer.<name>` (said on the other host) can be used'),
}).meta({ id: 'answer', title: 'An answer to a prompt' });

const captureSchema = z.union([
  expression,
  strict({
    value: expression.describe('CEL expression for the value'),
    type: captureTypeSchema.describe('What it must be; needed where it reaches a script'),
  }),
]);

const copySchema = strict({
  from: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a role of one host, or `bot`')
    .describe('The role of the host that has the file, or `bot` for a file in KEYTURN_FILES on the machine of the worker'),
  path: expression.describe('CEL expression for the path of the file there'),
  to: expression.optional().describe('CEL expression for the path on the step’s host; the same path if absent'),
  owner: account.optional().describe('Owner of the copy; the file’s own if absent'),
  mode: octal.optional().describe('Mode of the copy; the file’s own if absent'),
}).meta({ id: 'copy', title: 'A file that is copied' });

const editSchema = strict({
  path: expression.describe('CEL expression for the path of the file'),
  set: z
    .record(z.string().regex(/^[A-Za-z_][\w.-]*$/, 'must be the name of a setting'), expression)
    .optional()
    .describe('Settings of a file of `name = value` lines: name to CEL expression; a missing one is added at the end'),
  replace: z
    .array(strict({ text: expression.describe('CEL expression: this text'), with: expression.describe('CEL expression: becomes this') }))
    .min(1)
    .optional()
    .describe('Texts that are replaced wherever they stand by themselves (not as part of a longer name)'),
}).meta({ id: 'edit', title: 'A file that is changed' });

/** False alarms of `keyturn lint` about a step, each with why it is one. */
const acceptSchema = strict({
  endless: words.optional().describe('Why this wait is as long as it is, or ends although it does not look so'),
  unreachable: words.optional().describe('Why a step is there that can never run'),
  'unknown-value': words.optional().describe('Why a parameter is compared with a value that it never has'),
  'secret-shown': words.optional().describe('Why nobody sees the secret although the script looks so'),
  'unknown-role': words.optional().describe('Why no cluster file has a host in the role'),
}).meta({ id: 'acceptedInStep', title: 'False alarms of a step' });

const retry = z.union([z.literal('allowed'), strict({ forbidden: words.describe('What to do instead, in words') })]);

/** What a step and an entry under `shared` have in common. */
export const shareable = {
  ...looking,
  copy: copySchema.optional().describe('A file that is copied to the step’s host, in place of a script'),
  edit: editSchema.optional().describe('A text file that is changed on the step’s host; the approver sees the difference'),
  shell: nameSchema.optional().describe('Entry under `shells` in which the scripts of the step run'),
  become: account.optional().describe('User as whom the step runs, through sudo'),
  env: envSchema.optional(),
  answers: z
    .array(answerSchema)
    .optional()
    .describe('The tool asks: what is answered. A prompt that none of these knows becomes a question in the thread'),
  timeout: duration.optional().describe('Longest time for the script; must be given where there is a run, a copy, an edit or an http'),
  statuses: z.array(z.int().min(0).max(255)).min(1).optional().describe('Exit statuses that are no failure; [0] if absent'),
  expect: z.union([expression, expectations]).optional().describe('What must hold after the script'),
  warn: expectations.optional().describe('What should hold after the script; where it does not, the thread says so and the run goes on'),
  capture: z.record(nameSchema, captureSchema).optional().describe('Values for later steps: name to CEL expression; captured.<name>'),
  bind: z.record(nameSchema, expression).optional().describe('Roles found at run time: role to the CEL expression that names its host'),
  says: words.optional().describe('What the thread says of what was seen; {{ CEL }} is filled in'),
  until: untilSchema.optional().describe('After the script: look until something holds'),
  unless: unlessSchema.optional().describe('Before the step: look whether it is needed at all on this host'),
  unreachable: words.optional().describe('A host that cannot be reached is skipped, and this is said'),
  recheck: z.array(nameSchema).min(1).optional().describe('Bound roles to read again before asking and before starting'),
  read_only: z.boolean().optional().describe('true: it only looks, so a plan runs it too; false if absent'),
  unsafe: words.optional().describe('Why a second person must approve; makes the step unsafe'),
  approve: procedureRuleSourceSchema
    .optional()
    .describe(
      'Who must approve an unsafe step beside whom the cluster and the procedure want: a number, a list of ids, or how many of whom',
    ),
  safe: words.optional().describe('Why the step is safe although its script looks otherwise, for lint and for readers'),
  gate: words.optional().describe('A question; the step waits until somebody, the requester too, presses the button'),
  undo: words.optional().describe('How to take the step back; absent means that there is no undo'),
  unverified: words.optional().describe('Why nothing can be checked after an unsafe step'),
  accept: acceptSchema.optional().describe('False alarms of `keyturn lint` that this step answers: rule to the reason, in words'),
  retry: retry.optional().describe('Whether a failed start may be tried again; allowed if absent'),
  advice: words.optional().describe('What to do when the step fails'),
};

export type HttpSource = z.infer<typeof httpSchema>;
export type LookSource = { readonly run?: string | undefined; readonly http?: HttpSource | undefined };
export type UntilSource = z.infer<typeof untilSchema>;
export type UnlessSource = z.infer<typeof unlessSchema>;
export type CaptureSource = z.infer<typeof captureSchema>;
export type ExpectationSource = z.infer<typeof expectationSchema>;
