import type { Head } from '../journal/stored.ts';
import { exact } from '../slack/views/visible.ts';
import { counted } from '../slack/views/words.ts';
import type { Fault, Notice } from '../verify/fault.ts';
import type { Judged } from '../verify/run.ts';
import type { JudgedFile } from './verify-files.ts';

/** What journals and files hold may be made up: it stays inside its line, and is shown as it is. Longer than any sentence that Keyturn makes. */
const LONGEST = 2_000;

function lines(all: readonly string[]): readonly string[] {
  return all.map((line) => {
    const cut = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
    return exact(cut).replaceAll('\n', '⟨U+000A⟩').replaceAll('\t', ' ');
  });
}

/** One line for a sound run; for any other also each fault, with its event; then what somebody should know. */
export function verifyLines({ run, procedure, cluster, events, outcome, faults, notices }: Judged): readonly string[] {
  const what =
    procedure === undefined ? 'what it was cannot be read' : `${procedure} on ${cluster}, ${counted(events, 'event')}, ${outcome}`;
  const first = faults.length === 0 ? `${run}  sound  ${what}` : `${run}  NOT SOUND  ${what}: ${counted(faults.length, 'fault')}`;
  return [...lines([first]), ...faultLines(faults), ...noticeLines(notices)];
}

export function faultLines(faults: readonly Fault[]): readonly string[] {
  return lines(
    faults.map(({ seq, kind, sentence, link }) => `  ${placeOf(seq)}: ${sentence} [${kind}]${link === undefined ? '' : ` ${link}`}`),
  );
}

export function noticeLines(notices: readonly Notice[]): readonly string[] {
  return lines(
    notices.map(
      ({ seq, sentence, link }) => `  notice: ${seq === 0 ? '' : `event ${seq}: `}${sentence}${link === undefined ? '' : ` ${link}`}`,
    ),
  );
}

function placeOf(seq: number): string {
  return seq === 0 ? 'journal' : `event ${seq}`;
}

/** Nothing where the register is whole. */
export function registerLines(faults: readonly Fault[]): readonly string[] {
  if (faults.length === 0) return [];
  return [`register  NOT SOUND  refusals, emergencies and second factors: ${counted(faults.length, 'fault')}`, ...entryLines(faults)];
}

function entryLines(faults: readonly Fault[]): readonly string[] {
  return lines(faults.map(({ seq, kind, sentence }) => `  ${seq === 0 ? 'whole' : `entry ${seq}`}: ${sentence} [${kind}]`));
}

/** The same of the list of runs. */
export function listLines(faults: readonly Fault[]): readonly string[] {
  if (faults.length === 0) return [];
  return [`list of runs  NOT SOUND  ${counted(faults.length, 'fault')}: a run may have vanished, or was slipped in`, ...entryLines(faults)];
}

/** For whoever keeps it elsewhere: whatever becomes of this machine, the list must still hold this entry. */
export function listEnd(end: Head | undefined): readonly string[] {
  return end === undefined ? [] : [`The list of runs ends with ${end.seq}:${end.hash} (a later verification takes it with --seen).`];
}

/** What stands in a file, run by run; last, by whose signature. */
export function fileLines({ file, runs, beside, unreadable }: JudgedFile, pinned: string | undefined): readonly string[] {
  if (unreadable !== undefined) return unreadable.split('\n  ').flatMap((line, at) => lines([at === 0 ? line : `  ${line}`]));
  if (runs.length === 0 && beside.faults.length === 0) return lines([`${file}: it holds no run.`]);
  const others = lines(beside.faults.map(({ seq, kind, sentence }) => `  ${seq === 0 ? 'file' : `entry ${seq}`}: ${sentence} [${kind}]`));
  const first = others.length === 0 ? [] : lines([`${file}  NOT SOUND  beside its runs: ${counted(others.length, 'fault')}`]);
  return [
    ...runs.flatMap(verifyLines),
    ...first,
    ...others,
    ...noticeLines(beside.notices),
    ...signatureLines([...new Set([...runs, beside].flatMap(({ signedBy }) => signedBy ?? []))], pinned),
  ];
}

function signatureLines(fingerprints: readonly string[], pinned: string | undefined): readonly string[] {
  if (pinned !== undefined || fingerprints.length === 0) return [];
  const which = fingerprints.length === 1 ? `key ${fingerprints[0]}` : `${fingerprints.length} keys: ${fingerprints.join(', ')}`;
  return [
    `Signed by ${which}. Whoever forges a record signs it with a key of their own: compare this with the closing message in Slack, or with what ` +
      '`keyturn verify --show-key` prints at the installation; `--key <fingerprint>` does it for you.',
  ];
}

export type Count = { readonly all: number; readonly bad: number };

export function verifySummary({ all, bad }: Count): string {
  if (all === 0) return 'No runs: there is nothing to verify.';
  if (bad === 0) return `${counted(all, 'run')}: every journal is what was written, and everything in it was allowed.`;
  const next = 'Start nothing on their clusters before you have compared the threads in Slack and the hosts with what is said above.';
  return `${bad} of ${counted(all, 'run')} not sound. ${next}`;
}
