/** What people write for a parameter or a cluster variable. */
import { z } from 'zod';
import { strict } from './issues.ts';

const common = {
  title: z.string().min(1).optional().describe('What it is, in a few words; the name itself if absent'),
  help: z.string().min(1).optional().describe('A sentence for whoever has to give it'),
  default: z.union([z.string(), z.int()]).optional().describe('The value if none is given'),
  required: z
    .boolean()
    .optional()
    .describe('Whether it must be given; true unless there is a default. An optional one that is not given is empty text'),
};

const textSchema = strict({
  type: z.literal('text').describe('Any text on one line'),
  pattern: z.string().min(1).optional().describe('Regular expression that the whole text must match'),
  max_length: z.int().min(1).max(4096).optional().describe('Longest text in characters; 200 if absent'),
  ...common,
});
const enumSchema = strict({
  type: z.literal('enum').describe('One of a list'),
  values: z.array(z.string().min(1)).min(1).describe('The list'),
  ...common,
});
const hostSchema = strict({
  type: z.literal('host').describe('A host of the cluster, by name or alias'),
  role: z.string().min(1).optional().describe('The role that the host must have'),
  ...common,
});
const versionSchema = strict({ type: z.literal('version').describe('A version such as 2024.1.3 or VR7'), ...common });
const pathSchema = strict({ type: z.literal('path').describe('An absolute path without ..'), ...common });
const integerSchema = strict({
  type: z.literal('integer').describe('A whole number from 0'),
  min: z.int().min(0).optional().describe('Smallest'),
  max: z.int().min(0).optional().describe('Largest'),
  ...common,
});

export const inputSourceSchema = z
  .discriminatedUnion('type', [textSchema, enumSchema, hostSchema, versionSchema, pathSchema, integerSchema])
  .meta({ id: 'input', title: 'A parameter or variable' });

/** Names of parameters, variables and roles: what an expression can write after a dot. */
export const nameSchema = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower-case letters, digits and _, beginning with a letter');

export const inputsSchema = z.record(nameSchema, inputSourceSchema);

export type InputSource = z.infer<typeof inputSourceSchema>;
