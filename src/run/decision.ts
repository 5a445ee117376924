/** What is to be done next, and the few decisions that are made in several places. Pure. */
import type { CommandStep, Step } from '../procedure/model.ts';
import type { RunEvent, Trouble } from './events.ts';
import type { Part, Start } from './start.ts';
import type { Approval, RunState, StepState } from './state.ts';
import { trouble } from './trouble.ts';

export type Decision =
  /** Nothing of the world is needed: append these. */
  | { readonly kind: 'record'; readonly events: readonly RunEvent[] }
  /** `further`: steps that are asked for with it, in order. */
  | { readonly kind: 'ask'; readonly step: CommandStep; readonly starts: readonly Start[]; readonly further: readonly Part[] }
  | { readonly kind: 'start'; readonly step: CommandStep; readonly start: Start; readonly approval: Approval | undefined }
  | { readonly kind: 'follow'; readonly step: CommandStep; readonly start: Start; readonly since: number }
  | { readonly kind: 'watch'; readonly step: CommandStep; readonly start: Start; readonly since: number }
  | { readonly kind: 'endAttempt'; readonly step: CommandStep; readonly start: Start; readonly since: number }
  /** Before anybody is asked: is the step needed on these hosts? */
  | { readonly kind: 'precheck'; readonly step: CommandStep; readonly starts: readonly Start[] }
  /** The command is over and what that means was not written yet. */
  | { readonly kind: 'judge'; readonly step: CommandStep; readonly start: Start }
  /** All of these at the same time. */
  | { readonly kind: 'together'; readonly decisions: readonly Decision[] }
  /** For people, or until a time (milliseconds). */
  | { readonly kind: 'wait'; readonly until: number | undefined }
  | { readonly kind: 'over' };

/** Nothing to do before somebody has pressed something. */
export const FOR_PEOPLE: Decision = { kind: 'wait', until: undefined };

export function record(events: readonly RunEvent[]): Decision {
  return { kind: 'record', events };
}

export function stepState(state: RunState, step: Step): StepState {
  return state.steps[step.id] ?? { kind: 'pending' };
}

/** Stops the run here and asks people. */
export function raise(state: RunState, step: Step, start: Start | undefined, what: Trouble): Decision {
  return record([trouble(state, step, start, what)]);
}
