/**
 * The record of one run as a file: what an export and the archive hold. Its entries are the very texts of the journal, so that chain, seals and
 * signature can be checked without Redis and without Slack. Pure.
 */
import { z } from 'zod';

export const RECORD_FORMAT = 'keyturn-record/1';

/** One event as it was written: `at`, `actor` and `event` are JSON texts, and the hash covers exactly these bytes (docs/record.md). */
export const entrySchema = z.strictObject({
  seq: z.number().int(),
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  prev: z.string(),
  hash: z.string(),
  event: z.string(),
  /** HMAC of the hash under the installation's secret; only the installation itself can check it. */
  seal: z.string().optional(),
});

/** An output beyond what the journal holds. Content is masked, as everything that Keyturn keeps. */
export const keptOutputSchema = z.strictObject({
  /** As the journal names it; relative to the folder of the record. */
  path: z.string(),
  /** Of the content, uncompressed. */
  sha256: z.string(),
  bytes: z.number().int(),
  content: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), text: z.string() }),
    z.strictObject({ kind: z.literal('base64'), base64: z.string() }),
    /** Not in this file. */
    z.strictObject({ kind: z.literal('elsewhere'), why: z.string() }),
  ]),
});

/** A message of the run's thread in Slack: `key` names it within the run. */
export const postedSchema = z.strictObject({
  key: z.string(),
  channel: z.string(),
  ts: z.string(),
  /** Of what Keyturn sent last. */
  digest: z.string(),
});

export const signatureSchema = z.strictObject({ key: z.string(), value: z.string() });

export const recordSchema = z.strictObject({
  format: z.literal(RECORD_FORMAT),
  run: z.string(),
  entries: z.array(entrySchema),
  /** Of the last entry (`headStatement`), by the installation; absent while the run is on. */
  signature: signatureSchema.optional(),
  /** Link to the first message of the thread. */
  permalink: z.string().optional(),
  posted: z.array(postedSchema),
  outputs: z.array(keptOutputSchema),
});

export type RecordEntry = z.infer<typeof entrySchema>;
export type KeptOutput = z.infer<typeof keptOutputSchema>;
export type Posted = z.infer<typeof postedSchema>;
export type RunRecord = z.infer<typeof recordSchema>;
