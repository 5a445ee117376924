/** What a run that ends leaves behind: nothing that is open. Pure. */
import type { RunEvent } from './events.ts';
import type { RunState } from './state.ts';

/** The outcome of every request and question that nobody decided. */
export function closing(state: RunState, why: string): readonly RunEvent[] {
  const requests = Object.values(state.approvals).filter(({ status }) => status.kind === 'open');
  const questions = Object.values(state.questions).filter(({ status }) => status.kind === 'open');
  return [
    ...requests.map(({ request }): RunEvent => ({ kind: 'approvalVoided', request, why })),
    ...questions.map(({ question }): RunEvent => ({ kind: 'questionWithdrawn', question, why })),
  ];
}
