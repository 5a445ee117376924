/** The fold: one event on one state. Total over event kinds; no clock, no decision. */
import { assertNever } from './assert-never.ts';
import type { EventOf, Recorded, RunEvent } from './events.ts';
import { fixedRoles } from './roles.ts';
import {
  type Approval,
  type ApprovalStatus,
  DONE,
  type HostState,
  type OpenTrouble,
  openTroubles,
  type Prompt,
  type Question,
  type RunState,
  type StepState,
  storeKey,
  talkKey,
} from './state.ts';

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
    roles: rolesAtStart(event),
    rolesSeen: undefined,
    anchors: {},
    exchanged: [],
    captured: {},
    plan: undefined,
    talks: {},
    questions: {},
    intended: {},
    digests: {},
    steps: Object.fromEntries(event.procedure.steps.map((step): [string, StepState] => [step.id, { kind: 'pending' }])),
    approvals: {},
    trouble: undefined,
    further: [],
    asked: [],
    refusals: {},
    paused: undefined,
    cancel: undefined,
    ended: undefined,
  };
}

/** They were found before the run was let begin. */
function rolesAtStart({ procedure, cluster, params }: EventOf<'runRequested'>): RunState['roles'] {
  const found = fixedRoles({ procedure, cluster, params });
  return found.kind === 'found' ? found.roles : {};
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
      return { ...state, anchors: { ...state.anchors, [storeKey(event.host, event.as)]: event.anchor } };
    case 'hostExchanged':
      return { ...state, exchanged: [...state.exchanged, event.host], anchors: withoutHost(state.anchors, event.host) };
    case 'planResolved':
      return { ...state, plan: event.digest };
    case 'hostsLookedAt':
      return event.hosts.reduce((whole, host) => lookedAt(whole, event.step, host), state);
    case 'hostSkipped':
      return withHost(state, event, { kind: 'notNeeded', attempt: event.attempt, why: event.why });
    case 'valuesCaptured':
      return { ...state, captured: { ...state.captured, ...captured(state, event) } };
    case 'copyStaged':
      return state;
    case 'promptSeen':
      return withPrompts(state, event, (prompts) => [...prompts, promptOf(event)]);
    case 'promptAnswered':
      return withPrompts(state, event, (prompts) =>
        prompts.map((prompt) => (prompt.number === event.number ? { ...prompt, answer: event.answer } : prompt)),
      );
    case 'questionAsked':
      return asked(state, event, at);
    case 'questionAnswered':
      return answered(state, event, at);
    case 'questionWithdrawn':
      return withQuestion(state, event.question, { kind: 'withdrawn', at, why: event.why });
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
      return { ...state, trouble: undefined, further: [], ended: { outcome: event.outcome, why: event.why, at } };
    default:
      return assertNever(event);
  }
}

function opened(hosts: readonly string[], at: number, intended: Readonly<Record<string, number>>): StepState {
  const all = hosts.map((host): [string, HostState] => [host, waiting((intended[host] ?? 0) + 1)]);
  return { kind: 'open', order: hosts, openedAt: at, hosts: Object.fromEntries(all) };
}

function waiting(attempt: number): HostState {
  return { kind: 'waiting', attempt, lookedAt: false };
}

function lookedAt(state: RunState, step: string, host: string): RunState {
  const current = state.steps[step];
  const at = current?.kind === 'open' ? current.hosts[host] : undefined;
  return at?.kind === 'waiting' ? withHost(state, { step, host }, { ...at, lookedAt: true }) : state;
}

function withoutHost(anchors: RunState['anchors'], host: string): RunState['anchors'] {
  return Object.fromEntries(Object.entries(anchors).filter(([key]) => key !== host && !key.endsWith(`@${host}`)));
}

/** Of a step on several hosts each host's value is kept under its name. */
function captured(state: RunState, { step: id, host, values }: EventOf<'valuesCaptured'>): Record<string, unknown> {
  const step = state.procedure.steps.find((candidate) => candidate.id === id);
  if (step?.kind !== 'command' || (step.on.kind !== 'each' && step.on.kind !== 'all')) return values;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { ...recordIn(state.captured[name]), [host]: value }]));
}

function recordIn(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

type AttemptPlace = { readonly step: string; readonly host: string; readonly attempt: number };

function withPrompts(state: RunState, place: AttemptPlace, change: (prompts: readonly Prompt[]) => readonly Prompt[]): RunState {
  const key = talkKey(place);
  return { ...state, talks: { ...state.talks, [key]: change(state.talks[key] ?? []) } };
}

function promptOf({ number, end, prompt, said, answer }: EventOf<'promptSeen'>): Prompt {
  return { number, end, prompt, said, declared: answer, answer: undefined };
}

function asked(state: RunState, event: EventOf<'questionAsked'>, at: number): RunState {
  const { question, step, about, host, attempt, number, text, second } = event;
  const posed: Question = { question, step, about, host, attempt, number, text, second, askedAt: at, status: { kind: 'open' } };
  const next = { ...state, questions: { ...state.questions, [question]: posed } };
  return about === 'prompt' ? next : withStep(next, step, { kind: 'asked', question });
}

/** What people have done or confirmed is over; what they declined is a trouble, raised in the same append. */
function answered(state: RunState, event: EventOf<'questionAnswered'>, at: number): RunState {
  const next = withQuestion(state, event.question, { kind: 'answered', by: event.by, at, answer: event.answer });
  const question = state.questions[event.question];
  if (question === undefined || question.about === 'prompt' || event.answer !== DONE) return next;
  return withStep(next, question.step, { kind: 'answered', by: event.by, at });
}

function withQuestion(state: RunState, id: string, status: Question['status']): RunState {
  const question = state.questions[id];
  return question === undefined ? state : { ...state, questions: { ...state.questions, [id]: { ...question, status } } };
}

function countIntent(state: RunState, event: EventOf<'attemptIntended'>): RunState {
  const step = { ...state.intended[event.step], [event.host]: event.attempt };
  const digests = { ...state.digests, [talkKey(event)]: event.digest };
  return { ...state, digests, intended: { ...state.intended, [event.step]: step } };
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
  const next = state.trouble === undefined ? { ...state, trouble } : { ...state, further: [...state.further, trouble] };
  if (event.host === undefined || event.attempt === undefined) return next;
  const place = { step: event.step, host: event.host };
  return withHost(next, place, { kind: 'troubled', attempt: event.attempt, trouble: event.trouble });
}

/** What a choice means for the host that was in trouble. `abort` is followed by `runEnded` in the same append. */
function settled(state: RunState, event: EventOf<'troubleSettled'>, at: number): RunState {
  const trouble = openTroubles(state).find((each) => each.trouble === event.trouble);
  if (trouble === undefined) return state;
  const next = without(state, trouble);
  switch (event.choice) {
    case 'abort':
      return next;
    case 'askAgain':
      return askedAgain(next, trouble);
    case 'retry':
      return onHost(next, trouble, (attempt) => waiting(attempt + 1), retryStep);
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
  return openTroubles(state)
    .filter(({ what }) => what.kind === 'unknown')
    .reduce((whole, trouble) => onHost(without(whole, trouble), trouble, (attempt) => lookedAgain(trouble, attempt, at), same), state);
}

function without(state: RunState, settled: OpenTrouble): RunState {
  const [trouble, ...further] = openTroubles(state).filter((each) => each !== settled);
  return { ...state, trouble, further };
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
    case 'declined':
      return waiting(attempt);
    default:
      return assertNever(trouble.what);
  }
}

/** After a rejection or an expiry the same start is asked for again; after a change of roles the step is resolved anew with the new ones. */
function askedAgain(state: RunState, trouble: OpenTrouble): RunState {
  if (trouble.what.kind === 'rolesChanged') {
    return withStep({ ...state, roles: { ...state.roles, ...trouble.what.roles } }, trouble.step, { kind: 'pending' });
  }
  return onHost(state, trouble, waiting, (whole) => withStep(whole, trouble.step, { kind: 'pending' }));
}
