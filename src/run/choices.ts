import type { Step } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import type { Choice, Trouble } from './events.ts';

/** What people may choose when a step is in trouble. A step that binds roles is never skipped: later steps would not know their hosts. */
export function choicesFor(step: Step, what: Trouble): readonly Choice[] {
  const retry: readonly Choice[] = step.kind === 'command' && step.retry.kind === 'forbidden' ? [] : ['retry'];
  const skip: readonly Choice[] = step.kind === 'command' && Object.keys(step.bind).length > 0 ? [] : ['skip'];
  switch (what.kind) {
    case 'failed':
    case 'blocked':
      return [...retry, ...skip, 'abort'];
    case 'checkFailed':
      return ['lookAgain', ...retry, ...skip, 'abort'];
    case 'unknown':
      return ['lookAgain', 'settleDone', 'settleFailed', 'abort'];
    case 'rolesChanged':
      return ['askAgain', 'lookAgain', 'abort'];
    case 'declined':
      // What was to be confirmed and is not so cannot be passed over; what was to be done by hand can, with a reason.
      return step.kind === 'person' && step.about === 'confirm' ? ['askAgain', 'abort'] : ['askAgain', 'skip', 'abort'];
    case 'rejected':
    case 'expired':
      return ['askAgain', 'abort'];
    default:
      return assertNever(what);
  }
}
