/**
 * Buttons and forms: from a payload to an intent for the desk. Nothing is decided here.
 *
 * 1. A click counts only in the thread of its run: a card that was copied or forged elsewhere does nothing.
 * 2. Who clicked is read from Slack at the click, with the groups that the run's own (pinned) cluster names.
 * 3. What lets a run go on counts only in a channel in which a run may be started now: it may have been shared since. Stopping is always possible.
 * 4. Double clicks and redeliveries are settled by the journal; the person is told what happened.
 * 5. A further page of a private answer is read and judged as if it were typed anew by whoever clicks (`commands/more.ts`).
 * 6. Where the cluster wants a second factor, what needs a second person goes through a form with a code; the code is checked before anything is asked
 *    of the desk, and the desk compares what it was typed for (`code-forms.ts`, `codes.ts`).
 */
import { assertNever } from '../run/assert-never.ts';
import type { Standing } from '../run/authorise.ts';
import type { Intent } from '../run/intents.ts';
import { groupsIn } from '../run/policy.ts';
import { questionIn, type RunState } from '../run/state.ts';
import { whyNotOn } from './channels.ts';
import { isEmergency, type Judged, matterOf, openedForCode, openedForReason, openForm } from './code-forms.ts';
import { codeSent } from './codes.ts';
import { furtherPage } from './commands/more.ts';
import { asksFirst, type Errand, intentOf, readErrand, textIn } from './modals.ts';
import { note } from './note.ts';
import type { Office } from './office.ts';
import type { Click, Submission } from './payloads.ts';
import {
  ACTION,
  ANSWER_PREFIX,
  type Content,
  type MoreRef,
  readHoldValue,
  readMoreValue,
  readQuestionValue,
  readRequestValue,
  readTroubleValue,
  SETTLE_PREFIX,
} from './views/index.ts';

/** What a click asks for. */
export type Wanted =
  /** `form`: the same as a form, where a code is wanted with it. */
  | {
      readonly kind: 'act';
      readonly run: string;
      readonly intent: Intent;
      readonly to?: 'tool' | 'people';
      readonly form?: Errand | undefined;
    }
  /** A form first, while Slack's trigger is fresh (3 s). */
  | { readonly kind: 'form'; readonly errand: Errand }
  /** A further page of a private answer. */
  | { readonly kind: 'more'; readonly of: 'history' | 'approvals'; readonly more: MoreRef }
  /** A button that only opens a link, or one of another release. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable' };

/** Pure. */
export function wantedBy(click: Click): Wanted {
  if (click.action.startsWith(SETTLE_PREFIX)) return settleWanted(click);
  if (click.action.startsWith(ANSWER_PREFIX)) return answerWanted(click);
  switch (click.action) {
    case ACTION.approve:
    case ACTION.checkAgain:
    case ACTION.reject:
    case ACTION.breakGlass:
      return requestWanted(click);
    case ACTION.override:
      return holdWanted(click);
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
    case ACTION.moreHistory:
      return moreWanted('history', click);
    case ACTION.moreApprovals:
      return moreWanted('approvals', click);
    default:
      return { kind: 'nothing' };
  }
}

function moreWanted(of: 'history' | 'approvals', { value }: Click): Wanted {
  const more = readMoreValue(value);
  return more === undefined ? { kind: 'unreadable' } : { kind: 'more', of, more };
}

function requestWanted(click: Click): Wanted {
  const value = readRequestValue(click.value);
  if (value === undefined) return { kind: 'unreadable' };
  const { run, request, digest } = value;
  if (click.action === ACTION.checkAgain) return { kind: 'act', run, intent: { kind: 'checkAgain', request } };
  if (click.action === ACTION.breakGlass) return { kind: 'form', errand: { kind: 'breakGlass', run, request, digest, ...placeOf(click) } };
  if (click.action === ACTION.approve) {
    const form: Errand = { kind: 'approve', run, request, digest, ...placeOf(click) };
    return { kind: 'act', run, ...intentOf(form, ''), form };
  }
  return { kind: 'form', errand: { kind: 'reject', run, request, ...placeOf(click) } };
}

function holdWanted(click: Click): Wanted {
  const value = readHoldValue(click.value);
  return value === undefined ? { kind: 'unreadable' } : { kind: 'form', errand: { kind: 'override', ...value, ...placeOf(click) } };
}

function settleWanted(click: Click): Wanted {
  const value = readTroubleValue(click.value);
  if (value === undefined || `${SETTLE_PREFIX}${value.choice}` !== click.action) return { kind: 'unreadable' };
  const { run, trouble, choice } = value;
  if (asksFirst(choice)) return { kind: 'form', errand: { kind: 'settle', run, trouble, choice, ...placeOf(click) } };
  return { kind: 'act', run, intent: { kind: 'settle', trouble, choice, reason: '' } };
}

function answerWanted(click: Click): Wanted {
  const value = readQuestionValue(click.value);
  if (value === undefined || `${ANSWER_PREFIX}${value.word}` !== click.action) return { kind: 'unreadable' };
  const { run, question, word } = value;
  switch (word) {
    case 'done':
    case 'y':
    case 'n':
    case 'enter': {
      const form: Errand = { kind: 'say', run, question, word, ...placeOf(click) };
      return { kind: 'act', run, ...intentOf(form, ''), form };
    }
    case 'declined':
      return { kind: 'form', errand: { kind: 'decline', run, question, ...placeOf(click) } };
    case 'text':
      return { kind: 'form', errand: { kind: 'answer', run, question, ...placeOf(click) } };
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
      return form(office, click, wanted.errand);
    case 'more':
      return furtherPage(office, click, wanted);
    case 'act':
      return act(office, click, click, wanted, { instead: (judged) => openedForCode(office, click.triggerId, judged, wanted) });
    default:
      return assertNever(wanted);
  }
}

async function form(office: Office, click: Click, errand: Errand): Promise<Content | undefined> {
  if (isEmergency(errand)) {
    // Without its reason the desk takes it from nobody, so all that can come of this is the form or the refusal.
    const bare = { run: errand.run, ...intentOf(errand, '') };
    return act(office, click, click, bare, { instead: (judged) => openedForReason(office, click.triggerId, judged, errand) });
  }
  await openForm(office, click.triggerId, errand, await matterOf(office, errand));
  return undefined;
}

/** What a form that was sent comes to. */
export type Submitted =
  | { readonly kind: 'ask'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'act'; readonly errand: Errand; readonly work: Promise<Content | undefined> }
  | { readonly kind: 'unreadable' };

/** Takes as long as checking a code takes, and no longer than `codes.ts` says; whatever else there is to do is in `work`. */
export async function onSubmission(office: Office, submission: Submission): Promise<Submitted> {
  const errand = readErrand(submission.metadata);
  if (errand === undefined) return { kind: 'unreadable' };
  const given = textIn(errand, submission.values);
  if (given.kind === 'missing') return { kind: 'ask', errors: given.errors };
  const code = await codeSent(office, submission, errand);
  if (code.kind === 'wrong') return { kind: 'ask', errors: code.errors };
  const wanted = { run: errand.run, ...intentOf(errand, given.text) };
  return { kind: 'act', errand, work: act(office, submission, errand, wanted, { proof: code.proof }) };
}

type Acting = Pick<Extract<Wanted, { kind: 'act' }>, 'run' | 'intent' | 'to' | 'form'>;

/** The one way from Slack to the desk for everything that is clicked (invariants 1 and 2). `instead` may take it over, for a form. */
async function act(
  office: Office,
  who: { readonly team: string; readonly user: string },
  place: { readonly channel?: string | undefined; readonly thread?: string | undefined },
  { run, intent, to }: Acting,
  { proof, instead }: { readonly proof?: Standing['proof']; readonly instead?: (judged: Judged) => Promise<boolean> },
): Promise<Content | undefined> {
  const state = await office.desk.state(run);
  if (state === undefined) return note(`Keyturn knows no run ${run}, so nothing was done.`);
  if (state.channel.id !== place.channel) return note(`${run} belongs to another channel, so nothing was done. Use its own thread.`);
  const thread = await office.threadOf(run);
  if (thread !== undefined && place.thread !== thread) return note(`${run} has another thread, so nothing was done. Use its own.`);
  if (to !== undefined && isMisplaced(state, intent, to)) return note('That is not offered for this question, so nothing was done.');
  const [channel, known] = await Promise.all([
    stops(intent) ? undefined : office.channels.look({ id: state.channel.id }),
    office.directory.standingOf({ team: who.team, user: who.user }, groupsIn(state, state.procedure.steps)),
  ]);
  const elsewhere = channel === undefined ? undefined : whyNotOn(channel);
  if (elsewhere !== undefined) return note(elsewhere);
  const standing = proof === undefined ? known : { ...known, proof };
  if (instead !== undefined && (await instead({ state, standing }))) return undefined;
  const decided = await office.desk.act(run, intent, standing);
  return decided.kind === 'taken' ? undefined : note(decided.told);
}

/** What ends or halts something, or says no to it. */
function stops(intent: Intent): boolean {
  switch (intent.kind) {
    case 'pause':
    case 'cancel':
    case 'reject':
      return true;
    case 'settle':
      return intent.choice === 'abort';
    case 'approve':
    case 'checkAgain':
    case 'answer':
    case 'resume':
    case 'override':
    case 'breakGlass':
      return false;
    default:
      return assertNever(intent);
  }
}

/** What a question is about never changes, so it may be looked at before the journal decides. */
function isMisplaced(state: RunState, intent: Intent, to: 'tool' | 'people'): boolean {
  const question = intent.kind === 'answer' ? questionIn(state, intent.question) : undefined;
  return question !== undefined && (question.about === 'prompt') !== (to === 'tool');
}
