/**
 * What a person wants of a run, and whether the run as it is now takes it. One function for every way in (command, button, modal, mention, CLI):
 * it is called with the state that the append will be compared against, so a race is settled by the journal and nowhere else.
 */
import { assertNever } from './assert-never.ts';
import { type Action, authorise, type Standing } from './authorise.ts';
import { whyNotApprovable } from './checks.ts';
import type { Choice, Person, RunEvent } from './events.ts';
import { answerTo } from './questions.ts';
import { type Approval, type OpenTrouble, openTroubles, type RunState } from './state.ts';

export type Intent =
  | { readonly kind: 'approve'; readonly request: string }
  /** Looks again at what must be so beforehand, and asks anew. */
  | { readonly kind: 'checkAgain'; readonly request: string }
  | { readonly kind: 'reject'; readonly request: string; readonly reason: string }
  /** `done` or `declined` to what people are asked to do or confirm; to a tool's prompt, the line that it gets. */
  | { readonly kind: 'answer'; readonly question: string; readonly answer: string; readonly note: string }
  | { readonly kind: 'settle'; readonly trouble: string; readonly choice: Choice; readonly reason: string }
  /** `asked` names the delivery, so that a replayed one changes nothing; whatever else is asked carries an id that counts once. */
  | { readonly kind: 'pause'; readonly reason: string; readonly asked?: string }
  | { readonly kind: 'resume'; readonly asked?: string }
  | { readonly kind: 'cancel'; readonly reason: string };

export type Decided =
  /** To be appended as one; `told` is what the person reads in private. */
  | { readonly kind: 'taken'; readonly events: readonly RunEvent[]; readonly told: string }
  /** The person may not; recorded as `refused`, the first times. */
  | { readonly kind: 'refused'; readonly events: readonly RunEvent[]; readonly told: string }
  /** Too late, or there is nothing to do; nothing is recorded. */
  | { readonly kind: 'moot'; readonly told: string };

/** Decides one intent against one state. Pure; `now` is in milliseconds. */
export function decide(state: RunState, intent: Intent, standing: Standing, now: number): Decided {
  if (state.ended !== undefined) return moot(`${state.run} has ended (${state.ended.outcome}); nothing more can be done with it.`);
  switch (intent.kind) {
    case 'approve':
      return onRequest(state, intent.request, now, (approval) => approve(state, approval, standing));
    case 'checkAgain':
      return onRequest(state, intent.request, now, (approval) => checkAgain(state, approval, standing));
    case 'reject':
      return onRequest(state, intent.request, now, (approval) => reject(state, approval, standing, intent.reason));
    case 'answer':
      return answerQuestion(state, intent, standing);
    case 'settle':
      return settle(state, intent.trouble, intent.choice, intent.reason, standing);
    case 'pause':
      return pause(state, intent.reason, intent.asked, standing);
    case 'resume':
      return resume(state, intent.asked, standing);
    case 'cancel':
      return cancel(state, intent.reason, standing);
    default:
      return assertNever(intent);
  }
}

/** Each append makes a worker decide again: somebody without rights must not be able to keep a run from going on by clicking. */
const MOST_REFUSALS = 20;

function moot(told: string): Decided {
  return { kind: 'moot', told };
}

/** Takes the events if the person may, else records the refusal. */
function permitted(state: RunState, action: Action, standing: Standing, taken: () => Decided): Decided {
  const verdict = authorise(action, standing, { cluster: state.cluster, requester: state.requester });
  return verdict.kind === 'allowed' ? taken() : refusal(state, action, standing, verdict.why);
}

function refusal(state: RunState, action: Action, standing: Standing, why: string): Decided {
  const event: RunEvent = { kind: 'refused', person: standing.person, action, why };
  const isRecorded = (state.refusals[standing.person.user] ?? 0) < MOST_REFUSALS;
  return { kind: 'refused', events: isRecorded ? [event] : [], told: why };
}

function onRequest(state: RunState, request: string, now: number, open: (approval: Approval) => Decided): Decided {
  // An id comes from outside: `constructor` is nobody's request.
  const approval = Object.hasOwn(state.approvals, request) ? state.approvals[request] : undefined;
  if (approval === undefined) return moot(`This card does not belong to ${state.run}; open the newest card in its thread.`);
  if (approval.status.kind !== 'open') return moot(alreadySettled(approval));
  if (now >= approval.expiresAt) return moot('This request has just expired; the thread offers to ask again.');
  return open(approval);
}

function alreadySettled(approval: Approval): string {
  const status = approval.status;
  switch (status.kind) {
    case 'open':
      return 'This request is still open.';
    case 'given':
      return `Already approved by ${status.by.name} at ${clock(status.at)}; your click changed nothing.`;
    case 'rejected':
      return `Already rejected by ${status.by.name} at ${clock(status.at)}; your click changed nothing.`;
    case 'expired':
      return `This request expired at ${clock(status.at)}; the thread offers to ask again.`;
    case 'voided':
      return `This request was voided at ${clock(status.at)}: ${status.why}`;
    default:
      return assertNever(status);
  }
}

/** UTC, as the record writes it. */
function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

function approve(state: RunState, approval: Approval, standing: Standing): Decided {
  const action = approval.needs === 'second' ? 'approve' : 'press';
  return permitted(state, action, standing, () => {
    const red = whyNotApprovable(approval);
    if (red !== undefined) return refusal(state, action, standing, red);
    return {
      kind: 'taken',
      events: [{ kind: 'approvalGiven', request: approval.request, by: standing.person }],
      told: `You approved ${approval.step} of ${state.run}.`,
    };
  });
}

/** Only while something is not as it must be: otherwise whoever may settle could keep others from approving. */
function checkAgain(state: RunState, approval: Approval, standing: Standing): Decided {
  if (whyNotApprovable(approval) === undefined)
    return moot(`Nothing that ${approval.step} requires was found amiss; your click changed nothing.`);
  return permitted(state, 'settle', standing, () => ({
    kind: 'taken',
    events: [{ kind: 'approvalVoided', request: approval.request, why: `it is checked again, as ${standing.person.name} wished` }],
    told: `${approval.step} of ${state.run} is looked at again; the newest card in the thread shows what is found.`,
  }));
}

function reject(state: RunState, approval: Approval, standing: Standing, reason: string): Decided {
  const action = approval.needs === 'second' ? 'approve' : 'press';
  return permitted(state, action, standing, () => {
    const why = `rejected by ${standing.person.name}: ${reason}`;
    const host = approval.subject.items[0];
    return {
      kind: 'taken',
      told: `You rejected ${approval.step} of ${state.run}.`,
      events: [
        { kind: 'approvalRejected', request: approval.request, by: standing.person, reason },
        {
          kind: 'troubleRaised',
          trouble: `${approval.request}-rejected`,
          step: approval.step,
          ...(host === undefined ? {} : { host: host.host, attempt: host.attempt }),
          what: { kind: 'rejected', why },
          choices: ['askAgain', 'abort'],
        },
      ],
    };
  });
}

function answerQuestion(state: RunState, intent: Extract<Intent, { kind: 'answer' }>, standing: Standing): Decided {
  // What is being ended is not told to go on.
  if (state.cancel !== undefined) return moot(`${state.run} is being cancelled by ${state.cancel.by.name}; nothing was sent.`);
  const answer = answerTo(state, intent, standing.person);
  if (answer.kind === 'moot') return answer;
  return permitted(state, answer.question.second === undefined ? 'press' : 'approve', standing, () => ({
    kind: 'taken',
    told: `Noted for ${answer.question.step} of ${state.run}.`,
    events: answer.events,
  }));
}

function settle(state: RunState, id: string, choice: Choice, reason: string, standing: Standing): Decided {
  const trouble = openTroubles(state).find((each) => each.trouble === id);
  if (trouble === undefined) return moot('This question is settled already; see the newest message in the thread.');
  if (!trouble.choices.includes(choice)) return moot(`That is not offered here; the choices are: ${trouble.choices.join(', ')}.`);
  return permitted(state, actionFor(state, trouble, choice), standing, () => ({
    kind: 'taken',
    told: `Noted for ${trouble.step} of ${state.run}.`,
    events: settlement(trouble, choice, reason, standing.person),
  }));
}

/** Whatever lets a run go on past an unsafe step without its being done needs a second person, as the step itself does. */
function actionFor(state: RunState, trouble: OpenTrouble, choice: Choice): Action {
  switch (choice) {
    case 'retry':
    case 'askAgain':
    case 'lookAgain':
      return 'settle';
    case 'abort':
      return 'stop';
    case 'skip':
      return needsSecond(state, trouble.step) ? 'approve' : 'settle';
    case 'settleDone':
    case 'settleFailed':
      return 'approve';
    default:
      return assertNever(choice);
  }
}

function needsSecond(state: RunState, id: string): boolean {
  const step = state.procedure.steps.find((candidate) => candidate.id === id);
  if (step?.kind === 'person') return step.second !== undefined;
  return step?.kind === 'command' && step.safety.kind === 'unsafe';
}

function settlement(trouble: OpenTrouble, choice: Choice, reason: string, by: Person): readonly RunEvent[] {
  const settled: RunEvent = { kind: 'troubleSettled', trouble: trouble.trouble, choice, by, reason };
  if (choice !== 'abort') return [settled];
  const why = `aborted by ${by.name} at ${trouble.step}${reason === '' ? '' : `: ${reason}`}`;
  return [settled, { kind: 'runEnded', outcome: 'aborted', why }];
}

const REPEATED = 'This came a second time from Slack; it was carried out the first time.';

function pause(state: RunState, reason: string, asked: string | undefined, standing: Standing): Decided {
  if (asked !== undefined && state.asked.includes(asked)) return moot(REPEATED);
  if (state.paused !== undefined) return moot(`${state.run} was paused by ${state.paused.by.name} already.`);
  if (state.cancel !== undefined) return moot(`${state.run} is being cancelled by ${state.cancel.by.name}.`);
  return permitted(state, 'stop', standing, () => ({
    kind: 'taken',
    events: [{ kind: 'paused', by: standing.person, reason, ...(asked === undefined ? {} : { asked }) }],
    told: `${state.run} starts nothing more until it is resumed; a command that runs goes on to its end.`,
  }));
}

function resume(state: RunState, asked: string | undefined, standing: Standing): Decided {
  if (asked !== undefined && state.asked.includes(asked)) return moot(REPEATED);
  if (state.paused === undefined) return moot(`${state.run} is not paused.`);
  return permitted(state, 'settle', standing, () => ({
    kind: 'taken',
    events: [{ kind: 'resumed', by: standing.person, ...(asked === undefined ? {} : { asked }) }],
    told: `${state.run} goes on.`,
  }));
}

function cancel(state: RunState, reason: string, standing: Standing): Decided {
  if (state.cancel !== undefined) return moot(`${state.run} is being cancelled by ${state.cancel.by.name} already.`);
  return permitted(state, 'stop', standing, () => ({
    kind: 'taken',
    events: [{ kind: 'cancelRequested', by: standing.person, reason }],
    told: `${state.run} is being cancelled: what runs is ended on its host, and the thread shows that nothing is left.`,
  }));
}
