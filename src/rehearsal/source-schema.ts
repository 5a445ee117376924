/** What people write in `procedures/<product>/<name>.test.yaml`. The form that is rehearsed is `model.ts`; `parse.ts` leads from one to the other. */
import { z } from 'zod';
import { nameSchema } from '../procedure/inputs-schema.ts';
import { strict } from '../procedure/issues.ts';
import { words } from '../procedure/pieces-schema.ts';
import { answerSourceSchema, outputNameSchema, printedSchema } from './answers-schema.ts';

const value = z.union([z.string(), z.int()]);
const values = z.record(nameSchema, value);
const account = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a user account');

const hostSourceSchema = z.union([
  z.array(nameSchema).min(1),
  strict({
    roles: z.array(nameSchema).min(1).describe('What the host is'),
    address: words.optional().describe('Its address; its name if absent'),
    aliases: z.array(words).min(1).optional().describe('Other names under which the product reports it'),
    user: account.optional().describe('Who logs in; keyturn if absent'),
    become: account.optional().describe('User as whom the commands run'),
    variables: values.optional().describe('Its own variables'),
  }),
]);
const hosts = z.record(words, hostSourceSchema);

const clusterSourceSchema = z.union([
  words,
  strict({
    title: words.optional().describe('What it is, in a few words'),
    hosts: hosts.describe('In the order in which `each` goes through them: name to roles, or to more'),
    variables: values.optional().describe('Values for the variables that the procedure declares'),
  }),
]);

const changesSchema = strict({
  without: z.array(words).min(1).optional().describe('Hosts that this cluster does not have'),
  hosts: hosts.optional().describe('Hosts that it has besides, or that are otherwise'),
  variables: values.optional().describe('Variables that are otherwise'),
});

const fileSchema = z.union([
  z.string(),
  strict({
    text: z.string().optional().describe('What is in it'),
    bytes: z.int().min(0).optional().describe('In place of `text`: how large it is'),
    owner: account.optional().describe('root if absent'),
    group: account.optional().describe('root if absent'),
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as 640')
      .optional()
      .describe('0644 if absent'),
    link: z.literal(true).optional().describe('The path is a link to the file'),
    is: z.enum(['folder', 'missing']).optional().describe('A folder stands there, or nothing'),
  }),
]);
const files = z.record(words, z.record(words, fileSchema));

/** What people can do wherever the run waits for them, in the words of the buttons. */
export const deedWords = [
  ...(['approve', 'check-again', 'reject', 'ignore', 'done', 'yes', 'no'] as const),
  ...(['retry', 'skip', 'abort', 'ask-again', 'look-again', 'settle-done', 'settle-failed', 'cancel'] as const),
] as const;
export type DeedWord = (typeof deedWords)[number];

const reason = z.string().optional();
const deedWordSchema = z.enum(deedWords);
const reasonedSchema = strict({
  reject: reason,
  done: reason,
  yes: reason,
  no: reason,
  retry: reason,
  skip: reason,
  abort: reason,
  'ask-again': reason,
  'look-again': reason,
  'settle-done': reason,
  'settle-failed': reason,
  cancel: reason,
  answer: reason,
});
const deedSchema = z.union([deedWordSchema, reasonedSchema]);
const people = z.record(words, z.union([deedWordSchema, reasonedSchema, z.array(deedSchema).min(1)]));

const endingSchema = z.union([
  z.enum(['succeeded', 'aborted', 'cancelled']),
  strict({
    stopped: words.optional().describe('Step at which the run stops and asks what to do'),
    waits: words.optional().describe('Step at which it waits for people and nobody answers'),
    refused: words.optional().describe('It does not even start; a part of the reason'),
    on: words.optional().describe('Host on which it stops or waits'),
    because: words.optional().describe('Part of the reason or the question, as the thread says it'),
    offers: z
      .array(words)
      .min(1)
      .optional()
      .describe('Every choice that people have there: retry, skip, abort, ask-again, look-again, settle-done, settle-failed'),
  }),
]);

const places = z.array(words);

export const caseSourceSchema = strict({
  title: words.describe('What it shows, in a few words'),
  cluster: changesSchema.optional().describe('How the cluster differs from that of the file'),
  params: values.optional().describe('What is given at the start; over the params of the file'),
  secrets: z.record(nameSchema, z.string()).optional().describe('Secrets that are otherwise'),
  files: files.optional().describe('Files that are otherwise'),
  answers: z
    .array(answerSourceSchema)
    .min(1)
    .optional()
    .describe('What hosts answer in this case, before the answers of the file; each must be needed'),
  people: people.optional().describe('What people do in this case'),
  expect: endingSchema.describe('How it ends'),
  does: z
    .union([places, strict({ some: places.min(1).describe('These in this order; others may stand between them') })])
    .optional()
    .describe('Every command of a step that does more than look, in order: `S3 query-01`'),
  skipped: z
    .union([places, z.record(words, words)])
    .optional()
    .describe('Every step (`S10`) or host of a step (`S2 old-01`) that is left out; with a part of the reason where it is a map'),
  asks: places.optional().describe('Every time that people are asked, in order: `S4`, `S4 second` (a second person) or `S4 anyone`'),
  says: z.array(words).min(1).optional().describe('Texts that the thread holds'),
  never_says: z.array(words).min(1).optional().describe('Texts that the thread does not hold'),
  roles: z.record(nameSchema, words).optional().describe('Roles as they are at the end: role to host'),
  captured: z.record(nameSchema, z.json()).optional().describe('Captured values as they are at the end'),
  leaves: files.optional().describe('Files as they are at the end'),
  plan: z
    .union([z.literal('same'), strict({ problems: z.array(words).min(1).describe('Texts that the problems of the plan hold') })])
    .optional()
    .describe('`same`: a plan made beforehand has no problem, and its digest is that of the run'),
});

export const testSourceSchema = strict({
  tests: words.describe('The procedure; the file is <procedure>.test.yaml, or <procedure>.<more>.test.yaml, beside it'),
  cluster: clusterSourceSchema.describe('The cluster, or the name of a cluster file'),
  params: values.optional().describe('What is given at the start, in every case'),
  secrets: z.record(nameSchema, z.string()).optional().describe('Secrets by name, made up'),
  files: files.optional().describe('Files on hosts, and on `bot`, the machine of the worker: host to path to content'),
  outputs: z.record(outputNameSchema, printedSchema).optional().describe('Texts that hosts print, by name'),
  answers: z.array(answerSourceSchema).min(1).optional().describe('What hosts answer; the first entry that fits is taken'),
  people: people.optional().describe('What people do, by step; they approve and confirm whatever is not named, and settle no trouble'),
  cases: z.array(caseSourceSchema).min(1),
});

export type TestSource = z.infer<typeof testSourceSchema>;
export type CaseSource = z.infer<typeof caseSourceSchema>;
export type HostSource = z.infer<typeof hostSourceSchema>;
export type FileSource = z.infer<typeof fileSchema>;
export type DeedSource = z.infer<typeof deedSchema>;
export type EndingSource = z.infer<typeof endingSchema>;
