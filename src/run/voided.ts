/** The request before this one, where it was voided: what people are told of it when they are asked again. Pure. */
import type { Step } from '../procedure/model.ts';
import { differenceOf } from './difference.ts';
import type { Subject } from './events.ts';
import type { Approval, RunState } from './state.ts';

export type Voided = Approval & { readonly status: Extract<Approval['status'], { kind: 'voided' }> };

/** The newest request that the step had before `request` (before now where that is undefined), if it was voided. */
export function voidedBefore(state: Pick<RunState, 'approvals'>, step: Step['id'], request?: string): Voided | undefined {
  const all = Object.values(state.approvals);
  const end = request === undefined ? all.length : all.findIndex((approval) => approval.request === request);
  const last = all.slice(0, Math.max(end, 0)).findLast(({ subject }) => subject.items.some((item) => item.step === step));
  return last?.status.kind === 'voided' ? { ...last, status: last.status } : undefined;
}

/** How what is asked for now differs from the request that was voided; what has begun since then is no difference. */
export function changesFor(state: RunState, step: Step, now: Subject): readonly string[] {
  const voided = voidedBefore(state, step.id);
  if (voided === undefined) return [];
  const items = voided.subject.items.filter((item) => item.attempt > (state.intended[item.step]?.[item.host] ?? 0));
  return items.length === 0 ? [] : differenceOf({ ...voided.subject, items }, now);
}
