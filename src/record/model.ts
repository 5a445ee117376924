/**
 * The record of one run as a file: what an export and the archive hold. Its entries are the very texts of the journal, so that chain, seals and
 * signature can be checked without Redis and without Slack. Pure.
 */
import { z } from 'zod';

export const RECORD_FORMAT = 'keyturn-record/1';

/** One event as it was written: `at`, `actor` and `event` are JSON texts, and the hash covers exactly these bytes (docs/record.md). */
export const entrySchema = z.strictObject({
  seq: z.number().int().describe('Place in the journal, from 1'),
  id: z.string().describe('Under which it was appended'),
  at: z.string().describe('Milliseconds since 1970, as text'),
  actor: z.string().describe('Who made it happen: JSON as text'),
  prev: z.string().describe('Hash of the entry before; of the first one a hash of the name of the run'),
  hash: z.string().describe('SHA-256 of all the other members but the seal, and of the run, in hex'),
  event: z.string().describe('What happened: JSON as text, exactly as it was hashed'),
  /** HMAC of the hash under the installation's secret; only the installation itself can check it. */
  seal: z.string().optional().describe('HMAC-SHA256 of the hash under the secret of the installation, which alone can check it'),
});

const contentKind = 'text, base64 for what is no UTF-8, or elsewhere for what this file does not hold';

/** An output beyond what the journal holds. Content is masked, as everything that Keyturn keeps. */
export const keptOutputSchema = z.strictObject({
  path: z.string().describe('As the journal names it; relative to the folder of the record'),
  sha256: z.string().describe('Of the content, uncompressed, in hex'),
  bytes: z.number().int().describe('Size of the content, uncompressed'),
  content: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('text').describe(contentKind), text: z.string().describe('The whole output') }),
      z.strictObject({ kind: z.literal('base64').describe(contentKind), base64: z.string().describe('The whole output, in base64') }),
      z.strictObject({ kind: z.literal('elsewhere').describe(contentKind), why: z.string().describe('Why it is not in this file') }),
    ])
    .describe('The output itself, its secrets masked'),
});

/** What stands before the reason where a kept output is not what the journal says. */
export const MISMATCH = 'NOT WHAT WAS RECORDED: ';

/** Why a kept output was not what the journal says of it, when its record was made; undefined where nothing speaks against it. */
export function mismatchIn(content: KeptOutput['content']): string | undefined {
  return isMismatch(content) ? content.why.slice(MISMATCH.length) : undefined;
}

export function isMismatch(content: KeptOutput['content']): content is Extract<KeptOutput['content'], { kind: 'elsewhere' }> {
  return content.kind === 'elsewhere' && content.why.startsWith(MISMATCH);
}

/** A message of the run's thread in Slack: `key` names it within the run. */
export const postedSchema = z.strictObject({
  key: z.string().describe('Names the message within the run'),
  channel: z.string().describe('Id of the channel in Slack'),
  ts: z.string().describe('Id of the message in the channel'),
  digest: z.string().describe('Digest of what Keyturn sent there last'),
});

export const signatureSchema = z.strictObject({
  key: z.string().describe('Public key of the installation: 32 bytes in base64'),
  value: z.string().describe('Ed25519 signature, 64 bytes in base64, of “keyturn journal <run> <seq> <hash>” of the last entry'),
});

const afterwardsSchema = z.strictObject({
  entries: z.array(entrySchema).describe('Entries of the register, hashed like those of a run that is called “register”, in its order'),
  signature: signatureSchema.describe(
    'Of “keyturn afterwards <run> <number of entries> <SHA-256 in hex of their hashes, joined by line ends>”, made for this file',
  ),
});

export const recordSchema = z.strictObject({
  format: z.literal(RECORD_FORMAT).describe('Names this form'),
  run: z.string().describe('Id of the run'),
  entries: z.array(entrySchema).describe('The journal, whole, in its order'),
  signature: signatureSchema.optional().describe('Of the last entry; absent while the run is on'),
  permalink: z.string().optional().describe('Link to the first message of the thread'),
  posted: z.array(postedSchema).describe('What stands in the thread'),
  afterwards: afterwardsSchema
    .optional()
    .describe('What came after the end: replies in the thread, and reviews; absent where there is nothing'),
  outputs: z.array(keptOutputSchema).describe('Every output that the journal does not hold whole'),
});

export type RecordEntry = z.infer<typeof entrySchema>;

export function entryOf({ seal, ...entry }: Omit<RecordEntry, 'seal'> & { readonly seal: string | undefined }): RecordEntry {
  return seal === undefined ? entry : { ...entry, seal };
}

/** The same as an entry of a journal. */
export function rawFrom({ seal, ...entry }: RecordEntry): Omit<RecordEntry, 'seal'> & { readonly seal: string | undefined } {
  return { ...entry, seal };
}

export type KeptOutput = z.infer<typeof keptOutputSchema>;
export type Posted = z.infer<typeof postedSchema>;
export type RunRecord = z.infer<typeof recordSchema>;

/**
 * As z.array, but it stops at the first member that is wrong: of what somebody made up of millions of wrong ones, each would be told, and fill the memory.
 */
export function listOf<T extends z.ZodType>(member: T) {
  return z.array(z.unknown()).transform((values, context): z.output<T>[] => {
    const read: z.output<T>[] = [];
    for (const [index, value] of values.entries()) {
      const each = member.safeParse(value);
      if (!each.success) {
        const [issue] = each.error.issues;
        context.addIssue({ code: 'custom', message: issue?.message ?? 'it has another form', path: [index, ...(issue?.path ?? [])] });
        return z.NEVER;
      }
      read.push(each.data);
    }
    return read;
  });
}

/** The same form, for whoever reads what may be made up. */
export const foreignRecordSchema = recordSchema.extend({
  entries: listOf(entrySchema),
  posted: listOf(postedSchema),
  afterwards: afterwardsSchema.extend({ entries: listOf(entrySchema) }).optional(),
  outputs: listOf(keptOutputSchema),
});
