/**
 * What is to be done now, from the state alone. Pure: the clock comes in as a value, and whatever has to look at the world (hosts, random ids)
 * is named as a decision for the worker, which appends what it found and asks again.
 */

import { resolve } from '../inventory/hosts.ts';
import { evaluateTruth } from '../procedure/expression.ts';
import type { CommandStep, PersonStep, Step } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import { planDigest } from './build-plan.ts';
import { choicesFor } from './choices.ts';
import { contextFor, fillFor, surroundings } from './context.ts';
import type { RunEvent, Trouble } from './events.ts';
import type { Start } from './start.ts';
import type { Approval, HostState, RunState, StepState } from './state.ts';

export type Decision =
  /** Nothing of the world is needed: append these. */
  | { readonly kind: 'record'; readonly events: readonly RunEvent[] }
  | { readonly kind: 'ask'; readonly step: CommandStep; readonly starts: readonly Start[] }
  | { readonly kind: 'start'; readonly step: CommandStep; readonly start: Start; readonly approval: Approval | undefined }
  | { readonly kind: 'follow'; readonly step: CommandStep; readonly start: Start; readonly since: number }
  | { readonly kind: 'watch'; readonly step: CommandStep; readonly start: Start; readonly since: number }
  | { readonly kind: 'endAttempt'; readonly step: CommandStep; readonly start: Start; readonly since: number }
  /** Before anybody is asked: is the step needed on these hosts? */
  | { readonly kind: 'precheck'; readonly step: CommandStep; readonly starts: readonly Start[] }
  /** The command is over and what that means was not written yet. */
  | { readonly kind: 'judge'; readonly step: CommandStep; readonly start: Start }
  /** All of these at the same time. */
  | { readonly kind: 'together'; readonly decisions: readonly Decision[] }
  /** For people, or until a time (milliseconds). */
  | { readonly kind: 'wait'; readonly until: number | undefined }
  | { readonly kind: 'over' };

const FOR_PEOPLE: Decision = { kind: 'wait', until: undefined };

/** The next decision for a run in this state at this time (milliseconds). */
export function next(state: RunState, now: number): Decision {
  if (state.ended !== undefined) return { kind: 'over' };
  if (state.cancel !== undefined) return whileCancelling(state, state.cancel.at);
  // While people settle one host's trouble, the others of its step are followed to their end.
  if (state.trouble !== undefined) return together(stillRunning(state)) ?? FOR_PEOPLE;
  const step = state.procedure.steps.find((candidate) => !isFinished(candidate, stepState(state, candidate)));
  if (step === undefined) return record([...planned(state), { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' }]);
  return onStep(state, step, now);
}

function record(events: readonly RunEvent[]): Decision {
  return { kind: 'record', events };
}

function stepState(state: RunState, step: Step): StepState {
  return state.steps[step.id] ?? { kind: 'pending' };
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
  return record([...voidOpenRequests(state, 'the run was cancelled'), { kind: 'runEnded', outcome: 'cancelled', why: cancelled(state) }]);
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

function voidOpenRequests(state: RunState, why: string): readonly RunEvent[] {
  const open = Object.values(state.approvals).filter((approval) => approval.status.kind === 'open');
  return open.map((approval): RunEvent => ({ kind: 'approvalVoided', request: approval.request, why }));
}

function onStep(state: RunState, step: Step, now: number): Decision {
  const current = stepState(state, step);
  if (current.kind === 'open' && step.kind === 'command') return onHosts(state, step, current, now);
  if (current.kind === 'asked') return FOR_PEOPLE;
  if (state.paused !== undefined) return FOR_PEOPLE;
  return enter(state, step);
}

/** A step is entered once: its condition decided, its hosts resolved and kept. */
function enter(state: RunState, step: Step): Decision {
  if (step.when !== undefined) {
    const met = evaluateTruth(step.when, contextFor(state, undefined), surroundings(state));
    if (met.kind === 'failed')
      return raise(state, step, undefined, { kind: 'blocked', why: `its condition cannot be decided: ${met.why}` });
    if (!met.value) return record([{ kind: 'stepSkipped', step: step.id, why: `its condition does not hold here: ${step.when}` }]);
  }
  if (step.kind === 'command' && !step.readOnly && state.plan === undefined) return record(planned(state));
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
function planned(state: RunState): readonly RunEvent[] {
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

/** A start is due: is it permitted, or who is to be asked? */
function permit(state: RunState, step: CommandStep, start: Start, now: number): Decision {
  if (step.safety.kind === 'safe') return { kind: 'start', step, start, approval: undefined };
  const approval = coveringApproval(state, step, start);
  if (approval === undefined) return { kind: 'ask', step, starts: remaining(state, step) };
  if (approval.status.kind === 'given') {
    const stale = whyStale(state, step, approval.status.at, now);
    if (stale === undefined) return { kind: 'start', step, start, approval };
    return record([{ kind: 'approvalVoided', request: approval.request, why: stale }]);
  }
  if (now < approval.expiresAt) return { kind: 'wait', until: approval.expiresAt };
  const why = `nobody decided within ${Math.round(state.procedure.approvalSeconds / 60)} min`;
  return record([{ kind: 'approvalExpired', request: approval.request }, trouble(state, step, start, { kind: 'expired', why })]);
}

/** The newest request whose subject holds exactly this start, if it is open or given: a later no is never overruled by an earlier yes. */
export function coveringApproval(state: RunState, step: CommandStep, start: Start): Approval | undefined {
  const newest = Object.values(state.approvals).findLast((approval) =>
    approval.subject.items.some((item) => item.step === step.id && item.host === start.host && item.attempt === start.attempt),
  );
  return newest?.status.kind === 'open' || newest?.status.kind === 'given' ? newest : undefined;
}

/** A yes is for now: left lying for as long as a request may stay open (a pause, a worker that was down), it is asked for again. */
function whyStale(state: RunState, step: CommandStep, givenAt: number, now: number): string | undefined {
  const current = stepState(state, step);
  const hosts = current.kind === 'open' ? Object.values(current.hosts) : [];
  const since = Math.max(givenAt, ...hosts.map((host) => (host.kind === 'passed' ? host.at : 0)));
  if (now - since <= state.procedure.approvalSeconds * 1000) return undefined;
  return `it was not used within ${Math.round(state.procedure.approvalSeconds / 60)} min, and much may have changed since`;
}

/** Every start of the step that is still to come: one approval covers them all. */
function remaining(state: RunState, step: CommandStep): readonly Start[] {
  const current = stepState(state, step);
  if (current.kind !== 'open') return [];
  return current.order.flatMap((host) => {
    const at = current.hosts[host];
    return at?.kind === 'waiting' ? [{ host, attempt: at.attempt }] : [];
  });
}

function raise(state: RunState, step: Step, start: Start | undefined, what: Trouble): Decision {
  return record([trouble(state, step, start, what)]);
}

/**
 * The event that stops the run here and asks people. Its id is unique in the run: only one append can follow this sequence number, but of several
 * hosts that are worked on at once each may try.
 */
export function trouble(state: RunState, step: Step, start: Start | undefined, what: Trouble): RunEvent {
  return {
    kind: 'troubleRaised',
    trouble: `t${state.seq + 1}${step.kind === 'command' && step.on.kind === 'all' && start !== undefined ? `-${start.host}` : ''}`,
    step: step.id,
    ...(start === undefined ? {} : start),
    what,
    choices: [...choicesFor(step, what)],
  };
}
