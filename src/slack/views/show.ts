/** `/ha show`: one run in full, for whoever looks back. Pure. */
import type { Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import { content, say } from './compose.ts';
import { lookBack } from './end.ts';
import { threadLink } from './links.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { statusWords, waitLines } from './standing.ts';
import { duration, slackTime } from './times.ts';
import { about, heading, name, stepName, words } from './words.ts';

const MOST = 20;

/** Deviations first; what was asked and by whom, approvals, troubles, steps with their times, notes. */
export function showView(state: RunState, recorded: readonly Recorded[], permalink: string | undefined): Content {
  const { deviations, approvals, troubles, roles } = lookBack(state, recorded);
  const took = state.ended === undefined ? '' : `, took ${duration(state.ended.at - state.startedAt)}`;
  const first = [
    `*${heading(state)}: ${statusWords(state)}*`,
    about(state),
    `Asked for by ${person(state.requester)}, ${slackTime(state.startedAt)}${took}.${threadLink(permalink)}`,
    ...waitLines(state),
  ].join('\n');
  const groups = [first, deviations, approvals, troubles, steps(state, recorded), notes(recorded), roles];
  return content(groups, groups.map(say));
}

/** From the first start to the last word about it. */
function steps(state: RunState, recorded: readonly Recorded[]): string {
  const lines = state.procedure.steps.flatMap(({ id }) => {
    const of = recorded.filter(({ event }) => 'step' in event && event.step === id);
    const began = of.find(({ event }) => event.kind === 'attemptIntended' || event.kind === 'watchBegan');
    const last = of.findLast(({ event }) => event.kind === 'hostPassed' || event.kind === 'troubleRaised' || event.kind === 'attemptEnded');
    if (began === undefined) return [];
    const hosts = new Set(of.flatMap(({ event }) => (event.kind === 'attemptIntended' ? [event.host] : [])));
    const time = last === undefined ? 'not ended' : duration(last.at - began.at);
    return [`${stepName(state, id)} on ${[...hosts].map(name).join(', ') || 'no host'}: ${time}`];
  });
  return listed('Steps that ran:', lines, 'No step has run.');
}

function notes(recorded: readonly Recorded[]): string {
  const gone = new Set(recorded.flatMap(({ event }) => (event.kind === 'noteDeleted' ? [event.ts] : [])));
  const lines = recorded.flatMap(({ event, at }) => {
    if (event.kind === 'noteEdited') return [`changed later, ${slackTime(at)}: ${words(event.text, 300)}`];
    if (event.kind !== 'noted') return [];
    return [`${person(event.by)}, ${slackTime(at)}${gone.has(event.ts) ? ', deleted later' : ''}: ${words(event.text, 300)}`];
  });
  return listed('Notes:', lines, 'Notes: none.');
}

function listed(title: string, lines: readonly string[], none: string): string {
  if (lines.length === 0) return none;
  const rest = lines.length - MOST;
  return [
    title,
    ...lines.slice(0, MOST).map((line) => `• ${line}`),
    ...(rest > 0 ? [`• and ${rest} more: \`/ha export\` has all`] : []),
  ].join('\n');
}
