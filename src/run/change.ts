/** The state with one part of it replaced. Pure. */
import {
  type Approval,
  type ApprovalStatus,
  type Backer,
  type Hold,
  type HostState,
  type Prompt,
  type Question,
  type RunState,
  type StepState,
  talkKey,
} from './state.ts';

export function withStep(state: RunState, id: string, step: StepState): RunState {
  return { ...state, steps: { ...state.steps, [id]: step } };
}

export function withHost(state: RunState, place: { readonly step: string; readonly host: string }, host: HostState): RunState {
  const step = state.steps[place.step];
  if (step?.kind !== 'open') return state;
  return withStep(state, place.step, { ...step, hosts: { ...step.hosts, [place.host]: host } });
}

export function withApproval(state: RunState, approval: Approval): RunState {
  return { ...state, approvals: { ...state.approvals, [approval.request]: approval } };
}

export function withStatus(state: RunState, request: string, status: ApprovalStatus): RunState {
  const approval = state.approvals[request];
  return approval === undefined ? state : withApproval(state, { ...approval, status });
}

export function withBacker(state: RunState, request: string, backer: Backer): RunState {
  const approval = state.approvals[request];
  return approval === undefined ? state : withApproval(state, { ...approval, backers: [...approval.backers, backer] });
}

export function withReminder(state: RunState, request: string): RunState {
  const approval = state.approvals[request];
  return approval === undefined ? state : withApproval(state, { ...approval, reminded: true });
}

export function withHold(state: RunState, hold: string, status: Hold['status']): RunState {
  return state.hold?.hold === hold ? { ...state, hold: { ...state.hold, status } } : state;
}

export function withQuestion(state: RunState, id: string, status: Question['status']): RunState {
  const question = state.questions[id];
  return question === undefined ? state : { ...state, questions: { ...state.questions, [id]: { ...question, status } } };
}

export function withNote(state: RunState, ts: string, text: string | undefined, edits?: number): RunState {
  return { ...state, notes: { ...state.notes, [ts]: { text, edits: edits ?? (state.notes[ts]?.edits ?? 0) + 1 } } };
}

type AttemptPlace = { readonly step: string; readonly host: string; readonly attempt: number };

export function withPrompts(state: RunState, place: AttemptPlace, change: (prompts: readonly Prompt[]) => readonly Prompt[]): RunState {
  const key = talkKey(place);
  return { ...state, talks: { ...state.talks, [key]: change(state.talks[key] ?? []) } };
}
