/** The request before this one, where it was voided: what people are told of it when they are asked again. Pure. */
import type { Step } from '../procedure/model.ts';
import { differenceOf } from './difference.ts';
import type { Item, Subject } from './events.ts';
import { type Approval, type RunState, stepsOf } from './state.ts';

export type Voided = Approval & { readonly status: Extract<Approval['status'], { kind: 'voided' }> };

/** The newest request that the step had before `request` (before now where that is undefined), if it was voided. */
export function voidedBefore(state: Pick<RunState, 'approvals'>, step: Step['id'], request?: string): Voided | undefined {
  const all = Object.values(state.approvals);
  const end = request === undefined ? all.length : all.findIndex((approval) => approval.request === request);
  const last = all.slice(0, Math.max(end, 0)).findLast(({ subject }) => subject.items.some((item) => item.step === step));
  return last?.status.kind === 'voided' ? { ...last, status: last.status } : undefined;
}

/** How what is asked for now differs from the request that was voided; what has begun since then, and is over, is no difference. */
export function changesFor(state: RunState, step: Step, now: Subject): readonly string[] {
  const voided = voidedBefore(state, step.id);
  if (voided === undefined) return [];
  const begun = (item: Item): boolean => item.attempt <= (state.intended[item.step]?.[item.host] ?? 0);
  const isAskedAgain = (item: Item): boolean => now.items.some(({ step: id, host }) => id === item.step && host === item.host);
  const items = voided.subject.items.filter((item) => !begun(item) || isAskedAgain(item));
  if (items.length === 0) return [];
  const ids = new Set(items.map(({ step: id }) => id));
  return differenceOf({ ...withOwners(voided.subject, ids), items }, withOwners(now, new Set(stepsOf({ subject: now }))));
}

/** Only the sentences of these steps, each with its step before it, as a subject of several steps has them. */
function withOwners(subject: Subject, ids: ReadonlySet<string>): Subject {
  const all = stepsOf({ subject });
  const [only] = all;
  const owned = (sentences: readonly string[]): string[] => {
    if (all.length === 1) return ids.has(only ?? '') ? sentences.map((each) => `${only}: ${each}`) : [];
    return sentences.filter((each) => [...ids].some((id) => each.startsWith(`${id}: `)));
  };
  return { ...subject, expectations: owned(subject.expectations), requires: owned(subject.requires ?? []) };
}
