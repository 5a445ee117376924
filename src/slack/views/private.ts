/** Private answers: lists, status, what is locked, what is refused. Pure. */
import type { Cluster } from '../../inventory/model.ts';
import type { Procedure } from '../../procedure/model.ts';
import type { RunState } from '../../run/state.ts';
import { content, say } from './compose.ts';
import { code } from './escape.ts';
import { threadLink } from './links.ts';
import type { Content } from './message.ts';
import { person } from './people.ts';
import { statusWords, waitLines } from './standing.ts';
import { slackTime } from './times.ts';
import { counted, heading, name, words } from './words.ts';

/** Lines of one list; the rest is counted. */
const MOST = 30;

export function procedureLine(procedure: Procedure): string {
  const risk = procedure.readOnly ? ', changes nothing' : '';
  return `${code(procedure.name.slice(0, 80))}: ${name(procedure.title)} (${name(procedure.product)}, ${counted(procedure.steps.length, 'step')}${risk})`;
}

/** `mayStart` is asked for the person who reads this. */
export function listView(procedures: readonly Procedure[], clusters: readonly Cluster[], mayStart: (cluster: Cluster) => boolean): Content {
  const lines = clusters.map((cluster) => {
    const may = mayStart(cluster) ? 'you may start runs' : 'you may not start runs';
    return `${code(cluster.name.slice(0, 80))}: ${name(cluster.title)} (${name(cluster.product)}, ${counted(cluster.hosts.length, 'host')}); ${may}`;
  });
  const known = titled('Procedures', procedures.map(procedureLine), 'There is no procedure that you may run.');
  return inGroups([known], 'Clusters', lines, 'There is no cluster that you may see.');
}

export function inGroups(before: readonly (readonly string[])[], title: string, lines: readonly string[], none: string): Content {
  const groups = [...before, titled(title, lines, none)].map((group) => group.join('\n'));
  return content(groups, groups.map(say));
}

function titled(title: string, lines: readonly string[], none: string): readonly string[] {
  if (lines.length === 0) return [none];
  const rest = lines.length - MOST;
  return [`*${title}*`, ...lines.slice(0, MOST).map((line) => `• ${line}`), ...(rest > 0 ? [`• and ${rest} more`] : [])];
}

/** Runs that go on (or the ones asked for), each with the way to its thread. */
export function statusView(states: readonly RunState[], permalinkOf: (run: string) => string | undefined): Content {
  const lines = states.map((state) => {
    const asked = `asked by ${person(state.requester)}, ${slackTime(state.startedAt)}`;
    const waits = state.ended === undefined ? waitLines(state).map((line) => `\n    ${line}`) : [];
    return `${state.run}: ${heading(state)}: ${statusWords(state)}; ${asked}${threadLink(permalinkOf(state.run))}${waits.join('')}`;
  });
  const all = titled('Runs', lines, 'No run goes on.').join('\n');
  return content([all], [say(all)]);
}

/** Somebody else's run holds the cluster. */
export function lockedView(state: RunState, permalink: string | undefined): Content {
  const held = `${name(state.cluster.name)} is held by run ${state.run}: ${heading(state)}, ${statusWords(state)}.`;
  const text = `${held} It was asked for by ${person(state.requester)}, ${slackTime(state.startedAt)}. Nothing was started.${threadLink(permalink)}`;
  return content([text], [say(text)]);
}

/** Sentences for the person; ids in the form of mentions stay mentions, which notify nobody in a private answer. */
export function refusedView(sentences: readonly string[]): Content {
  const lines = sentences.slice(0, MOST).map((sentence) => withMentions(words(sentence, 1_500)));
  const text = ['Nothing was started.', ...lines].join('\n');
  return content([text], [say(text)]);
}

function withMentions(escaped: string): string {
  return escaped.replace(/&lt;(@[UW][A-Z0-9]{1,40}|!subteam\^S[A-Z0-9]{1,40}|#[CG][A-Z0-9]{1,40})&gt;/g, '<$1>');
}
