/** What a second factor must be proved for, so that a proof for one thing is none for another. Pure; the forms ask by it, `stand.ts` compares. */
import { assertNever } from './assert-never.ts';
import type { Intent } from './intents.ts';
import { settlingNeedsSecond } from './second.ts';
import { approvalIn, openTroubles, questionIn, type RunState } from './state.ts';

/** Digest of the request, or id of the trouble or question; undefined: the cluster wants none, or this is nothing that a second person stands for. */
export function proofWanted(state: RunState, intent: Intent): string | undefined {
  if (state.cluster.secondFactor === undefined) return undefined;
  switch (intent.kind) {
    case 'approve': {
      const approval = approvalIn(state, intent.request);
      return approval?.needs === 'second' ? approval.digest : undefined;
    }
    case 'answer': {
      const question = questionIn(state, intent.question);
      return question?.second === undefined ? undefined : question.question;
    }
    case 'settle': {
      const trouble = openTroubles(state).find((each) => each.trouble === intent.trouble);
      return trouble !== undefined && settlingNeedsSecond(state, trouble.step, intent.choice) ? trouble.trouble : undefined;
    }
    case 'breakGlass':
      return approvalIn(state, intent.request)?.digest;
    case 'override':
      return state.hold?.hold === intent.hold ? intent.hold : undefined;
    // Whatever forbids or stops must be possible without a telephone at hand.
    case 'reject':
    case 'checkAgain':
    case 'pause':
    case 'resume':
    case 'cancel':
      return undefined;
    default:
      return assertNever(intent);
  }
}
