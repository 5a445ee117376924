import type { ChainFault } from '../journal/chain.ts';
import { counted } from '../slack/views/words.ts';
import type { Judged } from '../verify/run.ts';

/** One line for a sound run; for any other also each fault, with its event. */
export function verifyLines({ run, procedure, cluster, events, outcome, faults }: Judged): readonly string[] {
  const what =
    procedure === undefined ? 'what it was cannot be read' : `${procedure} on ${cluster}, ${counted(events, 'event')}, ${outcome}`;
  if (faults.length === 0) return [`${run}  sound  ${what}`];
  return [
    `${run}  NOT SOUND  ${what}: ${counted(faults.length, 'fault')}`,
    ...faults.map(({ seq, kind, sentence }) => `  ${seq === 0 ? 'journal' : `event ${seq}`}: ${sentence} [${kind}]`),
  ];
}

/** Nothing where the register is whole. */
export function registerLines(faults: readonly ChainFault[]): readonly string[] {
  if (faults.length === 0) return [];
  const all = faults.map(({ seq, kind, sentence }) => `  entry ${seq}: ${sentence} [${kind}]`);
  return [`register  NOT SOUND  refusals, emergencies and second factors: ${counted(faults.length, 'fault')}`, ...all];
}

export function verifySummary(judged: readonly Judged[]): string {
  const bad = judged.filter(({ faults }) => faults.length > 0);
  if (judged.length === 0) return 'No runs: there is nothing to verify.';
  if (bad.length === 0) return `${counted(judged.length, 'run')}: every journal is what was written, and everything in it was allowed.`;
  const next = 'Start nothing on their clusters before you have compared the threads in Slack and the hosts with what is said above.';
  return `${bad.length} of ${counted(judged.length, 'run')} not sound. ${next}`;
}
