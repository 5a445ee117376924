/** The last reply: how the run ended and what led there. Pure. */
import { deviationsOf, deviationWords } from '../../run/deviations.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import { fingerprintOf, type SignedHead } from '../../signature.ts';
import { askedId } from './approval-joint.ts';
import { type Draft, say, sayLines } from './compose.ts';
import { deviationLine } from './deviations.ts';
import { person } from './people.ts';
import { everybody } from './second.ts';
import { duration, slackTime } from './times.ts';
import { about, choiceLabel, counted, heading, name, roleLines, troubleWord, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;
const MOST = 25;

export function endDraft(
  state: RunState,
  recorded: readonly Recorded[],
  event: EventOf<'runEnded'>,
  each: Recorded,
  end?: SignedHead,
): Draft {
  const first = `${heading(state)}: ${event.outcome}`;
  const why = event.outcome === 'succeeded' ? [] : [`Why: ${words(event.why, 900)}`];
  const took = `Took ${duration(each.at - state.startedAt)}; ended ${slackTime(each.at)}.`;
  const proof = end === undefined ? [] : [recordLine(end)];
  const { approvals, deviations, troubles, roles } = lookBack(state, recorded);
  const lists = [approvals, deviations, troubles, roles, notesLine(state)];
  return {
    key: 'end',
    place: REPLY,
    seq: each.seq,
    final: true,
    text: [`${first}.`, ...why, about(state), took, ...proof, ...lists],
    parts: [sayLines([`*${first}*`, ...why, took]), ...lists.map(say), sayLines(proof)],
  };
}

/** What led to the end, or to where the run stands: each a list with its title. */
export function lookBack(
  state: RunState,
  recorded: readonly Recorded[],
): Readonly<Record<'approvals' | 'deviations' | 'troubles' | 'roles', string>> {
  return {
    approvals: approvals(state, recorded),
    deviations: deviations(state, recorded),
    troubles: troubles(state, recorded),
    roles: roles(state),
  };
}

/** They stand in the thread; the record keeps them whatever becomes of them there. */
function notesLine({ notes }: RunState): string {
  const all = Object.values(notes);
  const deleted = all.filter(({ text }) => text === undefined).length;
  if (all.length === 0) return 'Notes: none was written in the thread.';
  return `Notes: ${counted(all.length, 'reply', 'replies')} of people in the thread${deleted === 0 ? '' : `, ${deleted} of them deleted since`}.`;
}

/** Read back by `keyturn verify --slack`: a witness of the journal that lies outside Redis. */
function recordLine({ seq, hash, signature }: SignedHead): string {
  return `Record: ${seq} events, head ${hash}, signed ${signature.value} by key ${fingerprintOf(signature.key)}`;
}

function titled(title: string, lines: readonly string[], none: string): string {
  if (lines.length === 0) return none;
  const rest = lines.length - MOST;
  return [title, ...lines.slice(0, MOST).map((line) => `• ${line}`), ...(rest > 0 ? [`• and ${rest} more`] : [])].join('\n');
}

function approvals(state: RunState, recorded: readonly Recorded[]): string {
  const lines = recorded.flatMap(({ event, at }) =>
    event.kind === 'approvalGiven' || event.kind === 'glassBroken' ? [approvalLine(state, event, at)] : [],
  );
  return titled('Approvals:', lines, 'Approvals: none was given.');
}

function approvalLine(state: RunState, event: EventOf<'approvalGiven' | 'glassBroken'>, at: number): string {
  const approval = state.approvals[event.request];
  const voided = approval?.status.kind === 'voided' ? '; voided later' : '';
  const who = event.kind === 'glassBroken' ? `*break-glass* by ${person(event.by)}, ${slackTime(at)}` : everybody(approval, event.by, at);
  return `${approval === undefined ? name(event.request) : askedId(approval)}: ${who}${voided}`;
}

function deviations(state: RunState, recorded: readonly Recorded[]): string {
  const all = deviationsOf(state, recorded);
  const lines = all.map((each) => deviationLine(state, each));
  return titled(`Deviations: ${deviationWords(all)}.`, lines, 'Deviations: none.');
}

function troubles(state: RunState, recorded: readonly Recorded[]): string {
  const lines = recorded.flatMap(({ event }) => (event.kind === 'troubleRaised' ? [troubleLine(event, recorded)] : []));
  return titled('Troubles:', lines, `Troubles: none${state.cancel === undefined ? '' : `; cancelled by ${person(state.cancel.by)}`}.`);
}

function troubleLine(raised: EventOf<'troubleRaised'>, recorded: readonly Recorded[]): string {
  const where = `${name(raised.step)}${raised.host === undefined ? '' : ` on ${name(raised.host)}`}`;
  const settled = recorded.find(({ event }) => event.kind === 'troubleSettled' && event.trouble === raised.trouble)?.event;
  if (settled?.kind !== 'troubleSettled') return `${where}: ${troubleWord(raised.what)}; not settled`;
  const reason = settled.reason.trim() === '' ? '' : `: ${words(settled.reason, 200)}`;
  return `${where}: ${troubleWord(raised.what)}; ${choiceLabel(settled.choice, raised.what)} by ${person(settled.by)}${reason}`;
}

function roles(state: RunState): string {
  const lines = roleLines(state.roles);
  return lines === '' ? 'Roles: none was bound.' : `Roles:\n${lines}`;
}
