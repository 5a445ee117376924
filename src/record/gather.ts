/** Puts the record of one run together from where its parts lie. */
import { verifyJournal } from '../journal/chain.ts';
import type { Inspected } from '../journal/read.ts';
import { kindOf, outputsIn } from './entries.ts';
import { afterwardsStatement, headStatement, type Signer } from '../signature.ts';
import { type KeptOutput, type Posted, RECORD_FORMAT, entryOf, type RecordEntry, type RunRecord } from './model.ts';
import type { AfterwardsOf } from './afterwards.ts';

export type RecordSources = {
  /** A journal, wherever it is, whole or not. */
  readonly inspect: (run: string) => Promise<Pick<Inspected, 'raw' | 'head'>>;
  /** What is known of the thread. */
  readonly threadOf: (run: string) => Promise<{ readonly posted: readonly Posted[]; readonly permalink: string | undefined }>;
  /** The content of an output, or why it is not given. */
  readonly content: (output: Omit<KeptOutput, 'content'>) => Promise<KeptOutput['content']>;
  readonly signer: Signer;
  /** That of the journals, by which seals are proved. */
  readonly sealing: Buffer;
  /** Absent for a file that outlives what may still be written. */
  readonly afterwardsOf?: AfterwardsOf;
};

/**
 * Undefined where nobody knows the run. What is damaged is given as it is, for `verify` to judge; it is not signed: a signature must not vouch for a
 * chain that somebody else has made.
 */
export async function gatherRecord(sources: RecordSources, run: string): Promise<RunRecord | undefined> {
  const found = await sources.inspect(run);
  const { raw } = found;
  if (raw.length === 0) return undefined;
  const entries = raw.flatMap((entry) => (entry === undefined ? [] : [entryOf(entry)]));
  const { posted, permalink } = await sources.threadOf(run);
  const outputs: KeptOutput[] = [];
  for (const output of outputsIn(entries)) outputs.push({ ...output, content: await sources.content(output) });
  const last = entries.at(-1);
  const isOurs = last !== undefined && isEnd(last) && verifyJournal(run, found, sources.sealing).length === 0;
  const signature = isOurs ? { signature: sources.signer.sign(headStatement(run, last)) } : {};
  const after = (await sources.afterwardsOf?.(run)) ?? [];
  const afterwards = { entries: [...after], signature: sources.signer.sign(afterwardsStatement(run, after)) };
  return {
    format: RECORD_FORMAT,
    run,
    entries,
    ...signature,
    ...(after.length === 0 ? {} : { afterwards }),
    ...(permalink === undefined ? {} : { permalink }),
    posted: [...posted],
    outputs,
  };
}

/** By the event itself: words in a note must not make a run look ended. */
function isEnd({ event }: RecordEntry): boolean {
  return kindOf(event) === 'runEnded';
}
