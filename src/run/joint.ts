/**
 * Steps of one phase that are asked for as one (`approval: together`): which of them, and whether what was approved so is still going as approved.
 * Pure.
 */
import { digestOf } from '../canonical.ts';
import { resolve } from '../inventory/hosts.ts';
import { compile, evaluateTruth, placeholders } from '../procedure/expression.ts';
import type { CommandStep, Step } from '../procedure/model.ts';
import { expressionsOf } from '../procedure/step-texts.ts';
import { contextFor, surroundings } from './context.ts';
import { stepState } from './decision.ts';
import type { Item } from './events.ts';
import type { Part } from './start.ts';
import { type Approval, type RunState, stepsOf } from './state.ts';

/** More could not be read well on one card. */
const MOST_STEPS = 8;

/** The steps after this one that can be asked for with it: in order, and up to the first of which not everything is known yet. */
export function furtherParts(state: RunState, step: CommandStep): readonly Part[] {
  if (step.together === undefined || step.on.kind === 'any' || step.safety.kind !== 'unsafe') return [];
  const parts: Part[] = [];
  for (const later of state.procedure.steps.slice(state.procedure.steps.indexOf(step) + 1)) {
    const found = look(state, step, later, [step, ...parts.map((part) => part.step)]);
    if (found === 'stop' || parts.length + 1 === MOST_STEPS) break;
    if (found !== 'left out') parts.push(found);
  }
  return parts;
}

/** `left out`: it will be skipped, as is known already. */
function look(state: RunState, first: CommandStep, step: Step, before: readonly CommandStep[]): Part | 'left out' | 'stop' {
  if (step.kind !== 'command' || !isAlike(first, step) || stepState(state, step).kind !== 'pending') return 'stop';
  if (speaksOfCaptures(step, before)) return 'stop';
  if (step.when !== undefined) {
    const met = evaluateTruth(step.when, contextFor(state, undefined), surroundings(state));
    if (met.kind === 'failed') return 'stop';
    if (!met.value) return 'left out';
  }
  const found = resolve(step.on, state.cluster, state.roles);
  if (found.kind !== 'hosts') return found.kind === 'none' && step.on.kind === 'each' ? 'left out' : 'stop';
  const numbers = state.intended[step.id] ?? {};
  return { step, starts: found.hosts.map(({ name }) => ({ host: name, attempt: (numbers[name] ?? 0) + 1 })) };
}

/** Unsafe steps of the same phase that the same people approve, and of which nothing has to be looked up on a host. */
function isAlike(first: CommandStep, step: CommandStep): boolean {
  const lookedUp = [step.copy, step.edit, step.unless, step.unreachable].some((each) => each !== undefined);
  return (
    step.together === first.together &&
    step.safety.kind === 'unsafe' &&
    step.on.kind !== 'any' &&
    !lookedUp &&
    digestOf({ approve: step.approve }) === digestOf({ approve: first.approve })
  );
}

/** What the steps before it will capture is not known yet. */
function speaksOfCaptures(step: CommandStep, before: readonly CommandStep[]): boolean {
  const kept = new Set(before.flatMap(({ capture }) => Object.keys(capture)));
  const why = step.safety.kind === 'unsafe' ? placeholders(step.safety.why).expressions : [];
  return [...expressionsOf(step), ...why].some((expression) => {
    const compiled = compile(expression);
    return (
      compiled.kind === 'bad' ||
      compiled.references.some(({ root, member }) => root === 'captured' && (member === undefined ? kept.size > 0 : kept.has(member)))
    );
  });
}

/** What is left of a request for several steps, and why it holds no longer now that this step is due; undefined where all is as approved. */
export function brokenJoint(state: RunState, step: CommandStep): { readonly approval: Approval; readonly why: string } | undefined {
  for (const approval of Object.values(state.approvals)) {
    if (approval.status.kind !== 'given' || stepsOf(approval).length === 1 || !hasLeft(state, approval)) continue;
    const why = whyBroken(state, approval, step);
    if (why !== undefined) return { approval, why };
  }
  return undefined;
}

function hasLeft(state: RunState, { subject }: Approval): boolean {
  return subject.items.some((item) => item.attempt > (state.intended[item.step]?.[item.host] ?? 0));
}

function whyBroken(state: RunState, approval: Approval, step: CommandStep): string | undefined {
  const steps = stepsOf(approval);
  const at = steps.indexOf(step.id);
  if (at < 0) return `${step.id} is due now, which is not part of what was approved`;
  const astray = steps
    .slice(0, at)
    .find((id) => !approval.subject.items.filter((item) => item.step === id).every((item) => wentWell(state, item)));
  if (astray !== undefined) return `${astray} did not go as it was approved`;
  const current = stepState(state, step);
  if (current.kind !== 'open') return undefined;
  const mine = approval.subject.items.filter((item) => item.step === step.id);
  const isKnown = (host: string): boolean => {
    const now = current.hosts[host];
    return now?.kind !== 'waiting' || mine.some((item) => item.host === host && item.attempt === now.attempt);
  };
  const isSame = current.order.every(isKnown) && mine.every((item) => current.order.includes(item.host));
  return isSame ? undefined : `${step.id} is due on other hosts, or as another attempt, than was approved`;
}

/** By itself, at the attempt that was approved. */
function wentWell(state: RunState, { step, host, attempt }: Item): boolean {
  const at = state.steps[step];
  const now = at?.kind === 'open' ? at.hosts[host] : undefined;
  return now?.kind === 'passed' && now.attempt === attempt && now.settledBy === undefined;
}
