/**
 * What a person wants of a run, and whether the run as it is now takes it. One function for every way in (command, button, modal, mention, CLI):
 * it is called with the state that the append will be compared against, so a race is settled by the journal and nowhere else.
 */
import { assertNever } from './assert-never.ts';
import { type Action, aboutRun, authorise, type Standing } from './authorise.ts';
import { closing } from './closing.ts';
import type { Choice, Person, RunEvent, Stands } from './events.ts';
import { answerTo } from './questions.ts';
import { settlingNeedsSecond } from './second.ts';
import { type Matter, stand } from './stand.ts';
import { type Approval, backingKey, type OpenTrouble, openTroubles, type RunState, stepsOf } from './state.ts';

export type Intent =
  /** `digest`: of what the person was shown; another one is not what is asked for now. */
  | { readonly kind: 'approve'; readonly request: string; readonly digest: string }
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
  /** The person may not; recorded as `refused`, the first times in the run and each time in the register (as far as that lets itself be filled). */
  | { readonly kind: 'refused'; readonly action: Action; readonly events: readonly RunEvent[]; readonly told: string }
  /** Too late, or there is nothing to do; nothing is recorded. */
  | { readonly kind: 'moot'; readonly told: string };

/** Decides one intent against one state. Pure; `now` is in milliseconds. */
export function decide(state: RunState, intent: Intent, standing: Standing, now: number): Decided {
  if (state.ended !== undefined) return moot(`${state.run} has ended (${state.ended.outcome}); nothing more can be done with it.`);
  switch (intent.kind) {
    case 'approve':
      return onRequest(state, intent.request, now, (approval) => approve(state, approval, intent.digest, standing));
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
function permitted(state: RunState, action: Action, standing: Standing, taken: () => Decided, steps: readonly string[] = []): Decided {
  const verdict = authorise(action, standing, aboutRun(state, steps));
  return verdict.kind === 'allowed' ? taken() : refused(state, action, standing, verdict.why);
}

function refused(state: RunState, action: Action, standing: Standing, why: string): Decided {
  const event: RunEvent = { kind: 'refused', person: standing.person, action, why };
  const isRecorded = (state.refusals[standing.person.user] ?? 0) < MOST_REFUSALS;
  return { kind: 'refused', action, events: isRecorded ? [event] : [], told: why };
}

/** Something that needs a second person, or several: `backed` where more are wanted, `done` where this one is enough. */
function stoodFor(
  state: RunState,
  matter: Matter,
  standing: Standing,
  what: {
    readonly told: string;
    readonly backed: (stands: Stands) => RunEvent;
    readonly done: (stands: Stands) => readonly RunEvent[];
  },
): Decided {
  const stood = stand(state, matter, standing);
  switch (stood.kind) {
    case 'moot':
      return moot(stood.told);
    case 'refused':
      return refused(state, 'approve', standing, stood.why);
    case 'more':
      return { kind: 'taken', events: [what.backed(stood.stands)], told: `${what.told} Still wanted: ${stood.wanted}.` };
    case 'enough':
      return { kind: 'taken', events: what.done(stood.stands), told: what.told };
    default:
      return assertNever(stood);
  }
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

function approve(state: RunState, approval: Approval, digest: string, standing: Standing): Decided {
  const { request, needs } = approval;
  const action = needs === 'gate' ? 'press' : 'approve';
  const told = `You approved ${approval.step} of ${state.run}.`;
  return permitted(state, action, standing, agreed, stepsOf(approval));

  function agreed(): Decided {
    if (digest !== approval.digest) {
      return moot('This button was made for another version of the request; open the newest card in the thread.');
    }
    if (needs === 'gate') return { kind: 'taken', events: [{ kind: 'approvalGiven', request, by: standing.person }], told };
    const matter = { steps: stepsOf(approval), backers: approval.backers, about: approval.digest };
    return stoodFor(state, matter, standing, {
      told,
      backed: (stands) => ({ kind: 'approvalBacked', request, by: standing.person, stands }),
      done: (stands) => [{ kind: 'approvalGiven', request, by: standing.person, stands }],
    });
  }
}

function reject(state: RunState, approval: Approval, standing: Standing, reason: string): Decided {
  const action = approval.needs === 'second' ? 'approve' : 'press';
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

/** One person's word for a choice or an answer that several must stand for. */
function backing(state: RunState, about: string, choice: string, reason: string, { person: by }: Standing) {
  return {
    matter: { backers: state.backings[backingKey(about, choice)]?.backers ?? [], about },
    backed: (stands: Stands): RunEvent => ({ kind: 'choiceBacked', about, choice, reason, by, stands }),
  };
}

function settle(state: RunState, id: string, choice: Choice, reason: string, standing: Standing): Decided {
  const trouble = openTroubles(state).find((each) => each.trouble === id);
  if (trouble === undefined) return moot('This question is settled already; see the newest message in the thread.');
  if (!trouble.choices.includes(choice)) return moot(`That is not offered here; the choices are: ${trouble.choices.join(', ')}.`);
  const told = `Noted for ${trouble.step} of ${state.run}.`;
  if (!settlingNeedsSecond(state, trouble.step, choice)) {
    const events = settlement(state, trouble, choice, reason, standing.person);
    return permitted(state, choice === 'abort' ? 'stop' : 'settle', standing, () => ({ kind: 'taken', told, events }));
  }
  const said = backing(state, id, choice, reason, standing);
  return stoodFor(state, { steps: [trouble.step], ...said.matter }, standing, {
    told,
    backed: said.backed,
    done: (stands) => settlement(state, trouble, choice, reason, standing.person, stands),
  });
}

function settlement(
  state: RunState,
  trouble: OpenTrouble,
  choice: Choice,
  reason: string,
  by: Person,
  stands?: Stands,
): readonly RunEvent[] {
  const how = stands === undefined ? {} : { stands };
  const settled: RunEvent = { kind: 'troubleSettled', trouble: trouble.trouble, choice, by, reason, ...how };
  if (choice !== 'abort') return [settled];
  const why = `aborted by ${by.name} at ${trouble.step}${reason === '' ? '' : `: ${reason}`}`;
  return [settled, ...closing(state, 'the run was aborted'), { kind: 'runEnded', outcome: 'aborted', why }];
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
