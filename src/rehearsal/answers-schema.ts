/** What hosts answer in a rehearsal, as people write it. */
import { z } from 'zod';
import { strict } from '../procedure/issues.ts';
import { duration, words } from '../procedure/pieces-schema.ts';

/** Recorded text may stand in a file beside the test. */
export const printedSchema = z.union([z.string(), strict({ file: words.describe('Path of a text file, beside the test file') })]);

export const outputNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, _ and -, beginning with a letter');

export const refusals = ['unreachable', 'host-key-changed', 'host-key-unknown', 'login-refused', 'no-shell'] as const;

/** How one command, look, request or copy goes. */
const ending = {
  prints: printedSchema.optional().describe('What is printed; nothing if absent'),
  output: outputNameSchema.optional().describe('In place of `prints`: the name of an entry under `outputs`'),
  errors: z.string().optional().describe('What is printed as errors'),
  status: z.int().min(0).max(255).optional().describe('Exit status; 0 if absent'),
  takes: duration.optional().describe('How long it takes; no time at all if absent. More than the step allows: the host ends it'),
  asks: z
    .array(
      strict({
        prints: z.string().min(1).describe('What the tool prints before it waits for a line'),
        told: z.string().optional().describe('The line that it must be given; any line if absent'),
      }),
    )
    .min(1)
    .optional()
    .describe('An interactive tool: what it asks, in turn. What `prints` or `output` says comes after the last answer'),
  refuses: z.enum(refusals).optional().describe('Nothing begins there: the host does not let anybody in'),
  lost: z
    .union([z.literal(true), words])
    .optional()
    .describe('It begins, and how it ends cannot be known; the reason in words, or `true`'),
  breaks: z
    .literal(true)
    .optional()
    .describe('The connection breaks on the way: a command is followed on, a look gives nothing, a copy is cut'),
};

export const turnSourceSchema = strict({
  ...ending,
  for: duration.optional().describe('How long it stays so, from the first time on; once only if absent'),
});

const names = z.union([words, z.array(words).min(1)]);

export const answerSourceSchema = strict({
  on: names.optional().describe('Host or hosts; any host if absent'),
  step: names.optional().describe('Id or ids of the steps at which this is the answer; every step if absent'),
  run: words.optional().describe('Part of the script'),
  http: words.optional().describe('Part of the address of an HTTP request'),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional().describe('Method of the request; any if absent'),
  copy: words.optional().describe('Part of the path of a copied file, on the step’s host'),
  edit: words.optional().describe('Part of the path of an edited file'),
  with: z.record(z.string().min(1), z.string()).optional().describe('Values that the script must be given, by name'),
  after: words.optional().describe('Only where the last command that was carried out on the host has this in its script'),
  ...ending,
  in_turn: z.array(turnSourceSchema).min(1).optional().describe('Answers one after the other; the last one stays'),
});

export type PrintedSource = z.infer<typeof printedSchema>;
/** `for` only stands in `in_turn`. */
export type TurnSource = z.infer<typeof turnSourceSchema>;
export type AnswerSource = z.infer<typeof answerSourceSchema>;
