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

/** `S4 Stop the engine`, or `S3 to S6 (4 steps of the phase shutdown)`. */
export function askedName(state: RunState, approval: Approval): string {
  if (!isJoint(approval)) return stepName(state, approval.step);
  const phase = commandOf(state, approval.step)?.together;
  return `${askedId(approval)} (${stepsOf(approval).length} steps${phase === undefined ? '' : ` of the phase ${name(phase)}`})`;
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
      sayLines([...around(state, id, subject, approval.why)]),
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

/** `said`: why it is unsafe, as the top of the card says it; a step with the same reason does not repeat it. */
function around(state: RunState, id: string, subject: Subject, said: string): readonly string[] {
  const { items, expectations } = subject;
  const step = commandOf(state, id);
  const host = items.length === 1 ? items[0]?.host : undefined;
  const unsafe = step?.safety.kind === 'unsafe' ? filled(state, step.safety.why, host, 300) : undefined;
  const why = unsafe === undefined || unsafe === words(said, 300) ? [] : [`*Why unsafe:* ${unsafe}`];
  const until = step?.until === undefined ? [] : [`waiting for: ${filled(state, step.until.waiting, host)}`];
  const after = [...until, ...expectations.slice(0, MOST)].map((each) => words(each, 200));
  return [
    ...why,
    ...required(state, id, subject).map((each) => `Must be so just before it: ${each}`),
    after.length === 0 ? 'Afterwards: only the exit status is checked.' : `Checked afterwards: ${after.join('; ')}`,
    step?.undo === undefined ? '*No undo.*' : `*Undo:* ${filled(state, step.undo, host, 300)}`,
  ];
}

/** In the words of the procedure, filled in for the host that is looked at; then where and how, as the digest covers it. */
function required(state: RunState, id: string, { requires = [], roles }: Subject): readonly string[] {
  const own = commandOf(state, id)?.requires ?? [];
  return requires.slice(0, MOST).map((text) => {
    const requirement = own.find(({ says }) => text.startsWith(says));
    if (requirement === undefined) return words(text, 300);
    const { on, says } = requirement;
    const rest = words(text.slice(says.length), 200);
    return `${filled(state, says, on?.kind === 'one' ? roles[on.role] : undefined, 200)}${rest.startsWith('(') ? ' ' : ''}${rest}`;
  });
}
