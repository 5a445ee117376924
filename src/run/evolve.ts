/** The fold: one event on one state. Total over event kinds; no clock, no decision. */
import { assertNever } from './assert-never.ts';
import type { EventOf, Recorded, RunEvent } from './events.ts';
import type { Approval, ApprovalStatus, HostState, OpenTrouble, RunState, StepState } from './state.ts';

/** The state after these events, which begin with `runRequested`. */
export function fold(run: string, recorded: readonly Recorded[]): RunState {
  const [first, ...rest] = recorded;
  if (first === undefined || first.event.kind !== 'runRequested') throw new Error(`journal of ${run} does not begin with runRequested`);
  return rest.reduce(evolve, begin(run, first.event, first));
}

function begin(run: string, event: EventOf<'runRequested'>, recorded: Recorded): RunState {
  return {
    run,
    requester: event.requester,
    procedure: event.procedure,
    cluster: event.cluster,
    params: event.params,
    channel: event.channel,
    startedAt: recorded.at,
    seq: recorded.seq,
    roles: {},
    rolesSeen: undefined,
    anchors: {},
    intended: {},
    steps: Object.fromEntries(event.procedure.steps.map((step): [string, StepState] => [step.id, { kind: 'pending' }])),
    approvals: {},
    trouble: undefined,
    asked: [],
    refusals: {},
    paused: undefined,
    cancel: undefined,
    ended: undefined,
  };
}

/** The state after one more event. */
export function evolve(state: RunState, recorded: Recorded): RunState {
  return { ...apply(state, recorded.event, recorded.at), seq: recorded.seq };
}

function apply(state: RunState, event: RunEvent, at: number): RunState {
  switch (event.kind) {
    case 'runRequested':
      throw new Error(`a second runRequested in the journal of ${state.run}`);
    case 'stepOpened':
      return withStep(state, event.step, opened(event.hosts, at, state.intended[event.step] ?? {}));
    case 'stepSkipped':
      return withStep(state, event.step, { kind: 'skipped', why: event.why });
    case 'announced':
      return withStep(state, event.step, { kind: 'announced', at });
    case 'rolesBound':
      return { ...state, roles: { ...state.roles, ...event.roles }, rolesSeen: { at, by: event.host } };
    case 'rolesConfirmed':
      return { ...state, rolesSeen: { at, by: event.by } };
    case 'approvalRequested':
      return withApproval(state, { ...event, askedAt: at, status: { kind: 'open' } });
    case 'approvalGiven':
      return withStatus(state, event.request, { kind: 'given', by: event.by, at });
    case 'approvalRejected':
      return withStatus(state, event.request, { kind: 'rejected', by: event.by, at, reason: event.reason });
    case 'approvalExpired':
      return withStatus(state, event.request, { kind: 'expired', at });
    case 'approvalVoided':
      return withStatus(state, event.request, { kind: 'voided', at, why: event.why });
    case 'hostMet':
      return { ...state, anchors: { ...state.anchors, [event.host]: event.anchor } };
    case 'attemptIntended':
      return withHost(countIntent(state, event), event, { kind: 'began', attempt: event.attempt, at, approval: event.approval });
    case 'attemptEnded':
      return withHost(state, event, { kind: 'ended', attempt: event.attempt, outcome: event.outcome, output: event.output, at });
    case 'watchBegan':
      return withHost(state, event, { kind: 'watching', attempt: event.attempt, since: at });
    case 'hostPassed':
      return withHost(state, event, { kind: 'passed', attempt: event.attempt, seen: event.seen, at });
    case 'hostPassedOver':
      return withHost(state, event, { kind: 'passedOver', attempt: event.attempt, why: event.why });
    case 'troubleRaised':
      return troubled(state, event, at);
    case 'troubleSettled':
      return settled(state, event, at);
    case 'paused':
      return { ...withAsked(state, event.asked), paused: { by: event.by, at, reason: event.reason } };
    case 'resumed':
      return { ...withAsked(state, event.asked), paused: undefined };
    case 'cancelRequested':
      return { ...inDoubtAgain(state, at), cancel: { by: event.by, at, reason: event.reason } };
    case 'refused':
      return { ...state, refusals: { ...state.refusals, [event.person.user]: (state.refusals[event.person.user] ?? 0) + 1 } };
    case 'runEnded':
      return { ...state, trouble: undefined, ended: { outcome: event.outcome, why: event.why, at } };
    default:
      return assertNever(event);
  }
}

function opened(hosts: readonly string[], at: number, intended: Readonly<Record<string, number>>): StepState {
  const waiting = hosts.map((host): [string, HostState] => [host, { kind: 'waiting', attempt: (intended[host] ?? 0) + 1 }]);
  return { kind: 'open', order: hosts, openedAt: at, hosts: Object.fromEntries(waiting) };
}

function countIntent(state: RunState, event: EventOf<'attemptIntended'>): RunState {
  const step = { ...state.intended[event.step], [event.host]: event.attempt };
  return { ...state, intended: { ...state.intended, [event.step]: step } };
}

function withAsked(state: RunState, asked: string | undefined): RunState {
  return asked === undefined ? state : { ...state, asked: [...state.asked, asked] };
}

function withStep(state: RunState, id: string, step: StepState): RunState {
  return { ...state, steps: { ...state.steps, [id]: step } };
}

function withHost(state: RunState, place: { readonly step: string; readonly host: string }, host: HostState): RunState {
  const step = state.steps[place.step];
  if (step?.kind !== 'open') return state;
  return withStep(state, place.step, { ...step, hosts: { ...step.hosts, [place.host]: host } });
}

function withApproval(state: RunState, approval: Approval): RunState {
  return { ...state, approvals: { ...state.approvals, [approval.request]: approval } };
}

function withStatus(state: RunState, request: string, status: ApprovalStatus): RunState {
  const approval = state.approvals[request];
  return approval === undefined ? state : withApproval(state, { ...approval, status });
}

function troubled(state: RunState, event: EventOf<'troubleRaised'>, at: number): RunState {
  const trouble: OpenTrouble = {
    trouble: event.trouble,
    step: event.step,
    host: event.host,
    attempt: event.attempt,
    what: event.what,
    choices: event.choices,
    at,
  };
  const next = { ...state, trouble };
  if (event.host === undefined || event.attempt === undefined) return next;
  const place = { step: event.step, host: event.host };
  return withHost(next, place, { kind: 'troubled', attempt: event.attempt, trouble: event.trouble });
}

/** What a choice means for the host that was in trouble. `abort` is followed by `runEnded` in the same append. */
function settled(state: RunState, event: EventOf<'troubleSettled'>, at: number): RunState {
  const trouble = state.trouble;
  if (trouble?.trouble !== event.trouble) return state;
  const next: RunState = { ...state, trouble: undefined };
  switch (event.choice) {
    case 'abort':
      return next;
    case 'askAgain':
      return askedAgain(next, trouble);
    case 'retry':
      return onHost(next, trouble, (attempt) => ({ kind: 'waiting', attempt: attempt + 1 }), retryStep);
    case 'skip':
      return onHost(
        next,
        trouble,
        (attempt) => ({ kind: 'skipped', attempt, by: event.by, reason: event.reason }),
        (whole) => withStep(whole, trouble.step, { kind: 'skipped', why: `skipped by ${event.by.name}: ${event.reason}` }),
      );
    case 'lookAgain':
      return onHost(next, trouble, (attempt) => lookedAgain(trouble, attempt, at), retryStep);
    case 'settleDone':
      return onHost(
        next,
        trouble,
        (attempt) => ({ kind: 'passed', attempt, seen: `settled as done by ${event.by.name}: ${event.reason}`, at }),
        same,
      );
    case 'settleFailed':
      return onHost(next, trouble, (attempt) => ({ kind: 'settledFailed', attempt }), same);
    default:
      return assertNever(event.choice);
  }

  function retryStep(whole: RunState): RunState {
    return trouble === undefined ? whole : withStep(whole, trouble.step, { kind: 'pending' });
  }
}

/** What may still run is ended by a cancel like what runs for certain: an attempt whose end is unknown is followed again until its host has spoken. */
function inDoubtAgain(state: RunState, at: number): RunState {
  const trouble = state.trouble;
  if (trouble?.what.kind !== 'unknown') return state;
  return onHost({ ...state, trouble: undefined }, trouble, (attempt) => lookedAgain(trouble, attempt, at), same);
}

function same(state: RunState): RunState {
  return state;
}

/** Applies `host` where the trouble names one, else `whole` to the step as such. */
function onHost(
  state: RunState,
  trouble: OpenTrouble,
  host: (attempt: number) => HostState,
  whole: (state: RunState) => RunState,
): RunState {
  if (trouble.host === undefined || trouble.attempt === undefined) return whole(state);
  return withHost(state, { step: trouble.step, host: trouble.host }, host(trouble.attempt));
}

function lookedAgain(trouble: OpenTrouble, attempt: number, at: number): HostState {
  switch (trouble.what.kind) {
    case 'unknown':
      return { kind: 'began', attempt, at, approval: undefined };
    case 'checkFailed':
      return { kind: 'watching', attempt, since: at };
    case 'failed':
    case 'rolesChanged':
    case 'rejected':
    case 'expired':
    case 'blocked':
      return { kind: 'waiting', attempt };
    default:
      return assertNever(trouble.what);
  }
}

/** After a rejection or an expiry the same start is asked for again; after a change of roles the step is resolved anew with the new ones. */
function askedAgain(state: RunState, trouble: OpenTrouble): RunState {
  if (trouble.what.kind === 'rolesChanged') {
    return withStep({ ...state, roles: { ...state.roles, ...trouble.what.roles } }, trouble.step, { kind: 'pending' });
  }
  return onHost(state, trouble, (attempt) => ({ kind: 'waiting', attempt }), same);
}
