/** `/ha approvals`: what waits for somebody's word, and what they gave. Pure. */
import { lackingSentences } from '../../history/answer.ts';
import type { Page, Row } from '../../history/index.ts';
import type { WordGiven } from '../../history/summary.ts';
import { assertNever } from '../../run/assert-never.ts';
import type { Awaited } from '../../run/awaited.ts';
import { wantedCount } from '../../run/stand.ts';
import { type RunState, stepsOf } from '../../run/state.ts';
import { ACTION, type MoreRef } from './actions.ts';
import { askedName } from './approval-joint.ts';
import { content, say } from './compose.ts';
import { endLine, moreButton } from './history.ts';
import { linkedRun } from './links.ts';
import { howMany } from './lists.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { neededWords } from './second.ts';
import { forMinutes, slackTime } from './times.ts';
import { choiceLabel, ended, filled, heading, listed, name, stepName, troubleWord, words } from './words.ts';

export type Waiting = { readonly state: RunState; readonly awaited: Awaited; readonly permalink: string | undefined };
/** A run, and what the reader gave in it; undefined where its journal cannot be read. */
export type Given = { readonly row: Row; readonly words: readonly WordGiven[] | undefined; readonly permalink: string | undefined };
export type GivenPage = { readonly runs: readonly Given[] } & Omit<Page, 'rows'>;

/** Things that wait, of one answer. */
export const MOST_WAITING = 12;

/** `waiting` undefined: a further page of what was given. `given` a sentence: why that is not known. `more`: how many things wait besides. */
export function approvalsView(
  waiting: { readonly shown: readonly Waiting[]; readonly more: number } | undefined,
  given: GivenPage | string,
  { page, next }: { readonly page: number; readonly next: MoreRef | undefined },
  now: number,
): Content {
  const groups = [...(waiting === undefined ? [] : waitingGroups(waiting.shown, waiting.more, now)), ...givenGroups(given, page)];
  const more = next === undefined ? [] : moreButton(ACTION.moreApprovals, next);
  return content(groups, [...groups.map(say), ...more]);
}

/** Characters of all that waits; the rest of a message is for what was given. */
const WAITING_ROOM = 3_000;

function waitingGroups(all: readonly Waiting[], more: number, now: number): readonly string[] {
  const isRed = ({ awaited }: Waiting): boolean => redOf(awaited) !== undefined;
  const open = all.filter((each) => !isRed(each)).map((each) => `• ${waitingLine(each, now)}`);
  const red = all.filter(isRed).map((each) => `• ${waitingLine(each, now)}`);
  const room = howMany([...open, ...red], WAITING_ROOM);
  const rest = more + all.length - room;
  const blocked = red.slice(0, Math.max(room - open.length, 0));
  return [
    open.length === 0 ? 'Nothing waits for your approval.' : '*Waits for you*, the longest first; each is decided in its thread:',
    ...open.slice(0, room),
    ...(blocked.length === 0
      ? []
      : ['*Would be yours, but cannot be approved now*: a check is NOT OK. Put it right, then press Check Again there.']),
    ...blocked,
    ...(rest === 0 ? [] : [`• and ${rest} more; \`/ha status\` shows every run that goes on.`]),
  ];
}

/** Why nobody can approve it as things stand. */
export function redOf(awaited: Awaited): string | undefined {
  return awaited.kind === 'approval' ? awaited.red : undefined;
}

/** What waits, where, for how long and until when. */
export function waitingLine({ state, awaited, permalink }: Waiting, now: number): string {
  const paused = state.paused === undefined ? '' : ' The run is paused.';
  const waits = `Waits${forMinutes(now - awaited.since)} since ${slackTime(awaited.since)}${untilWords(awaited)}.`;
  return `${linkedRun(state.run, permalink)} ${heading(state)}, asked for by ${person(state.requester)}: ${ended(whatWaits(state, awaited))} ${waits}${paused}`;
}

function whatWaits(state: RunState, awaited: Awaited): string {
  switch (awaited.kind) {
    case 'approval': {
      const { approval, red } = awaited;
      const hosts = [...new Set(approval.subject.items.map(({ host }) => host))].map(name);
      const several =
        wantedCount(state, stepsOf(approval)) > 1 ? ` (needs ${neededWords(state, stepsOf(approval), approval.backers)})` : '';
      return `approve *${askedName(state, approval)}* on ${listed(hosts, 3)}${several}${red === undefined ? '' : `: ${words(red, 300)}`}`;
    }
    case 'question': {
      const { step, host, about, text } = awaited.question;
      const what = about === 'prompt' ? 'answer the tool at' : about === 'confirm' ? 'confirm' : 'do by hand and say so:';
      return `${what} *${stepName(state, step)}*${on(host)}: ${filled(state, text, host, 200)}`;
    }
    case 'trouble': {
      const { trouble, choices } = awaited;
      const labels = choices.map((choice) => choiceLabel(choice, trouble.what)).join(' or ');
      return `trouble at *${stepName(state, trouble.step)}*${on(trouble.host)}: ${troubleWord(trouble.what)}; only a second person may choose ${labels}`;
    }
    default:
      return assertNever(awaited);
  }
}

function on(host: string | undefined): string {
  return host === undefined ? '' : ` on ${name(host)}`;
}

function untilWords(awaited: Awaited): string {
  return awaited.kind === 'approval' ? `, until ${slackTime(awaited.approval.expiresAt)}` : '';
}

function givenGroups(given: GivenPage | string, page: number): readonly string[] {
  if (typeof given === 'string') return [words(given)];
  const lacking = lackingSentences(given);
  const which = page === 1 ? '' : ` on page ${page}`;
  if (given.runs.length === 0) return [`No run${which} is on record in which you approved something.`, ...lacking];
  const rest = given.older === undefined ? [] : [`There are more: press More, or type \`/ha approvals page:${page + 1}\`.`];
  const title = `*Runs in which you approved something*${page === 1 ? '' : `, page ${page}`}, the newest first:`;
  return [title, ...given.runs.map((each) => `• ${givenLine(each)}`), ...rest, ...lacking];
}

const MOST_WORDS = 5;

/** A run, and what was given in it. `whose`: the reader, in a word. */
export function givenLine({ row, words: all, permalink }: Given, whose = 'you'): string {
  if (all === undefined) return `${endLine(row, permalink)}; what was given cannot be read (\`keyturn verify\` says why)`;
  if (all.length === 0) return endLine(row, permalink);
  const shown = all.slice(0, MOST_WORDS).map(({ steps, what, at }) => `${givenWord(what)}${stepWords(steps)} ${slackTime(at)}`);
  const rest = all.length - shown.length;
  return `${endLine(row, permalink)}; ${whose}: ${[...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')}`;
}

function givenWord(what: WordGiven['what']): string {
  switch (what) {
    case 'approval':
      return 'approved';
    case 'answer':
      return 'answered';
    case 'choice':
      return 'settled';
    case 'break-glass':
      return '*broke the glass* for';
    default:
      return assertNever(what);
  }
}

function stepWords(steps: readonly string[]): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return '';
  return first === last ? ` ${name(first)}` : ` ${name(first)} to ${name(last)}`;
}
