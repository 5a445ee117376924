/** The short replies: roles, announcements, decisions, skips. Final as soon as they stand. Pure. */
import type { EventOf, Person, Recorded } from '../../run/events.ts';
import { wantedCount } from '../../run/stand.ts';
import { type RunState, stepsOf } from '../../run/state.ts';
import { askedName } from './approval-joint.ts';
import { type Draft, sayLines } from './compose.ts';
import type { Place } from './message.ts';
import { channel, person } from './people.ts';
import { slackTime } from './times.ts';
import { about, choiceLabel, ended, heading, name, roleLines, stepName, words } from './words.ts';

const REPLY: Place = { kind: 'reply' };

export function notice(state: RunState, seq: number, key: string, first: string, lines: readonly string[], place = REPLY): Draft {
  return { key, place, seq, final: true, text: [`${ended(first)} ${about(state)}`, ...lines], parts: [sayLines([first, ...lines])] };
}

export function rolesDraft(state: RunState, event: EventOf<'rolesBound'>, each: Recorded): Draft {
  const first = `Roles found by ${stepName(state, event.step)}, read on ${name(event.host)}, ${slackTime(each.at)}:`;
  return notice(state, each.seq, `roles:${each.seq}`, first, [roleLines(event.roles)]);
}

/** One reply, and one message in every channel that hears announcements. */
export function announceDrafts(state: RunState, event: EventOf<'announced'>, each: Recorded): readonly Draft[] {
  const text = words(event.text, 2_000);
  const where =
    event.channels.length === 0 ? 'here only: the cluster file names no channels' : [...new Set(event.channels)].map(channel).join(', ');
  const said = `${name(event.step)}: announcement (${where}): ${text}`;
  const elsewhere = [...new Set(event.channels)].map((id) => {
    const lines = [`${heading(state)}, step ${name(event.step)}, run ${state.run}`];
    return notice(state, each.seq, `announce:${each.seq}:${id}`, text, lines, { kind: 'channel', channel: id });
  });
  return [notice(state, each.seq, `announce:${each.seq}`, said, []), ...elsewhere];
}

export function skippedDraft(state: RunState, event: EventOf<'stepSkipped'>, seq: number): Draft {
  return notice(state, seq, `skipped:${event.step}`, `${stepName(state, event.step)}: skipped: ${words(event.why)}`, []);
}

export function notNeededDraft(state: RunState, event: EventOf<'hostSkipped'>, seq: number): Draft {
  const key = `not-needed:${event.step}:${event.host}:${event.attempt}`;
  return notice(state, seq, key, `${stepName(state, event.step)}: not needed on ${name(event.host)}: ${words(event.why)}`, []);
}

export function exchangedDraft(state: RunState, event: EventOf<'hostExchanged'>, each: Recorded): Draft {
  const first = `${stepName(state, event.step)}: another machine stands behind ${name(event.host)} from here on, ${slackTime(each.at)}.`;
  return notice(state, each.seq, `exchanged:${each.seq}`, first, []);
}

/** What later steps go by; long values are cut here and whole in the journal. */
export function valuesDraft(state: RunState, event: EventOf<'valuesCaptured'>, seq: number): Draft {
  const all = Object.entries(event.values).map(([key, value]) => `${name(key)} = ${words(plain(value), 200)}`);
  const first = `Kept from ${stepName(state, event.step)} on ${name(event.host)}: ${all.slice(0, MOST_VALUES).join('; ')}`;
  const more = all.length > MOST_VALUES ? ` and ${all.length - MOST_VALUES} more` : '';
  return notice(state, seq, `values:${seq}`, `${first}${more}.`, []);
}

const MOST_VALUES = 12;

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type Decision = EventOf<
  | 'approvalBacked'
  | 'approvalGiven'
  | 'approvalRejected'
  | 'approvalExpired'
  | 'approvalVoided'
  | 'paused'
  | 'resumed'
  | 'cancelRequested'
  | 'troubleSettled'
>;

/** Who decided what and why, in one sentence. */
export function decisionDraft(state: RunState, event: Decision, each: Recorded, recorded: readonly Recorded[]): Draft {
  return notice(state, each.seq, `decision:${each.seq}`, `${sentence(state, event, recorded)} ${slackTime(each.at)}.`, []);
}

function sentence(state: RunState, event: Decision, recorded: readonly Recorded[]): string {
  switch (event.kind) {
    case 'approvalBacked':
      return `${person(event.by)} approved ${askedOf(state, event.request)}${soManyOf(state, event, recorded)},`;
    case 'approvalGiven':
      return `${person(event.by)} approved ${askedOf(state, event.request)},`;
    case 'approvalRejected':
      return `${withReason(`${person(event.by)} rejected ${askedOf(state, event.request)}`, event.reason)}`;
    case 'approvalExpired':
      return `The request for ${askedOf(state, event.request)} expired: nobody decided in time,`;
    case 'approvalVoided':
      return `The request for ${askedOf(state, event.request)} was voided: ${words(event.why)},`;
    case 'paused':
      return withReason(`Paused by ${person(event.by)}: nothing more is started until it is resumed`, event.reason);
    case 'resumed':
      return `Resumed by ${person(event.by)},`;
    case 'cancelRequested':
      return withReason(`Cancelled by ${person(event.by)}: what runs is ended on its host`, event.reason);
    case 'troubleSettled':
      return settledSentence(state, event, recorded);
  }
}

/** `: 1 of 2`, as it was then: whoever was the last that was wanted has given it, and is no such event. */
function soManyOf(state: RunState, backed: EventOf<'approvalBacked'>, recorded: readonly Recorded[]): string {
  const approval = state.approvals[backed.request];
  if (approval === undefined) return '';
  const all = recorded.flatMap(({ event }) => (event.kind === 'approvalBacked' && event.request === backed.request ? [event] : []));
  const place = all.indexOf(backed) + 1;
  return `: ${place} of ${Math.max(place + 1, wantedCount(state, stepsOf(approval)))}`;
}

function askedOf(state: RunState, request: string): string {
  const approval = state.approvals[request];
  if (approval === undefined) return name(request);
  const hosts = [...new Set(approval.subject.items.map((item) => name(item.host)))].slice(0, 10).join(', ');
  return `${askedName(state, approval)} on ${hosts} (digest ${name(approval.digest.slice(0, 12))})`;
}

function settledSentence(state: RunState, event: EventOf<'troubleSettled'>, recorded: readonly Recorded[]): string {
  const raised = recorded.find((each) => each.event.kind === 'troubleRaised' && each.event.trouble === event.trouble)?.event;
  if (raised?.kind !== 'troubleRaised') return withReason(chose(event.by, event.choice), event.reason);
  const where = `${stepName(state, raised.step)}${raised.host === undefined ? '' : ` on ${name(raised.host)}`}`;
  return withReason(`${chose(event.by, choiceLabel(event.choice, raised.what))} for ${where}`, event.reason);
}

function chose(by: Person, what: string): string {
  return `${person(by)} chose ${what}`;
}

function withReason(sentence: string, reason: string): string {
  return reason.trim() === '' ? `${sentence},` : `${sentence}. Reason: ${words(reason, 900).replace(/\.$/, '')};`;
}
