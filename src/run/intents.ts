/**
 * What a person wants of a run, and whether the run as it is now takes it. One function for every way in (command, button, modal, mention, CLI):
 * it is called with the state that the append will be compared against, so a race is settled by the journal and nowhere else.
 */
import { utcClock } from '../utc.ts';
import { assertNever } from './assert-never.ts';
import type { Standing } from './authorise.ts';
import { whyNotApprovable } from './checks.ts';
import { actionFor, type Decided, moot, permitted, refused, stoodFor } from './decided.ts';
import { breaking, type Emergency, heldBy, OTHER_DIGEST, overriding, whyIncomplete, whyNoGlass } from './emergency.ts';
import type { Choice } from './events.ts';
import { answerTo } from './questions.ts';
import { backing, settle } from './settlement.ts';
import { type Approval, approvalIn, type RunState, stepsOf } from './state.ts';

export type Intent =
  /** `digest`: of what the person was shown; another one is not what is asked for now. */
  | { readonly kind: 'approve'; readonly request: string; readonly digest: string }
  /** Looks again at what must be so beforehand, and asks anew. */
  | { readonly kind: 'checkAgain'; readonly request: string }
  | { readonly kind: 'reject'; readonly request: string; readonly reason: string }
  /** `done` or `declined` to what people are asked to do or confirm; to a tool's prompt, the line that it gets. */
  | { readonly kind: 'answer'; readonly question: string; readonly answer: string; readonly note: string }
  | { readonly kind: 'settle'; readonly trouble: string; readonly choice: Choice; readonly reason: string }
  /** `asked` names the delivery, so that a replayed one changes nothing; whatever else is asked carries an id that counts once. */
  | { readonly kind: 'pause'; readonly reason: string; readonly asked?: string }
  | { readonly kind: 'resume'; readonly asked?: string }
  | { readonly kind: 'cancel'; readonly reason: string }
  | Emergency;

type Of<K extends Intent['kind']> = Extract<Intent, { kind: K }>;

/** Decides one intent against one state. Pure; `now` is in milliseconds. */
export function decide(state: RunState, intent: Intent, standing: Standing, now: number): Decided {
  if (state.ended !== undefined) return moot(`${state.run} has ended (${state.ended.outcome}); nothing more can be done with it.`);
  switch (intent.kind) {
    case 'approve':
      return onRequest(state, intent.request, now, (approval) => approve(state, approval, intent.digest, standing));
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
    case 'override':
      return override(state, intent, standing, now);
    case 'breakGlass':
      return onRequest(state, intent.request, now, (approval) => breakGlass(state, approval, intent, standing));
    default:
      return assertNever(intent);
  }
}

function onRequest(state: RunState, request: string, now: number, open: (approval: Approval) => Decided): Decided {
  const approval = approvalIn(state, request);
  if (approval === undefined) return moot(`This card does not belong to ${state.run}; open the newest card in its thread.`);
  if (approval.status.kind !== 'open') return moot(alreadySettled(approval));
  // Nothing starts any more, so nobody is told that they approved it.
  if (state.cancel !== undefined) return moot(`${state.run} is being cancelled by ${state.cancel.by.name}; nothing was decided.`);
  if (now >= approval.expiresAt) return moot('This request has just expired; the thread offers to ask again.');
  return open(approval);
}

function alreadySettled(approval: Approval): string {
  const status = approval.status;
  switch (status.kind) {
    case 'open':
      return 'This request is still open.';
    case 'given':
      if (status.glass !== undefined)
        return `${status.by.name} broke the glass for it at ${utcClock(status.at)}; your click changed nothing.`;
      return `Already approved by ${status.by.name} at ${utcClock(status.at)}; your click changed nothing.`;
    case 'rejected':
      return `Already rejected by ${status.by.name} at ${utcClock(status.at)}; your click changed nothing.`;
    case 'expired':
      return `This request expired at ${utcClock(status.at)}; the thread offers to ask again.`;
    case 'voided':
      return `This request was voided at ${utcClock(status.at)}: ${status.why}`;
    default:
      return assertNever(status);
  }
}

function approve(state: RunState, approval: Approval, digest: string, standing: Standing): Decided {
  const { request, needs } = approval;
  const action = actionFor(approval);
  const told = `You approved ${approval.step} of ${state.run}.`;
  return permitted(state, action, standing, agreed, stepsOf(approval));

  function agreed(): Decided {
    if (digest !== approval.digest) return moot(OTHER_DIGEST);
    const red = whyNotApprovable(approval);
    if (red !== undefined) return refused(state, action, standing, red);
    if (needs === 'gate') return { kind: 'taken', events: [{ kind: 'approvalGiven', request, by: standing.person }], told };
    const matter = { steps: stepsOf(approval), backers: approval.backers, about: approval.digest };
    return stoodFor(state, matter, standing, {
      told,
      backed: (stands) => ({ kind: 'approvalBacked', request, by: standing.person, stands }),
      done: (stands) => [{ kind: 'approvalGiven', request, by: standing.person, stands }],
    });
  }
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
  const action = actionFor(approval);
  const rejected = (): Decided => {
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
  };
  return permitted(state, action, standing, rejected, stepsOf(approval));
}

function override(state: RunState, { hold: id, reason }: Of<'override'>, standing: Standing, now: number): Decided {
  const hold = heldBy(state, id, now);
  if (typeof hold === 'string') return moot(hold);
  return permitted(state, 'override', standing, () => {
    const why = whyIncomplete(state, standing, id, reason);
    if (why !== undefined) return refused(state, 'override', standing, why);
    return { kind: 'taken', events: [overriding(hold, standing, reason)], told: `You overrode ${hold.window} for ${state.run}.` };
  });
}

function breakGlass(state: RunState, approval: Approval, { digest, reason }: Of<'breakGlass'>, standing: Standing): Decided {
  const cannot = whyNoGlass(approval, digest);
  if (cannot !== undefined) return moot(cannot);
  return permitted(state, 'breakGlass', standing, () => {
    const why = whyIncomplete(state, standing, approval.digest, reason);
    if (why !== undefined) return refused(state, 'breakGlass', standing, why);
    return {
      kind: 'taken',
      events: [breaking(state, approval, standing, reason)],
      told: `You broke the glass for ${approval.step} of ${state.run}.`,
    };
  });
}

function answerQuestion(state: RunState, intent: Extract<Intent, { kind: 'answer' }>, standing: Standing): Decided {
  // What is being ended is not told to go on.
  if (state.cancel !== undefined) return moot(`${state.run} is being cancelled by ${state.cancel.by.name}; nothing was sent.`);
  const answer = answerTo(state, intent, standing.person);
  if (answer.kind === 'moot') return answer;
  const { question, events } = answer;
  const told = `Noted for ${question.step} of ${state.run}.`;
  if (question.second === undefined) return permitted(state, 'press', standing, () => ({ kind: 'taken', told, events }));
  const said = backing(state, question.question, intent.answer, intent.note, standing);
  return stoodFor(state, { steps: [question.step], ...said.matter }, standing, {
    told,
    backed: said.backed,
    done: (stands) => events.map((event) => (event.kind === 'questionAnswered' ? { ...event, stands } : event)),
  });
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
