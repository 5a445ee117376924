/** How an attempt ended, in one word: for the log and the metrics, where it must not vary. */
import type { Outcome } from './events.ts';

export const ATTEMPT_WORDS = ['succeeded', 'failed', 'refused', 'timed_out', 'cancelled', 'lost'] as const;
export type AttemptWord = (typeof ATTEMPT_WORDS)[number];

/** `succeeded`: exit status 0; whether that, or another, is good for the step is for its procedure to say. */
export function wordOf(outcome: Outcome): AttemptWord {
  switch (outcome.kind) {
    case 'finished':
      return outcome.status === 0 && outcome.signal === undefined ? 'succeeded' : 'failed';
    case 'timedOut':
      return 'timed_out';
    default:
      return outcome.kind;
  }
}
