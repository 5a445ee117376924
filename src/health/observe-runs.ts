/** What new events of a run mean for the counters. Pure but for what it is told to count. */
import type { Outcome, Recorded } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import type { Metrics } from './metrics.ts';

type Counts = Pick<Metrics, 'runEnded' | 'attemptEnded'>;

export function observe(counts: Counts, state: RunState, all: readonly Recorded[], fresh: readonly Recorded[]): void {
  const procedure = state.procedure.name;
  for (const recorded of fresh) {
    const { event } = recorded;
    if (event.kind === 'runEnded') counts.runEnded({ procedure, cluster: state.cluster.name, outcome: event.outcome });
    if (event.kind !== 'attemptEnded') continue;
    const seconds = secondsOf(recorded, all);
    if (seconds !== undefined) counts.attemptEnded({ procedure, step: event.step, outcome: wordOf(event.outcome), seconds });
  }
}

/** By the host's clock where the host told both ends; else from the intent to the record of the end. */
function secondsOf(ended: Recorded, all: readonly Recorded[]): number | undefined {
  const { event } = ended;
  if (event.kind !== 'attemptEnded') return undefined;
  const { startedAt, endedAt } = event;
  if (startedAt !== undefined && endedAt !== undefined) return Math.max(0, endedAt - startedAt) / 1000;
  const intended = all.find(
    ({ event: { kind, ...rest } }) =>
      kind === 'attemptIntended' &&
      'attempt' in rest &&
      rest.step === event.step &&
      rest.host === event.host &&
      rest.attempt === event.attempt,
  );
  return intended === undefined ? undefined : Math.max(0, ended.at - intended.at) / 1000;
}

/** The words of the label `outcome` of a step's duration. */
export function wordOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'finished':
      return outcome.status === 0 && outcome.signal === undefined ? 'succeeded' : 'failed';
    case 'timedOut':
      return 'timed_out';
    default:
      return outcome.kind;
  }
}
