/**
 * What is to be done now, from the state alone. Pure: the clock comes in as a value, and whatever has to look at the world (hosts, random ids)
 * is named as a decision for the worker, which appends what it found and asks again.
 */
import type { CommandStep, Step } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import { closing } from './closing.ts';
import { type Decision, FOR_PEOPLE, raise, record, stepState } from './decision.ts';
import { enter, planned } from './enter.ts';
import { holdBefore, watchful, whileHeld } from './hold.ts';
import { permit, remaining } from './permit.ts';
import type { Start } from './start.ts';
import type { HostState, RunState, StepState } from './state.ts';

/** The next decision for a run in this state at this time (milliseconds). */
export function next(state: RunState, now: number): Decision {
  if (state.ended !== undefined) return { kind: 'over' };
  if (state.cancel !== undefined) return whileCancelling(state, state.cancel.at);
  // While people settle one host's trouble, the others of its step are followed to their end.
  if (state.trouble !== undefined) return together([...stillRunning(state), ...notJudged(state)]) ?? FOR_PEOPLE;
  const step = state.procedure.steps.find((candidate) => !isFinished(candidate, stepState(state, candidate)));
  if (step === undefined) return record([...planned(state), { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' }]);
  return onStep(state, step, now);
}

/** Whether nothing of the step is left to do; for `on: any` one host is enough. */
export function isFinished(step: Step, state: StepState): boolean {
  if (state.kind === 'skipped' || state.kind === 'announced' || state.kind === 'answered') return true;
  if (state.kind !== 'open' || step.kind !== 'command') return false;
  const hosts = Object.values(state.hosts);
  const done = (host: HostState): boolean => host.kind === 'passed' || host.kind === 'skipped' || host.kind === 'notNeeded';
  return step.on.kind === 'any' ? hosts.some(done) : hosts.every(done);
}

function whileCancelling(state: RunState, since: number): Decision {
  for (const step of state.procedure.steps) {
    const current = stepState(state, step);
    if (step.kind !== 'command' || current.kind !== 'open') continue;
    for (const [host, at] of Object.entries(current.hosts)) {
      if (at.kind === 'began') return { kind: 'endAttempt', step, start: { host, attempt: at.attempt }, since };
    }
  }
  return record([...closing(state, 'the run was cancelled'), { kind: 'runEnded', outcome: 'cancelled', why: cancelled(state) }]);
}

function cancelled(state: RunState): string {
  const reason = state.cancel === undefined || state.cancel.reason === '' ? '' : `: ${state.cancel.reason}`;
  return `cancelled by ${state.cancel?.by.name ?? 'nobody'}${reason}`;
}

/** What is for people to answer needs no job; what goes on beside it does. */
function together(decisions: readonly Decision[]): Decision | undefined {
  const [first, second] = decisions;
  return second === undefined ? first : { kind: 'together', decisions };
}

function stillRunning(state: RunState): readonly Decision[] {
  return state.procedure.steps.flatMap((step) => {
    const current = stepState(state, step);
    if (step.kind !== 'command' || current.kind !== 'open') return [];
    return Object.entries(current.hosts).flatMap(([host, at]): Decision[] =>
      at.kind === 'began' ? [{ kind: 'follow', step, start: { host, attempt: at.attempt }, since: at.at }] : [],
    );
  });
}

/** Roles that moved may open the whole step anew: what its commands came to is known before that, where else it can wait. */
function notJudged(state: RunState): readonly Decision[] {
  const { trouble } = state;
  const step = state.procedure.steps.find(({ id }) => id === trouble?.step);
  const at = step === undefined ? undefined : stepState(state, step);
  if (trouble?.what.kind !== 'rolesChanged' || step?.kind !== 'command' || at?.kind !== 'open') return [];
  return Object.entries(at.hosts).flatMap(([host, each]): Decision[] =>
    each.kind === 'ended' ? [{ kind: 'judge', step, start: { host, attempt: each.attempt } }] : [],
  );
}

function onStep(state: RunState, step: Step, now: number): Decision {
  const current = stepState(state, step);
  const held = whileHeld(state, now) ?? (current.kind === 'open' && state.paused === undefined ? holdBefore(state, step, now) : undefined);
  if (held !== undefined) return held;
  if (current.kind === 'open' && step.kind === 'command') return watchful(state, onHosts(state, step, current, now), now);
  if (current.kind === 'asked') return FOR_PEOPLE;
  if (state.paused !== undefined) return FOR_PEOPLE;
  return enter(state, step, now);
}

function onHosts(state: RunState, step: CommandStep, current: Extract<StepState, { kind: 'open' }>, now: number): Decision {
  const due = current.order.filter((host) => isDue(current.hosts[host]));
  const [first] = due;
  if (first === undefined) return nobodyAnswered(state, step, current);
  if (step.on.kind !== 'all') return onHost(state, step, first, current, now);
  return atOnce(due.map((host) => onHost(state, step, host, current, now)));
}

/** What is asked or looked at before the start is for all hosts of the step; after that each goes its own way. */
function atOnce(decisions: readonly Decision[]): Decision {
  const forAll = decisions.find(({ kind }) => kind === 'record' || kind === 'precheck' || kind === 'ask');
  if (forAll !== undefined) return forAll;
  return together(decisions.filter(({ kind }) => kind !== 'wait')) ?? decisions[0] ?? FOR_PEOPLE;
}

function isDue(host: HostState | undefined): boolean {
  return host !== undefined && !['passed', 'skipped', 'passedOver', 'notNeeded'].includes(host.kind);
}

/** `on: any`, and every host was passed over. */
function nobodyAnswered(state: RunState, step: CommandStep, current: Extract<StepState, { kind: 'open' }>): Decision {
  const reasons = current.order.map((name) => {
    const host = current.hosts[name];
    return `${name}: ${host?.kind === 'passedOver' ? host.why : 'nothing known'}`;
  });
  return raise(state, step, undefined, { kind: 'failed', why: `no host of the role answered. ${reasons.join('; ')}` });
}

function onHost(state: RunState, step: CommandStep, name: string, current: Extract<StepState, { kind: 'open' }>, now: number): Decision {
  const host = current.hosts[name];
  if (host === undefined) return FOR_PEOPLE;
  const start: Start = { host: name, attempt: host.attempt };
  switch (host.kind) {
    case 'began':
      return { kind: 'follow', step, start, since: host.at };
    case 'watching':
      return { kind: 'watch', step, start, since: host.since };
    case 'waiting':
      if (state.paused !== undefined) return FOR_PEOPLE;
      return isToBeLookedAt(step) && !host.lookedAt
        ? { kind: 'precheck', step, starts: remaining(state, step).filter(({ host: each }) => isUnseen(current.hosts[each])) }
        : permit(state, step, start, now);
    case 'settledFailed':
      return raise(state, step, start, { kind: 'failed', why: 'its end was unknown and a person settled it as failed' });
    case 'ended':
      return { kind: 'judge', step, start };
    case 'troubled':
      // A trouble is open until it is settled: seen only in a journal cut short.
      return raise(state, step, start, { kind: 'unknown', why: 'the journal ends between the command and its verdict' });
    case 'passed':
    case 'skipped':
    case 'passedOver':
    case 'notNeeded':
      return FOR_PEOPLE;
    default:
      return assertNever(host);
  }
}

function isToBeLookedAt(step: CommandStep): boolean {
  return step.unless !== undefined || step.unreachable !== undefined;
}

function isUnseen(host: HostState | undefined): boolean {
  return host?.kind === 'waiting' && !host.lookedAt;
}
