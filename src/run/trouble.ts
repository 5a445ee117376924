/** How a run stops and asks people. Pure. */
import type { Step } from '../procedure/model.ts';
import { choicesFor } from './choices.ts';
import type { RunEvent, Trouble } from './events.ts';
import type { Start } from './start.ts';
import type { RunState } from './state.ts';

/**
 * The event that stops the run here and asks people. Its id is unique in the run: only one append can follow this sequence number, but of several
 * hosts that are worked on at once each may try.
 */
export function trouble(state: RunState, step: Step, start: Start | undefined, what: Trouble): RunEvent {
  return {
    kind: 'troubleRaised',
    trouble: `t${state.seq + 1}${step.kind === 'command' && step.on.kind === 'all' && start !== undefined ? `-${start.host}` : ''}`,
    step: step.id,
    ...(start === undefined ? {} : start),
    what,
    choices: [...choicesFor(step, what)],
  };
}
