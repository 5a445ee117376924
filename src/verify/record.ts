/**
 * The record of one run as a file, judged by nothing but itself: an export or a file of the archive. Chain, rules, outputs and signature. Pure.
 *
 * What a signature proves: that the holder of the key signed that the journal of this run ends with this event, which through the chain covers every
 * event before, and through the hashes in them every output. It covers neither `posted` nor `permalink`.
 */
import { createHash } from 'node:crypto';
import type { Inspected } from '../journal/journal.ts';
import { asInspected } from '../journal/raw.ts';
import { whyAfterwardsDiffer } from '../record/afterwards.ts';
import { isMismatch, type KeptOutput, mismatchIn, rawFrom, type RecordEntry, type RunRecord } from '../record/model.ts';
import { fingerprintOf, headStatement, isSigned } from '../signature.ts';
import { judgeEntries, type Summary } from './entries.ts';
import { type Fault, type Notice, wholly } from './fault.ts';
import { isKey } from './key.ts';
import { headFaults, type Told, toldOutputs } from './told.ts';

export type RecordMeasure = {
  /** Of this installation's seals, where it is here. */
  readonly key?: Buffer | undefined;
  /** Fingerprint or base64 of the public key that must have signed. */
  readonly pinned?: string | undefined;
};

export type JudgedRecord = Summary & {
  readonly faults: readonly Fault[];
  readonly notices: readonly Notice[];
  /** Fingerprint of the key in the file, where its signature holds. */
  readonly signedBy: string | undefined;
};

export function judgeRecord(record: RunRecord, { key, pinned }: RecordMeasure): JudgedRecord {
  const found = inspectedFrom(record.entries);
  const { summary, recorded, faults } = judgeEntries(record.run, found, { key });
  const signature = signatureFaults(record, pinned);
  const outputs = outputFindings(record.outputs, toldOutputs(recorded));
  return {
    ...summary,
    faults: [...faults, ...outputs.faults, ...signature, ...afterwardsFaults(record, pinned)].toSorted((a, b) => a.seq - b.seq),
    notices: outputs.notices,
    signedBy:
      record.signature === undefined || signature.some(({ kind }) => kind === 'wrongSignature')
        ? undefined
        : fingerprintOf(record.signature.key),
  };
}

function afterwardsFaults(record: RunRecord, pinned: string | undefined): readonly Fault[] {
  const [key, why] = [record.afterwards?.signature.key, whyAfterwardsDiffer(record)];
  const differ = why === undefined ? [] : [wholly('wrongSignature', why)];
  return key === undefined || pinned === undefined || isKey(key, pinned) ? differ : [...differ, otherKey(key, pinned)];
}

/** A file has no head beside the entries: where it ends is what the signature says. */
export function inspectedFrom(entries: readonly RecordEntry[]): Inspected {
  return asInspected(entries.map(rawFrom));
}

/** The end that was signed must be the end that is there. `pinned`: fingerprint or base64 of the key that must have signed. */
export function signatureFaults({ run, entries, signature }: RunRecord, pinned: string | undefined): readonly Fault[] {
  const last = entries.at(-1);
  if (last === undefined) return [{ seq: 0, kind: 'cut', sentence: 'The record holds no event.' }];
  if (signature === undefined) {
    const why = 'It was written while the run was on, or its end was cut off: nothing proves its end.';
    return [{ seq: last.seq, kind: 'unsigned', sentence: `The record bears no signature. ${why}` }];
  }
  const other: readonly Fault[] = pinned === undefined || isKey(signature.key, pinned) ? [] : [otherKey(signature.key, pinned)];
  if (isSigned(headStatement(run, last), signature)) return other;
  const earlier = entries.findLast((entry) => isSigned(headStatement(run, entry), signature));
  const sentence =
    earlier === undefined
      ? `The signature does not fit: not event ${last.seq}, as it stands here, was signed as the end. The end was cut off or changed, or the signature was.`
      : `The signature is of event ${earlier.seq}: what follows it was added later.`;
  return [{ seq: last.seq, kind: 'wrongSignature', sentence }, ...other];
}

export function otherKey(key: string, pinned: string): Fault {
  return { seq: 0, kind: 'otherKey', sentence: `The record is signed by key ${fingerprintOf(key)}, not by ${pinned}.` };
}

type OutputFindings = { readonly faults: readonly Fault[]; readonly notices: readonly Notice[] };

function outputFindings(outputs: readonly KeptOutput[], told: readonly Told[]): OutputFindings {
  const filed = told.filter(({ output }) => output.path !== undefined);
  const named = new Set(filed.map(({ output }) => output.path));
  const foreign = outputs.filter(({ path }) => !named.has(path));
  // Of two of one name the first one counts.
  const kept = new Map(outputs.toReversed().map((each) => [each.path, each]));
  const faults = [...headFaults(told), ...filed.flatMap((each) => fileFaults(each, kept)), ...foreign.map(foreignFault)];
  const elsewhere = outputs.filter(({ content }) => content.kind === 'elsewhere' && !isMismatch(content)).length;
  if (elsewhere === 0) return { faults, notices: [] };
  const sentence = `${elsewhere} output${elsewhere === 1 ? ' is' : 's are'} not in the file; what the journal holds of ${elsewhere === 1 ? 'it' : 'them'} was checked.`;
  return { faults, notices: [{ seq: 0, sentence }] };
}

function foreignFault({ path }: KeptOutput): Fault {
  return { seq: 0, kind: 'outputForeign', sentence: `The file holds an output that no event tells of: ${path}.` };
}

function fileFaults({ seq, what, output }: Told, outputs: ReadonlyMap<string, KeptOutput>): readonly Fault[] {
  const kept = outputs.get(output.path ?? '');
  if (kept === undefined) return [{ seq, kind: 'outputMissing', sentence: `${what} is missing from the file.` }];
  const mismatch = mismatchIn(kept.content);
  if (mismatch !== undefined)
    return [{ seq, kind: 'outputEdited', sentence: `${what} was not what event ${seq} says of it when the file was made: ${mismatch}.` }];
  const content = contentOf(kept);
  const isSame = kept.sha256 === output.sha256 && kept.bytes === output.bytes;
  const holds =
    content === undefined || (content.length === output.bytes && createHash('sha256').update(content).digest('hex') === output.sha256);
  if (isSame && holds) return [];
  return [{ seq, kind: 'outputEdited', sentence: `${what} is not what event ${seq} says of it: its SHA-256 or its length is another.` }];
}

function contentOf({ content }: KeptOutput): Buffer | undefined {
  switch (content.kind) {
    case 'text':
      return Buffer.from(content.text);
    case 'base64':
      return Buffer.from(content.base64, 'base64');
    case 'elsewhere':
      return undefined;
  }
}
