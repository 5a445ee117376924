/** The fold: one event on one state. Total over event kinds; no clock, no decision. */
import { assertNever } from './assert-never.ts';
import {
  type Folding,
  OWN,
  put,
  withApproval,
  withBacker,
  withHold,
  withHost,
  withNote,
  withPrompts,
  withQuestion,
  withReminder,
  withStatus,
  withStep,
} from './change.ts';
import type { EventOf, Recorded, RunEvent } from './events.ts';
import { fixedRoles } from './roles.ts';
import { inDoubtAgain, settled, troubled, waiting } from './settle.ts';
import {
  type Approval,
  backingKey,
  DONE,
  type HostState,
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
  return foldOn(begin(run, first.event, first), rest);
}

/**
 * The state after these events more; `state` stays as it is. `tell`: each event with the state before it, which is good only until `tell` returns: what
 * the fold has made itself changes with the next event.
 */
export function foldOn(
  state: RunState,
  more: Iterable<Recorded>,
  tell: (before: RunState, each: Recorded) => void = () => undefined,
): RunState {
  let folding: Folding = { ...state, [OWN]: new WeakSet() };
  for (const each of more) {
    tell(folding, each);
    folding = evolve(folding, each);
  }
  const { [OWN]: _own, ...folded } = folding;
  return folded;
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
    notes: {},
    refusals: {},
    backings: {},
    hold: undefined,
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
      return withApproval(state, requested(event, at));
    case 'approvalBacked':
      return withBacker(state, event.request, { by: event.by, at, stands: event.stands });
    case 'approvalGiven':
      return withStatus(withBacker(state, event.request, { by: event.by, at, stands: event.stands }), event.request, {
        kind: 'given',
        by: event.by,
        at,
      });
    case 'glassBroken':
      return withStatus(state, event.request, { kind: 'given', by: event.by, at, glass: event.reason });
    case 'approvalReminded':
      return withReminder(state, event.request);
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
    case 'answerWithheld':
      return withPrompts(state, event, (prompts) =>
        prompts.map((prompt) => (prompt.number === event.number ? { ...prompt, withheld: event.why } : prompt)),
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
    case 'choiceBacked':
      return backed(state, event, at);
    case 'runHeld':
      return {
        ...state,
        hold: { hold: event.hold, window: event.window, since: at, expiresAt: event.expiresAt, status: { kind: 'open' } },
      };
    case 'holdOverridden':
      return withHold(state, event.hold, { kind: 'overridden', by: event.by, at, reason: event.reason });
    case 'holdEnded':
      return withHold(state, event.hold, { kind: 'ended', at, why: event.why });
    case 'paused':
      return { ...withAsked(state, event.asked), paused: { by: event.by, at, reason: event.reason } };
    case 'resumed':
      return { ...withAsked(state, event.asked), paused: undefined };
    case 'cancelRequested':
      return { ...inDoubtAgain(state, at), cancel: { by: event.by, at, reason: event.reason } };
    case 'noted':
      return withNote(state, event.ts, event.text, 0);
    case 'noteEdited':
      return withNote(state, event.ts, event.text);
    case 'noteDeleted':
      return withNote(state, event.ts, undefined);
    case 'refused':
      return { ...state, refusals: put(state, state.refusals, event.person.user, (state.refusals[event.person.user] ?? 0) + 1) };
    case 'runEnded':
      return { ...state, trouble: undefined, further: [], ended: { outcome: event.outcome, why: event.why, at } };
    default:
      return assertNever(event);
  }
}

function requested({ checks = [], changed = [], ...event }: EventOf<'approvalRequested'>, at: number): Approval {
  return { ...event, checks, changed, askedAt: at, backers: [], reminded: false, status: { kind: 'open' } };
}

function backed(state: RunState, { about, choice, by, stands }: EventOf<'choiceBacked'>, at: number): RunState {
  const key = backingKey(about, choice);
  const backers = [...(state.backings[key]?.backers ?? []), { by, at, stands }];
  return { ...state, backings: put(state, state.backings, key, { about, choice, backers }) };
}

function opened(hosts: readonly string[], at: number, intended: Readonly<Record<string, number>>): StepState {
  const all = hosts.map((host): [string, HostState] => [host, waiting((intended[host] ?? 0) + 1)]);
  return { kind: 'open', order: hosts, openedAt: at, hosts: Object.fromEntries(all) };
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

function promptOf({ number, end, bytes, prompt, said, answer }: EventOf<'promptSeen'>): Prompt {
  return { number, end, bytes, prompt, said, declared: answer, answer: undefined, withheld: undefined };
}

function asked(state: RunState, event: EventOf<'questionAsked'>, at: number): RunState {
  const { question, step, about, host, attempt, number, text, second } = event;
  const posed: Question = { question, step, about, host, attempt, number, text, second, askedAt: at, status: { kind: 'open' } };
  const next = { ...state, questions: put(state, state.questions, question, posed) };
  return about === 'prompt' ? next : withStep(next, step, { kind: 'asked', question });
}

/** What people have done or confirmed is over; what they declined is a trouble, raised in the same append. */
function answered(state: RunState, event: EventOf<'questionAnswered'>, at: number): RunState {
  const next = withQuestion(state, event.question, { kind: 'answered', by: event.by, at, answer: event.answer });
  const question = state.questions[event.question];
  if (question === undefined || question.about === 'prompt' || event.answer !== DONE) return next;
  return withStep(next, question.step, { kind: 'answered', by: event.by, at });
}

function countIntent(state: RunState, event: EventOf<'attemptIntended'>): RunState {
  const step = put(state, state.intended[event.step] ?? {}, event.host, event.attempt);
  const digests = put(state, state.digests, talkKey(event), event.digest);
  return { ...state, digests, intended: put(state, state.intended, event.step, step) };
}

function withAsked(state: RunState, asked: string | undefined): RunState {
  return asked === undefined ? state : { ...state, asked: [...state.asked, asked] };
}
