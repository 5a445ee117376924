/** How a step is entered: its condition decided, its hosts resolved; what needs no host is announced or asked. Pure. */
import { resolve } from '../inventory/hosts.ts';
import { evaluateTruth } from '../procedure/expression.ts';
import type { PersonStep, Step } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import { planDigest } from './build-plan.ts';
import { contextFor, fillFor, surroundings } from './context.ts';
import { type Decision, raise, record } from './decision.ts';
import type { RunEvent } from './events.ts';
import { holdBefore } from './hold.ts';
import type { RunState } from './state.ts';

/** A step is entered once: its condition decided, its hosts resolved and kept. `now` in milliseconds. */
export function enter(state: RunState, step: Step, now: number): Decision {
  if (step.when !== undefined) {
    const met = evaluateTruth(step.when, contextFor(state, undefined), surroundings(state));
    if (met.kind === 'failed')
      return raise(state, step, undefined, { kind: 'blocked', why: `its condition cannot be decided: ${met.why}` });
    if (!met.value) return record([{ kind: 'stepSkipped', step: step.id, why: `its condition does not hold here: ${step.when}` }]);
  }
  if (step.kind === 'command' && !step.readOnly && state.plan === undefined) return record(planned(state));
  const held = holdBefore(state, step, now);
  if (held !== undefined) return held;
  if (step.kind === 'announce') return record([announcement(state, step)]);
  if (step.kind === 'person') return record([question(state, step)]);
  const found = resolve(step.on, state.cluster, state.roles);
  switch (found.kind) {
    case 'hosts':
      return record([{ kind: 'stepOpened', step: step.id, hosts: found.hosts.map((host) => host.name) }]);
    case 'none':
      if (step.on.kind === 'each') return record([{ kind: 'stepSkipped', step: step.id, why: found.why }]);
      return raise(state, step, undefined, { kind: 'blocked', why: found.why });
    case 'ambiguous':
      return raise(state, step, undefined, { kind: 'blocked', why: found.why });
    default:
      return assertNever(found);
  }
}

/** A plan runs the steps that only look, up to the first that does something: there the run knows as much, and notes what it would do. */
export function planned(state: RunState): readonly RunEvent[] {
  return state.plan === undefined ? [{ kind: 'planResolved', digest: planDigest(state) }] : [];
}

function question(state: RunState, step: PersonStep): RunEvent {
  const second = step.second === undefined ? {} : { second: fillFor(state, step.second) };
  return {
    kind: 'questionAsked',
    question: `q${state.seq + 1}`,
    step: step.id,
    about: step.about,
    text: fillFor(state, step.text),
    ...second,
  };
}

function announcement(state: RunState, step: Extract<Step, { kind: 'announce' }>): RunEvent {
  const text = fillFor(state, step.text);
  return { kind: 'announced', step: step.id, text, channels: [...state.cluster.announce] };
}
