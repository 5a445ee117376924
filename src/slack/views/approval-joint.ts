/** A request for several steps: their list in order, and of each what is started, why it is unsafe, what is checked around it and its undo. Pure. */
import type { Subject } from '../../run/events.ts';
import { type Approval, type RunState, stepsOf } from '../../run/state.ts';
import { hostLines, itemParts } from './approval-items.ts';
import { type Part, sayLines } from './compose.ts';
import { commandOf, filled, listed, name, stepName, words } from './words.ts';

export function isJoint(approval: Pick<Approval, 'subject'>): boolean {
  return stepsOf(approval).length > 1;
}

/** `S4`, or `S3 to S6`. */
export function askedId(approval: Pick<Approval, 'subject' | 'step'>): string {
  const ids = stepsOf(approval);
  return ids.length === 1 ? name(approval.step) : `${name(ids[0] ?? '')} to ${name(ids.at(-1) ?? '')}`;
}

/** `S4 Stop the engine`, or `S3 to S6 (4 steps)`. */
export function askedName(state: RunState, approval: Approval): string {
  return isJoint(approval) ? `${askedId(approval)} (${stepsOf(approval).length} steps)` : stepName(state, approval.step);
}

/** `1. S3 Stop the query engines: query-01, query-02`. */
export function jointLines(state: RunState, approval: Approval): readonly string[] {
  const steps = stepsOf(approval).map((id, index) => {
    const hosts = ofStep(approval.subject, id).items.map(({ host }) => name(host));
    return `${index + 1}. ${stepName(state, id)}: ${listed(hosts, 10)}`;
  });
  return ['*Steps, one after the other:*', ...steps, 'If one of them does not go as it is shown here, the rest is asked for again.'];
}

export function jointParts(state: RunState, approval: Approval): readonly Part[] {
  return stepsOf(approval).flatMap((id, index) => {
    const subject = ofStep(approval.subject, id);
    return [
      sayLines([`*${index + 1}. ${stepName(state, id)}*`, ...hostLines(subject)]),
      ...itemParts(subject),
      sayLines([...around(state, id, subject)]),
    ];
  });
}

function ofStep(subject: Subject, id: string): Subject {
  const own = (sentences: readonly string[]): string[] =>
    sentences.flatMap((each) => (each.startsWith(`${id}: `) ? [each.slice(id.length + 2)] : []));
  return {
    ...subject,
    items: subject.items.filter(({ step }) => step === id),
    expectations: own(subject.expectations),
    requires: own(subject.requires ?? []),
  };
}

const MOST = 5;

function around(state: RunState, id: string, { items, expectations, requires = [] }: Subject): readonly string[] {
  const step = commandOf(state, id);
  const host = items.length === 1 ? items[0]?.host : undefined;
  const why = step?.safety.kind === 'unsafe' ? [`*Why unsafe:* ${filled(state, step.safety.why, host, 300)}`] : [];
  const until = step?.until === undefined ? [] : [`waiting for: ${filled(state, step.until.waiting, host)}`];
  const after = [...until, ...expectations.slice(0, MOST)].map((each) => words(each, 200));
  return [
    ...why,
    ...requires.slice(0, MOST).map((each) => `Must be so just before it: ${words(each, 200)}`),
    after.length === 0 ? 'Afterwards: only the exit status is checked.' : `Checked afterwards: ${after.join('; ')}`,
    step?.undo === undefined ? '*No undo.*' : `*Undo:* ${filled(state, step.undo, host, 300)}`,
  ];
}
