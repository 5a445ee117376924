/** `keyturn verify <file>`: judges records as files, with nothing but the file. */
import { readConfig } from '../config.ts';
import { explain } from '../errors.ts';
import { type KeyFor, readInstallationKey } from '../installation-key.ts';
import { createSigner } from '../signature.ts';
import { readRecords } from '../verify/file.ts';
import type { Judged } from '../verify/run.ts';
import { judgeRecord } from '../verify/record.ts';
import { NOTHING_FOUND, wholly } from '../verify/fault.ts';
import { type JudgedPeriod, judgePeriod, type PeriodMeasure } from '../verify/period.ts';
import type { CliWorld } from './world.ts';

/** `signedBy`: fingerprint of the key whose signature holds. */
export type JudgedFileRun = Judged & { readonly signedBy: string | undefined };
export type JudgedFile = {
  readonly file: string;
  readonly runs: readonly JudgedFileRun[];
  /** What stands beside the runs of a period. */
  readonly beside: JudgedPeriod;
  /** Why it could not be judged at all. */
  readonly unreadable: string | undefined;
};

export type FileOptions = { readonly pinned: string | undefined };

export async function verifyFile(file: string, keyFor: KeyFor | undefined, { pinned }: FileOptions): Promise<JudgedFile> {
  try {
    const { records, period, kind } = await readRecords(file);
    const key = keyFor === undefined ? undefined : keyFor('journal');
    const own = keyFor === undefined ? undefined : createSigner(keyFor('signature')).key;
    const runs = records.map((read): JudgedFileRun => {
      if (read.kind === 'broken') return broken(read.run, read.why);
      // The seals of another installation's record open for nobody here; its signature is judged all the same.
      const isOurs = own !== undefined && read.record.signature?.key === own;
      return judgeRecord(read.record, { pinned, key: isOurs ? key : undefined });
    });
    const isOurs = own !== undefined && records.some((read) => read.kind === 'record' && read.record.signature?.key === own);
    const beside = period === undefined ? NOTHING : judgePeriod(period, { keys: isOurs ? sealsOf(keyFor) : undefined, pinned });
    // Runs that have not the form are told one by one.
    const isBroken = kind === 'period' && period === undefined && records.every((read) => read.kind === 'record');
    const form = wholly('unreadable', 'The list of runs or the register in the file has not the form of keyturn-period/1.');
    return { file, runs, beside: isBroken ? { ...NOTHING, faults: [form] } : beside, unreadable: undefined };
  } catch (error) {
    return { file, runs: [], beside: NOTHING, unreadable: explain(error) };
  }
}

const NOTHING: JudgedPeriod = { ...NOTHING_FOUND, signedBy: undefined };

function sealsOf(keyFor: KeyFor | undefined): PeriodMeasure['keys'] {
  return keyFor === undefined ? undefined : { runs: keyFor('runs'), register: keyFor('register') };
}

function broken(run: string, why: string): JudgedFileRun {
  const faults = [wholly('unreadable', `The record has not the form of keyturn-record/1: ${why}.`)];
  return { run, procedure: undefined, cluster: undefined, events: 0, outcome: 'unknown', faults, notices: [], signedBy: undefined };
}

/** Where there is none, or it cannot be used, seals are not judged: a file needs nothing of this machine. */
export async function keyIfHere(env: CliWorld['env']): Promise<KeyFor | undefined> {
  try {
    return await readInstallationKey(readConfig(env, 'worker').keyFile);
  } catch {
    return undefined;
  }
}
