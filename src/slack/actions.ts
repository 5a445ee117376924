/**
 * Buttons and forms: from a payload to an intent for the desk. Nothing is decided here.
 *
 * 1. A click counts only in the channel of its run: a card that was copied or forged elsewhere does nothing.
 * 2. Who clicked is read from Slack at the click, with the groups that the run's own (pinned) cluster names.
 * 3. Double clicks and redeliveries are settled by the journal; the person is told what happened.
 */
import { assertNever } from '../run/assert-never.ts';
import type { Intent } from '../run/intents.ts';
import { groupsIn } from '../run/policy.ts';
import { DONE, type RunState } from '../run/state.ts';
import { asksFirst, type Errand, intentOf, modalFor, readErrand, textIn } from './modals.ts';
import { note } from './note.ts';
import type { Office } from './office.ts';
import type { Click, Submission } from './payloads.ts';
import {
  ACTION,
  ANSWER_PREFIX,
  type Content,
  readQuestionValue,
  readRequestValue,
  readTroubleValue,
  SETTLE_PREFIX,
} from './views/index.ts';

/** What a click asks for. */
export type Wanted =
  | { readonly kind: 'act'; readonly run: string; readonly intent: Intent; readonly to?: 'tool' | 'people' }
  /** A form first, while Slack's trigger is fresh (3 s). */
  | { readonly kind: 'form'; readonly errand: Errand }
  /** A button that only opens a link, or one of another release. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable' };

/** Pure. */
export function wantedBy(click: Click): Wanted {
  if (click.action.startsWith(SETTLE_PREFIX)) return settleWanted(click);
  if (click.action.startsWith(ANSWER_PREFIX)) return answerWanted(click);
  switch (click.action) {
    case ACTION.approve:
    case ACTION.reject:
      return requestWanted(click);
    case ACTION.pause:
      return click.value === ''
        ? { kind: 'unreadable' }
        : { kind: 'act', run: click.value, intent: { kind: 'pause', reason: '', asked: click.triggerId } };
    case ACTION.resume:
      return click.value === ''
        ? { kind: 'unreadable' }
        : { kind: 'act', run: click.value, intent: { kind: 'resume', asked: click.triggerId } };
    case ACTION.cancel:
      return click.value === ''
        ? { kind: 'unreadable' }
        : { kind: 'form', errand: { kind: 'cancel', run: click.value, ...placeOf(click) } };
    default:
      return { kind: 'nothing' };
  }
}

function requestWanted(click: Click): Wanted {
  const value = readRequestValue(click.value);
  if (value === undefined) return { kind: 'unreadable' };
  const { run, request, digest } = value;
  if (click.action === ACTION.approve) return { kind: 'act', run, intent: { kind: 'approve', request, digest } };
  return { kind: 'form', errand: { kind: 'reject', run, request, ...placeOf(click) } };
}

function settleWanted(click: Click): Wanted {
  const value = readTroubleValue(click.value);
  if (value === undefined || `${SETTLE_PREFIX}${value.choice}` !== click.action) return { kind: 'unreadable' };
  const { run, trouble, choice } = value;
  if (asksFirst(choice)) return { kind: 'form', errand: { kind: 'settle', run, trouble, choice, ...placeOf(click) } };
  return { kind: 'act', run, intent: { kind: 'settle', trouble, choice, reason: '' } };
}

/** `to`: a word for people is no line for a tool, and the other way round. */
function answerWanted(click: Click): Wanted {
  const value = readQuestionValue(click.value);
  if (value === undefined || `${ANSWER_PREFIX}${value.word}` !== click.action) return { kind: 'unreadable' };
  const { run, question, word } = value;
  const said = (answer: string, to: 'tool' | 'people'): Wanted => ({
    kind: 'act',
    run,
    intent: { kind: 'answer', question, answer, note: '' },
    to,
  });
  switch (word) {
    case 'done':
      return said(DONE, 'people');
    case 'declined':
      return { kind: 'form', errand: { kind: 'decline', run, question, ...placeOf(click) } };
    case 'text':
      return { kind: 'form', errand: { kind: 'answer', run, question, ...placeOf(click) } };
    case 'y':
    case 'n':
      return said(word, 'tool');
    case 'enter':
      return said('', 'tool');
    default:
      return assertNever(word);
  }
}

function placeOf(click: Click): Pick<Errand, 'channel' | 'thread'> {
  return { channel: click.channel ?? '', ...(click.thread === undefined ? {} : { thread: click.thread }) };
}

/** Carries a click out. What comes back is for the clicker alone; nothing when the click was taken, for then the thread says it. */
export async function onClick(office: Office, click: Click): Promise<Content | undefined> {
  const wanted = wantedBy(click);
  switch (wanted.kind) {
    case 'nothing':
      return undefined;
    case 'unreadable':
      return note('This button belongs to another release of Keyturn, so it did nothing. Open the newest card in the thread.');
    case 'form':
      await office.openForm(click.triggerId, modalFor(wanted.errand), 'nothing was done; press the button again.');
      return undefined;
    case 'act':
      return act(office, click, click.channel, wanted);
    default:
      return assertNever(wanted);
  }
}

/** What a form that was sent comes to. */
export type Submitted =
  | { readonly kind: 'ask'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'act'; readonly errand: Errand; readonly work: Promise<Content | undefined> }
  | { readonly kind: 'unreadable' };

export function onSubmission(office: Office, submission: Submission): Submitted {
  const errand = readErrand(submission.metadata);
  if (errand === undefined) return { kind: 'unreadable' };
  const given = textIn(errand, submission.values);
  if (given.kind === 'missing') return { kind: 'ask', errors: given.errors };
  return { kind: 'act', errand, work: act(office, submission, errand.channel, { run: errand.run, ...intentOf(errand, given.text) }) };
}

/** The one way from Slack to the desk for everything that is clicked (invariants 1 and 2). */
async function act(
  office: Office,
  who: { readonly team: string; readonly user: string },
  channel: string | undefined,
  { run, intent, to }: Pick<Extract<Wanted, { kind: 'act' }>, 'run' | 'intent' | 'to'>,
): Promise<Content | undefined> {
  const state = await office.desk.state(run);
  if (state === undefined) return note(`Keyturn knows no run ${run}, so nothing was done.`);
  if (state.channel.id !== channel) return note(`${run} belongs to another channel, so nothing was done. Use its own thread.`);
  if (to !== undefined && isMisplaced(state, intent, to)) return note('That is not offered for this question, so nothing was done.');
  const standing = await office.directory.standingOf({ team: who.team, user: who.user }, groupsIn(state, state.procedure.steps));
  const decided = await office.desk.act(run, intent, standing);
  return decided.kind === 'taken' ? undefined : note(decided.told);
}

/** What a question is about never changes, so it may be looked at before the journal decides. */
function isMisplaced(state: RunState, intent: Intent, to: 'tool' | 'people'): boolean {
  if (intent.kind !== 'answer' || !Object.hasOwn(state.questions, intent.question)) return false;
  return (state.questions[intent.question]?.about === 'prompt') !== (to === 'tool');
}
