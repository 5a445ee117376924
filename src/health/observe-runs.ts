/** What new events of a run mean for the counters. Pure but for what it is told to count. */
import type { EventOf } from '../run/events.ts';
import { wordOf } from '../run/outcome-word.ts';
import type { RunState } from '../run/state.ts';
import type { Metrics } from './metrics.ts';
import type { RunsSeenParts } from './runs-seen.ts';

type Counts = Pick<Metrics, 'expect' | 'runEnded' | 'attemptEnded'>;

export function observer(counts: Counts): Pick<RunsSeenParts, 'onRun' | 'onEvent'> {
  return {
    onRun({ procedure, cluster }) {
      const steps = procedure.steps.flatMap((step) => (step.kind === 'command' ? [step.id] : []));
      counts.expect({ product: procedure.product, procedure: procedure.name, cluster: cluster.name, steps });
    },
    onEvent(before, { at, event }) {
      if (before === undefined) return;
      const named = { product: before.procedure.product, procedure: before.procedure.name };
      if (event.kind === 'runEnded') counts.runEnded({ ...named, cluster: before.cluster.name, outcome: event.outcome });
      if (event.kind !== 'attemptEnded') return;
      counts.attemptEnded({ ...named, step: event.step, outcome: wordOf(event.outcome), seconds: secondsOf(before, event, at) });
    },
  };
}

/** By the host's clock where the host told both ends; else from the intent to the record of the end. */
function secondsOf(before: RunState, { step, host, attempt, startedAt, endedAt }: EventOf<'attemptEnded'>, at: number): number | undefined {
  if (startedAt !== undefined && endedAt !== undefined) return Math.max(0, endedAt - startedAt) / 1000;
  const opened = before.steps[step];
  const began = opened?.kind === 'open' ? opened.hosts[host] : undefined;
  return began?.kind === 'began' && began.attempt === attempt ? Math.max(0, at - began.at) / 1000 : undefined;
}
