/** The last reply: how the run ended and what led there. Pure. */
import { deviationsOf, deviationWords } from '../../run/deviations.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import { type Settled, settledIn } from '../../run/settled.ts';
import type { RunState } from '../../run/state.ts';
import { fingerprintOf, type SignedHead } from '../../signature.ts';
import { askedId } from './approval-joint.ts';
import { type Draft, say, sayLines } from './compose.ts';
import { deviationLine } from './deviations.ts';
import { counting, type List } from './lists.ts';
import { person } from './people.ts';
import { everybody } from './second.ts';
import { duration, slackTime } from './times.ts';
import { about, boundRoles, choiceLabel, counted, heading, MOST_ROLES, name, troubleWord, words } from './words.ts';

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
  const lists = [
    ...[approvals, deviations, troubles].map((list) => counting(list(state, recorded), MOST)),
    counting(rolesFound(state), MOST_ROLES),
    notesLine(state),
  ];
  return {
    key: 'end',
    place: REPLY,
    seq: each.seq,
    final: true,
    text: [`${first}.`, ...why, about(state), took, ...proof, ...lists],
    parts: [sayLines([`*${first}*`, ...why, took]), ...lists.map(say), sayLines(proof)],
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

function approvals(state: RunState, recorded: readonly Recorded[]): List {
  const lines = recorded.flatMap(({ event, at }) =>
    event.kind === 'approvalGiven' || event.kind === 'glassBroken' ? [approvalLine(state, event, at)] : [],
  );
  return { title: 'Approvals:', lines, none: 'Approvals: none was given.' };
}

function approvalLine(state: RunState, event: EventOf<'approvalGiven' | 'glassBroken'>, at: number): string {
  const approval = state.approvals[event.request];
  const voided = approval?.status.kind === 'voided' ? '; voided later' : '';
  const who = event.kind === 'glassBroken' ? `*break-glass* by ${person(event.by)}, ${slackTime(at)}` : everybody(approval, event.by, at);
  return `${approval === undefined ? name(event.request) : askedId(approval)}: ${who}${voided}`;
}

export function deviations(state: RunState, recorded: readonly Recorded[]): List {
  const all = deviationsOf(state, recorded);
  const lines = all.map((each) => deviationLine(state, each));
  return { title: `Deviations: ${deviationWords(all)}.`, lines, none: 'Deviations: none.' };
}

export function troubles(state: RunState, recorded: readonly Recorded[]): List {
  const settled = settledIn(recorded);
  const lines = recorded.flatMap(({ event }) => (event.kind === 'troubleRaised' ? [troubleLine(event, settled.get(event.trouble))] : []));
  return {
    title: 'Troubles:',
    lines,
    none: `Troubles: none${state.cancel === undefined ? '' : `; cancelled by ${person(state.cancel.by)}`}.`,
  };
}

function troubleLine(raised: EventOf<'troubleRaised'>, settled: Settled | undefined): string {
  const where = `${name(raised.step)}${raised.host === undefined ? '' : ` on ${name(raised.host)}`}`;
  if (settled === undefined) return `${where}: ${troubleWord(raised.what)}; not settled`;
  const { choice, by, reason } = settled.event;
  const why = reason.trim() === '' ? '' : `: ${words(reason, 200)}`;
  return `${where}: ${troubleWord(raised.what)}; ${choiceLabel(choice, raised.what)} by ${person(by)}${why}`;
}

export function rolesFound({ roles }: RunState): List {
  return { title: 'Roles:', lines: boundRoles(roles), none: 'Roles: none was bound.' };
}
