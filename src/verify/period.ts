/**
 * Everything of a period as one file, beside its runs: the piece of the list of runs and of the register, that every run which the list names is in the
 * file, and the signature, which says which runs and pieces were put into it. Pure.
 */
import type { Period } from '../export/period.ts';
import { periodDigest, pieceOf, runEnd } from '../export/period-head.ts';
import { verifyJournal } from '../journal/chain.ts';
import { REGISTER_NAME } from '../journal/register-events.ts';
import { RUNS_NAME, type RunsEvent, runsEventSchema } from '../journal/runs-events.ts';
import { jsonOf } from '../json.ts';
import type { RecordEntry } from '../record/model.ts';
import { fingerprintOf, isSigned, periodStatement } from '../signature.ts';
import { type Fault, type Findings, NOTHING_FOUND, together, wholly } from './fault.ts';
import { isKey } from './key.ts';
import { inspectedFrom, otherKey } from './record.ts';

export type PeriodMeasure = {
  /** Keys that seal the two, where they are at hand. */
  readonly keys?: { readonly runs: Buffer; readonly register: Buffer } | undefined;
  /** Fingerprint or base64 of the public key that must have signed. */
  readonly pinned?: string | undefined;
};

/** `signedBy`: fingerprint of the key in the file, where its signature holds. */
export type JudgedPeriod = Findings & { readonly signedBy: string | undefined };

export function judgePeriod(period: Period, { keys, pinned }: PeriodMeasure): JudgedPeriod {
  const pieces = [
    ...pieceFaults('the list of runs', RUNS_NAME, period.list, keys?.runs),
    ...pieceFaults('the register', REGISTER_NAME, period.register, keys?.register),
  ];
  const signedBy = signerOf(period);
  const listed = listedFindings(period, signedBy !== undefined);
  return { ...together({ faults: pieces, notices: [] }, listed, signatureFindings(period, signedBy, pinned)), signedBy };
}

function signerOf({ from, to, cluster, deleted = [], runs, list, register, signature }: Period): string | undefined {
  if (signature === undefined) return undefined;
  const head = { from, to, cluster, deleted, runs: runs.map(runEnd), list: pieceOf(list), register: pieceOf(register) };
  return isSigned(periodStatement(periodDigest(head)), signature) ? fingerprintOf(signature.key) : undefined;
}

/** Whoever takes a run out can take the signature out as well: so its absence is told, and is a fault where a key is asked for. */
function signatureFindings({ signature }: Period, signedBy: string | undefined, pinned: string | undefined): Findings {
  if (signature === undefined) {
    const why = 'a release before signatures made it, the list or the register did not prove then, or somebody took the signature out';
    const sentence = `The file as a whole bears no signature (${why}): runs may have been left out at the end of the piece of the list. Export it again.`;
    return pinned === undefined ? { faults: [], notices: [{ seq: 0, sentence }] } : { faults: [wholly('unsigned', sentence)], notices: [] };
  }
  const other = pinned === undefined || isKey(signature.key, pinned) ? [] : [otherKey(signature.key, pinned)];
  if (signedBy !== undefined) return { faults: other, notices: [] };
  const sentence =
    'The signature of the file does not fit: the runs, the pieces of list and register, or the period are not those that were exported.';
  return { faults: [wholly('wrongSignature', sentence), ...other], notices: [] };
}

/** It begins where the period does: what stood before is no gap. */
function pieceFaults(what: string, name: string, entries: readonly RecordEntry[], key: Buffer | undefined): readonly Fault[] {
  const first = entries[0]?.seq ?? 1;
  return verifyJournal(name, inspectedFrom(entries), key)
    .filter(({ kind, seq }) => kind !== 'missing' || seq >= first)
    .map((fault) => ({ ...fault, sentence: `In ${what}: ${fault.sentence}` }));
}

/** Where the signature holds, the file says itself for which cluster it was made and what was deleted; else that is guessed from the runs in it. */
function listedFindings({ list, runs, cluster, deleted = [] }: Period, isOurs: boolean): Findings {
  const here = new Map(runs.map((record) => [record.run, record]));
  const events = list.flatMap(eventIn);
  const gone = new Set([...events.flatMap((event) => (event.kind === 'runExpunged' ? [event.run] : [])), ...(isOurs ? deleted : [])]);
  const isAbsent = (run: string): boolean => !here.has(run) && !gone.has(run);
  const absent = events.flatMap((event) => (event.kind === 'runBegan' && isAbsent(event.run) ? [event] : []));
  const clusters = new Set(events.flatMap((event) => (event.kind === 'runBegan' && here.has(event.run) ? [event.cluster] : [])));
  const isWanted = (named: string): boolean => (isOurs ? cluster === undefined || cluster === named : clusters.has(named));
  const vanished = absent.filter((event) => isWanted(event.cluster));
  const ends = events.flatMap((event) => (event.kind === 'runEnded' ? endFault(event, here.get(event.run)?.entries) : []));
  return together(
    { faults: [...vanished.map(vanishedFault), ...ends], notices: [] },
    isOurs ? deletedNotice(deleted) : elsewhereNotice(absent.length - vanished.length),
  );
}

function elsewhereNotice(count: number): Findings {
  const sentence = `The list of runs names ${count} more on clusters of which this file holds no run: it was made for some clusters only, or they were taken out.`;
  return count === 0 ? NOTHING_FOUND : { faults: [], notices: [{ seq: 0, sentence }] };
}

function deletedNotice(deleted: readonly string[]): Findings {
  const sentence = `Not in the file, because they were not to be kept any longer when it was made: ${deleted.join(', ')}.`;
  return deleted.length === 0 ? NOTHING_FOUND : { faults: [], notices: [{ seq: 0, sentence }] };
}

function vanishedFault({ run, procedure, cluster, requester }: Extract<RunsEvent, { kind: 'runBegan' }>): Fault {
  return wholly('vanished', `${run}, ${procedure} on ${cluster}, requested by ${requester}, is in the list of runs and not in the file.`);
}

/** A run that was exported while it was on has fewer events; none has others. */
function endFault(ended: Extract<RunsEvent, { kind: 'runEnded' }>, entries: readonly RecordEntry[] | undefined): readonly Fault[] {
  if (entries === undefined) return [];
  const last = entries.at(-1);
  if (last?.seq === ended.seq && last.hash === ended.hash) return [];
  return [
    wholly(
      'otherHead',
      `${ended.run}: the list of runs says that it ended with event ${ended.seq}, ${ended.hash}; in the file it ends otherwise.`,
    ),
  ];
}

function eventIn({ event }: RecordEntry): readonly RunsEvent[] {
  const { data } = runsEventSchema.safeParse(jsonOf(event));
  return data === undefined ? [] : [data];
}
