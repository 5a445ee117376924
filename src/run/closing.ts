/** What a run that ends leaves behind: nothing that is open. Pure. */
import type { RunEvent, Subject } from './events.ts';
import { openHold } from './hold.ts';
import type { RunState } from './state.ts';

/** The outcome of every request and question that nobody decided, and of what still holds the run. */
export function closing(state: RunState, why: string): readonly RunEvent[] {
  const requests = Object.values(state.approvals).filter(({ status }) => status.kind === 'open');
  const questions = Object.values(state.questions).filter(({ status }) => status.kind === 'open');
  const hold = openHold(state);
  return [
    ...requests.map(({ request }): RunEvent => ({ kind: 'approvalVoided', request, why })),
    ...questions.map(({ question }): RunEvent => ({ kind: 'questionWithdrawn', question, why })),
    ...(hold === undefined ? [] : [{ kind: 'holdEnded' as const, hold: hold.hold, why }]),
  ];
}

/**
 * Open requests for a start that a new request asks for too: of several hosts at once one may have to be asked for again while the request for the
 * others is still open, and the new one covers all that are left.
 */
export function superseded(state: RunState, { items }: Subject): readonly RunEvent[] {
  return Object.values(state.approvals)
    .filter(({ status, subject }) => status.kind === 'open' && subject.items.some((item) => items.some((each) => isSameStart(item, each))))
    .map(({ request }): RunEvent => ({ kind: 'approvalVoided', request, why: 'what it asks for is asked for anew, together with others' }));
}

type Item = Subject['items'][number];

function isSameStart(a: Item, b: Item): boolean {
  return a.step === b.step && a.host === b.host && a.attempt === b.attempt;
}
