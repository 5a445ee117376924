/**
 * The state with one part of it replaced. Pure, but for what a fold owns: a run's records grow with its journal, and one that were copied for each event
 * would make a long journal cost its square. So each record that grows is copied once a fold and takes what follows in place (`OWN`).
 */
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

/** Carried by the states within a fold, and by no other: the records that this fold has made, which nobody else holds. */
export const OWN = Symbol('own');
export type Folding = RunState & { readonly [OWN]?: WeakSet<object> };

/** The record with this entry: a new one, or the same where the fold at work has made it. */
export function put<V>({ [OWN]: own }: Folding, record: Readonly<Record<string, V>>, key: string, value: V): Readonly<Record<string, V>> {
  if (own?.has(record) === true) {
    // As in a literal, where no key has a meaning of its own (`__proto__`).
    return Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  }
  const copy = { ...record, [key]: value };
  own?.add(copy);
  return copy;
}

export function withStep(state: RunState, id: string, step: StepState): RunState {
  return { ...state, steps: put(state, state.steps, id, step) };
}

export function withHost(state: RunState, place: { readonly step: string; readonly host: string }, host: HostState): RunState {
  const step = state.steps[place.step];
  if (step?.kind !== 'open') return state;
  return withStep(state, place.step, { ...step, hosts: put(state, step.hosts, place.host, host) });
}

export function withApproval(state: RunState, approval: Approval): RunState {
  return { ...state, approvals: put(state, state.approvals, approval.request, approval) };
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
  return question === undefined ? state : { ...state, questions: put(state, state.questions, id, { ...question, status }) };
}

export function withNote(state: RunState, ts: string, text: string | undefined, edits?: number): RunState {
  return { ...state, notes: put(state, state.notes, ts, { text, edits: edits ?? (state.notes[ts]?.edits ?? 0) + 1 }) };
}

type AttemptPlace = { readonly step: string; readonly host: string; readonly attempt: number };

export function withPrompts(state: RunState, place: AttemptPlace, change: (prompts: readonly Prompt[]) => readonly Prompt[]): RunState {
  const key = talkKey(place);
  return { ...state, talks: put(state, state.talks, key, change(state.talks[key] ?? [])) };
}
