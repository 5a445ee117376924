/** One run for whoever looks back, in Slack by `/ha show` and at the command line: who and what, then what went otherwise, then all else. Pure. */
import {
  type After,
  type Retold,
  type RetoldAttempt,
  type RetoldNote,
  type RetoldStep,
  type RetoldTrouble,
  retold,
} from '../../history/retold.ts';
import { assertNever } from '../../run/assert-never.ts';
import type { Recorded } from '../../run/events.ts';
import { type Approval, type RunState, stepsOf } from '../../run/state.ts';
import { askedId } from './approval-joint.ts';
import { ALL_SAID, content, SECTION, say } from './compose.ts';
import { deviations, rolesFound, troubles } from './end.ts';
import { linkedRun } from './links.ts';
import { fitted, type List, sharing } from './lists.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { everybody, soFar } from './second.ts';
import { statusWords, waitLines } from './standing.ts';
import { duration, slackTime } from './times.ts';
import { choiceLabel, counted, ended, heading, name, stepName, troubleWord, words } from './words.ts';

/** `now` in milliseconds. */
export type Shown = {
  readonly state: RunState;
  readonly recorded: readonly Recorded[];
  /** What came after the end; undefined where that cannot be read. */
  readonly afters: readonly After[] | undefined;
  readonly permalink: string | undefined;
  readonly now: number;
};

/** In one message: lists that are too long for it lose lines, and say how many. */
export function showView(shown: Shown): Content {
  const head = headLines(shown).join('\n');
  const last = `\`/ha export ${shown.state.run}\` puts the whole record into the thread: every command, and what it printed.`;
  const lists = sharing(listsOf(shown, MOST_HOSTS).map(bold), ALL_SAID - head.length - last.length, SECTION, ': `/ha export` has all');
  const groups = [head, ...lists, last];
  return content(groups, groups.map(say));
}

/** All of it, a line each. */
export function showLines(shown: Shown): readonly string[] {
  const lists = listsOf(shown, Number.POSITIVE_INFINITY).map((list) => fitted(list, Number.POSITIVE_INFINITY, ''));
  return [...headLines(shown), ...lists].flatMap((text) => text.split('\n'));
}

function headLines({ state, permalink, now }: Shown): readonly string[] {
  const { ended: end, requester, startedAt, procedure, cluster } = state;
  const time =
    end === undefined
      ? `goes on, for ${duration(now - startedAt)} now`
      : `ended ${slackTime(end.at)}, took ${duration(end.at - startedAt)}`;
  return [
    `*${heading(state)}: ${statusWords(state)}*`,
    `${linkedRun(state.run, permalink)}: ${name(procedure.name)} on ${name(cluster.name)}, asked for by ${person(requester)}, ${slackTime(startedAt)}; ${time}.`,
    ...waitLines(state),
  ];
}

/** What a list is about stands out. */
function bold(list: List): List {
  const [title, none] = [list.title, list.none].map((text) => text.replace(/^[A-Z][a-z]+/, '*$&*'));
  return { ...list, title: title ?? '', none: none ?? '' };
}

/** `most`: hosts of one outcome of one step that are named. */
function listsOf({ state, recorded, afters }: Shown, most: number): readonly List[] {
  const told = retold(state, recorded, afters ?? []);
  const unread = afters === undefined ? ['What came after the end cannot be read just now; ask again in a moment.'] : [];
  return [
    deviations(state, recorded),
    { ...troubles(state, recorded), lines: told.troubles.map((trouble) => troubleLine(state, trouble)) },
    {
      title: 'Approvals:',
      lines: Object.values(state.approvals).map((each) => approvalLine(state, each)),
      none: 'Approvals: none was asked for.',
    },
    steps(state, told, most),
    {
      title: 'Parameters:',
      lines: Object.entries(state.params).map(([param, value]) => `${name(param)}: ${value === '' ? 'nothing' : words(value, 200)}`),
      none: 'Parameters: none.',
    },
    { title: 'Notes:', lines: [...told.notes.map(noteLine), ...unread], none: 'Notes: none.' },
    ...reviews(state, told),
    rolesFound(state),
  ];
}

function troubleLine(state: RunState, { raised, at, settled }: RetoldTrouble): string {
  const where = `${name(raised.step)}${raised.host === undefined ? '' : ` on ${name(raised.host)}`}`;
  const what = ended(`${where}, ${slackTime(at)}: ${troubleWord(raised.what)}: ${words(raised.what.why, 300)}`);
  if (settled === undefined) return `${what} *${state.ended === undefined ? 'Not settled yet' : 'Never settled: the run ended first'}*`;
  const { choice, by, reason } = settled.event;
  const why = reason.trim() === '' ? '' : `: ${words(reason, 200)}`;
  return `${what} ${choiceLabel(choice, raised.what)} by ${person(by)}, ${slackTime(settled.at)}${why}`;
}

/** `digest`: its beginning, as the card in the thread shows it. */
function approvalLine(state: RunState, approval: Approval): string {
  const { status, digest, needs, askedAt, backers } = approval;
  const before =
    backers.length === 0 ? '' : `; approved before by ${backers.map(({ by, at }) => `${person(by)}, ${slackTime(at)}`).join('; ')}`;
  const what = `${askedId(approval)}${needs === 'gate' ? ' (a press, no second person)' : ''}, digest ${name(digest.slice(0, 12))}, asked for ${slackTime(askedAt)}`;
  switch (status.kind) {
    case 'open': {
      const said = soFar(state, stepsOf(approval), backers);
      return `${what}: *open*${said === undefined ? '' : `; ${said}`}`;
    }
    case 'given':
      if (status.glass !== undefined)
        return `${what}: *break-glass* by ${person(status.by)}, ${slackTime(status.at)}: ${words(status.glass, 200)}`;
      return `${what}: ${needs === 'gate' ? 'pressed' : 'approved'} by ${everybody(approval, status.by, status.at)}`;
    case 'rejected':
      return `${what}: *rejected* by ${person(status.by)}, ${slackTime(status.at)}: ${words(status.reason, 200)}`;
    case 'expired':
      return `${what}: *expired* ${slackTime(status.at)}${before}`;
    case 'voided':
      return `${what}: *voided* ${slackTime(status.at)}: ${words(status.why, 200)}${before}`;
    default:
      return assertNever(status);
  }
}

/** Of a message. */
const MOST_HOSTS = 4;

/** What passed without a word gives way first, the earliest before all others. */
function steps(state: RunState, { steps: all, unreached }: Retold, most: number): List {
  return {
    title: `Steps (${all.length} of ${all.length + unreached} reached):`,
    lines: all.map((step) => `${stepName(state, step.step)}: ${stepWords(step, most)}`),
    none: 'Steps: none was reached.',
    minor: { places: all.flatMap((step, place) => (isPlain(step) ? [place] : [])), word: ' without trouble' },
  };
}

function isPlain({ stands, attempts }: RetoldStep): boolean {
  return stands.kind !== 'skipped' && stands.kind !== 'asked' && attempts.every(({ plain }) => plain);
}

function stepWords({ stands, attempts }: RetoldStep, most: number): string {
  const outcomes = [...new Set(attempts.map(({ outcome }) => outcome))];
  const ran = outcomes.map(
    (outcome) =>
      `${outcome} on ${hostsOf(
        attempts.filter((each) => each.outcome === outcome),
        most,
      )}`,
  );
  switch (stands.kind) {
    case 'begun':
      return ran.join('; ') || 'opened, nothing was started';
    case 'announced':
      return 'announced';
    case 'asked':
      return [...ran, 'waits for a person'].join('; ');
    case 'skipped':
      // Why is among the deviations.
      return [...ran, 'skipped'].join('; ');
    case 'answered':
      return [...ran, `done or confirmed by ${person(stands.by)}, ${slackTime(stands.at)}`].join('; ');
    default:
      return assertNever(stands);
  }
}

/** Each with its time, or how many there are and the longest time. */
function hostsOf(attempts: readonly RetoldAttempt[], most: number): string {
  if (attempts.length <= most) return attempts.map(({ host, ...how }) => `${name(host)}${howWords(how)}`).join(', ');
  const timed = attempts.flatMap(({ host, tookMs }) => (tookMs === undefined ? [] : [{ host, tookMs }]));
  const longest = timed.toSorted((a, b) => b.tookMs - a.tookMs)[0];
  const time = longest === undefined ? '' : ` (at most ${duration(longest.tookMs)}, on ${name(longest.host)})`;
  return `${counted(attempts.length, 'host')}${time}`;
}

function howWords({ attempt, began, tookMs }: Pick<RetoldAttempt, 'attempt' | 'began' | 'tookMs'>): string {
  const since = began === undefined ? [] : [`since ${slackTime(began)}`];
  const facts = [...(attempt === 1 ? [] : [`attempt ${attempt}`]), ...(tookMs === undefined ? since : [duration(tookMs)])];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

/** Only where there was something to look at. */
function reviews({ approvals, hold }: RunState, { reviews: all }: Retold): readonly List[] {
  const glass = Object.values(approvals).some(({ status }) => status.kind === 'given' && status.glass !== undefined);
  if (all.length === 0 && !glass && hold?.status.kind !== 'overridden') return [];
  const lines = all.map(({ by, at, note }) => `${person(by)}, ${slackTime(at)}: ${words(note, 300)}`);
  return [
    { title: 'Reviews of what was done in an emergency:', lines, none: 'Reviews: nobody has looked yet at what was done in an emergency.' },
  ];
}

function noteLine({ by, at, text, length, edits, files, late }: RetoldNote): string {
  const changed = edits === 0 ? '' : `, edited ${counted(edits, 'time')}`;
  const who = `${person(by)}, ${slackTime(at)}${late ? ', after the end' : ''}${changed}`;
  if (text === undefined) return `${who}: deleted since`;
  const more = length === undefined || length <= text.length ? '' : ` (${length} characters in all)`;
  const attached = files.length === 0 ? '' : ` [with ${counted(files.length, 'file')}]`;
  return `${who}: ${words(text, 300)}${more}${attached}`;
}
