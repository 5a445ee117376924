import type { PlacedCommand } from '../place.ts';
import { alarm, type StepRule } from './alarm.ts';

/** Readers that refuse what they do not know, so that a step with one has been looked at. */
const refusing: readonly (string | undefined)[] = ['table', 'services', 'json', 'keys', 'regex'];

/** Whether an unsafe step did what it should is seen by somebody: an exit status of 0 is too little. */
export const unverified: StepRule = (whole, step) => {
  if (step.kind !== 'command' || !isUnsafe(step) || isVerified(step) || whole.isOpen === true) return [];
  const spot = step.source.unsafe === undefined || step.placeOf('unsafe').library !== step.at.library ? step.at : step.placeOf('unsafe');
  const check =
    '`expect`, `until`, `warn`, or a reader that refuses what it does not know; or `unverified` with why nothing can be checked';
  return [alarm('unverified', spot, `step ${step.id} is unsafe, and nothing looks whether it did what it should`, check)];
};

function isUnsafe({ source, phaseUnsafe }: PlacedCommand): boolean {
  return source.unsafe !== undefined || (phaseUnsafe !== undefined && source.gate === undefined);
}

/** A copy is compared by checksum, an edit by its difference. */
function isVerified({ source }: PlacedCommand): boolean {
  const { expect, until, warn, read, copy, edit, run, http } = source;
  if (run === undefined && http === undefined) return true;
  return [expect, until, warn, copy, edit].some((each) => each !== undefined) || refusing.includes(read);
}
