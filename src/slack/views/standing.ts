/** How a run stands and whom it waits for, in words: for the card, for /ha status, for whoever finds a cluster taken. Pure; what comes out is escaped. */
import { assertNever } from '../../run/assert-never.ts';
import { whyNotReady } from '../../run/checks.ts';
import { isFinished } from '../../run/next.ts';
import { type Approval, type HostState, type OpenTrouble, openTroubles, type Question, type RunState, stepsOf } from '../../run/state.ts';
import { askedId } from './approval-joint.ts';
import { heldWaits, heldWords } from './hold.ts';
import { person } from './people.ts';
import { neededWords, wanted } from './second.ts';
import { slackTime } from './times.ts';
import { commandOf, filled, listed, name, troubleWord, words } from './words.ts';

export function statusWords(state: RunState): string {
  if (state.ended !== undefined) return state.ended.outcome;
  if (state.cancel !== undefined) return `cancelling, asked by ${person(state.cancel.by)}`;
  const asked = openQuestions(state).map(askedWords);
  const going = atWork(state);
  const held = heldWords(state);
  const troubles = openTroubles(state);
  if (troubles.length > 0)
    return [`stopped: ${troubles.map((trouble) => troubleAt(trouble, troubles.length > 1)).join(', ')}`, ...going].join('; ');
  if (state.paused !== undefined)
    return [
      `paused by ${person(state.paused.by)}`,
      ...(held === undefined ? [] : [held]),
      ...asked,
      ...going.map((work) => `${work} to its end`),
    ].join(', ');
  if (held !== undefined) return held;
  if (asked.length + going.length > 0) return [...asked, ...going].join('; ');
  return waitingWords(state) ?? beginning(state);
}

function troubleAt({ what, step, host }: OpenTrouble, withHost: boolean): string {
  return `${troubleWord(what)} at ${name(step)}${withHost && host !== undefined ? ` on ${name(host)}` : ''}`;
}

function waitingWords(state: RunState): string | undefined {
  const approval = openApproval(state);
  if (approval === undefined) return undefined;
  const whom = approval.needs === 'second' ? neededWords(state, stepsOf(approval), approval.backers) : 'a press';
  return whyNotReady(approval.checks) === undefined
    ? `waiting for ${whom} on ${askedId(approval)}`
    : `${askedId(approval)} cannot be approved: a check is NOT OK`;
}

function askedWords(question: Question): string {
  const step = name(question.step);
  switch (question.about) {
    case 'manual':
      return `waiting for ${step} to be done by hand`;
    case 'confirm':
      return `waiting for ${step} to be confirmed`;
    case 'prompt':
      return `waiting for an answer to ${step}${question.host === undefined ? '' : ` on ${name(question.host)}`}`;
    default:
      return assertNever(question.about);
  }
}

function beginning(state: RunState): string {
  const step = current(state);
  return step === undefined ? 'finishing' : `preparing ${name(step)}`;
}

/** What runs or is awaited on hosts now: `running S5 on node-1, node-2`. A host whose tool asks people is told of by its question. */
function atWork(state: RunState): readonly string[] {
  const asked = openQuestions(state);
  const doing = new Map<string, readonly string[]>();
  for (const { id } of state.procedure.steps) {
    const step = state.steps[id];
    if (step?.kind !== 'open') continue;
    for (const host of step.order) {
      const word = doingWord(step.hosts[host]);
      if (word === undefined || asked.some((question) => question.step === id && question.host === host)) continue;
      doing.set(`${word} ${name(id)}`, [...(doing.get(`${word} ${name(id)}`) ?? []), name(host)]);
    }
  }
  return [...doing].map(([what, hosts]) => `${what} on ${listed(hosts, 5)}`);
}

function doingWord(host: HostState | undefined): string | undefined {
  switch (host?.kind) {
    case 'began':
      return 'running';
    case 'watching':
      return 'checking';
    case undefined:
    case 'waiting':
    case 'ended':
    case 'passed':
    case 'passedOver':
    case 'troubled':
    case 'settledFailed':
    case 'skipped':
    case 'notNeeded':
      return undefined;
    default:
      return assertNever(host);
  }
}

function openApproval(state: RunState): Approval | undefined {
  return Object.values(state.approvals).find((approval) => approval.status.kind === 'open');
}

function openQuestions(state: RunState): readonly Question[] {
  return Object.values(state.questions).filter((question) => question.status.kind === 'open');
}

/** The step at hand: the first that is not finished. */
export function current(state: RunState): string | undefined {
  return state.procedure.steps.find((step) => !isFinished(step, state.steps[step.id] ?? { kind: 'pending' }))?.id;
}

/** Whom or what the run waits for, one line each; none while it goes on by itself. */
export function waitLines(state: RunState): readonly string[] {
  if (state.ended !== undefined) return state.ended.outcome === 'succeeded' ? [] : [`Why: ${words(state.ended.why)}`];
  if (state.cancel !== undefined) return ['Waits for: what runs to be ended on its host.'];
  return [...forTrouble(state), ...forPeople(state)];
}

function forTrouble(state: RunState): readonly string[] {
  const troubles = openTroubles(state);
  if (troubles.length === 0) return [];
  const shown = troubles.slice(0, 5).map(({ what, host }) => {
    const where = troubles.length > 1 && host !== undefined ? ` (${name(host)})` : '';
    return `*Trouble${where}:* ${words(what.why, 300)}`;
  });
  return [...shown, `Waits for: ${person(state.requester)}, or whoever may start or approve runs here, to choose what to do.`];
}

function forPeople(state: RunState): readonly string[] {
  const approval = openApproval(state);
  const waits = [
    ...openQuestions(state).map((question) => `${whoAnswers(state, question)}, ${toDo(question)}.`),
    ...watched(state),
    ...heldWaits(state),
    ...(approval === undefined ? [] : [`${whoApproves(state, approval)}, until ${slackTime(approval.expiresAt)}.`]),
    ...(state.paused === undefined ? [] : ['somebody to resume it.']),
  ];
  return waits.map((wait) => `Waits for: ${wait}`);
}

function whoApproves(state: RunState, approval: Approval): string {
  if (whyNotReady(approval.checks) !== undefined)
    return `somebody to put right what is NOT OK and press Check Again, or to reject ${askedId(approval)}`;
  return approval.needs === 'second' ? wanted(state, stepsOf(approval), approval.backers) : person(state.requester);
}

function whoAnswers(state: RunState, question: Question): string {
  if (question.second !== undefined) return wanted(state, [question.step]);
  return `${person(state.requester)}, or whoever may start or approve runs here`;
}

function toDo(question: Question): string {
  const step = name(question.step);
  switch (question.about) {
    case 'manual':
      return `to do ${step} by hand and say so, since ${slackTime(question.askedAt)}`;
    case 'confirm':
      return `to confirm ${step}, asked ${slackTime(question.askedAt)}`;
    case 'prompt':
      return `to answer what ${step} asks${question.host === undefined ? '' : ` on ${name(question.host)}`}, since ${slackTime(question.askedAt)}`;
    default:
      return assertNever(question.about);
  }
}

/** What is awaited on hosts, and on which. */
function watched(state: RunState): readonly string[] {
  const id = current(state);
  const step = id === undefined ? undefined : state.steps[id];
  const waiting = id === undefined ? undefined : commandOf(state, id)?.until?.waiting;
  if (step?.kind !== 'open' || waiting === undefined) return [];
  const hosts = step.order.filter((host) => step.hosts[host]?.kind === 'watching');
  const shown = [...new Set(hosts.slice(0, 5).map((host) => filled(state, waiting, host)))];
  return [...shown, ...(hosts.length > 5 ? [`the same on ${hosts.length - 5} more`] : [])];
}
