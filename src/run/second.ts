/** Which choices of people need a second person. Pure; one answer for the engine, the thread and the forms. */
import { assertNever } from './assert-never.ts';
import type { Choice } from './events.ts';
import type { RunState } from './state.ts';

/** Whatever lets a run go on past an unsafe step without its being done needs a second person, as the step itself does. */
export function settlingNeedsSecond(state: Pick<RunState, 'procedure'>, step: string, choice: Choice): boolean {
  switch (choice) {
    case 'retry':
    case 'askAgain':
    case 'lookAgain':
    case 'abort':
      return false;
    case 'skip':
      return needsSecond(state, step);
    case 'settleDone':
    case 'settleFailed':
      return true;
    default:
      return assertNever(choice);
  }
}

function needsSecond({ procedure }: Pick<RunState, 'procedure'>, id: string): boolean {
  const step = procedure.steps.find((candidate) => candidate.id === id);
  if (step?.kind === 'person') return step.second !== undefined;
  return step?.kind === 'command' && step.safety.kind === 'unsafe';
}
