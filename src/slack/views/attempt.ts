/** The reply of one attempt: live while it runs, and the final text when its verdict is there. Pure. */
import type { Output } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import type { Live } from '../ports.ts';
import { lines, statusOf, whereOf } from './attempt-lines.ts';
import { type Draft, type Part, sayLines, show } from './compose.ts';
import { excerpt, excerptEnds } from './cut.ts';
import type { Episode } from './episodes.ts';
import { code } from './escape.ts';
import type { Alive } from './message.ts';
import { nextMinute } from './times.ts';
import { isAttached } from './output-file.ts';
import { visible } from './visible.ts';
import { about, stepName } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** `now` in milliseconds: what runs says for how long. */
export function attemptDraft(state: RunState, episode: Episode, live: Live | undefined, now: number): Draft {
  const head = `${whereOf(stepName(state, episode.step), episode)}: ${statusOf(state, episode, now)}`;
  const said = lines(state, episode, live);
  return {
    key: episode.key,
    place: REPLY,
    seq: episode.seq,
    final: episode.verdict !== undefined,
    alive: aliveOf(episode, live, now),
    text: [`${head}. ${about(state)}`, ...said],
    parts: [sayLines([`*${head}*`, ...said]), ...printed(episode, live)],
  };
}

function aliveOf(episode: Episode, live: Live | undefined, now: number): Alive | undefined {
  const since = episode.watchedSince ?? episode.intendedAt;
  if (episode.verdict !== undefined || since === undefined) return undefined;
  return { since, changesAt: nextMinute(since, now), silent: live === undefined && episode.ended === undefined };
}

function printed(episode: Episode, live: Live | undefined): readonly Part[] {
  const output = episode.ended?.event.output;
  if (output !== undefined) return [outputShown(output), sayLines([measures(output)])];
  if (episode.verdict !== undefined || live === undefined || live.tail.trim() === '') return [];
  return [liveShown(live.tail), sayLines([`${live.bytes} bytes so far; the last lines are shown.`])];
}

/** The end is what matters while it runs. */
function liveShown(tail: string): Part {
  return { kind: 'show', render: (longest) => excerpt(visible(tail.slice(-12_000)), Math.min(longest, 3_000)) };
}

/** Whole where the journal holds it whole. */
function outputShown(output: Output): Part {
  if (Buffer.byteLength(output.head) >= output.bytes || output.tail === '') return show(output.head);
  const hidden = output.lines - linesOf(output.head) - linesOf(output.tail);
  return { kind: 'show', render: (longest) => excerptEnds(visible(output.head), visible(output.tail), Math.max(hidden, 0), longest) };
}

function linesOf(text: string): number {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function measures(output: Output): string {
  return `${output.bytes} bytes, ${output.lines} ${output.lines === 1 ? 'line' : 'lines'}, sha256 ${code(output.sha256)}.${whereWhole(output)}`;
}

/** What Slack makes of a file is not in the journal, so it is not promised. */
function whereWhole(output: Output): string {
  if (output.path === undefined) return '';
  const kept = ` Whole output: ${code(output.path.slice(0, 300))} in the record`;
  return isAttached(output) ? `${kept}, and a file in this thread if Slack takes it.` : `${kept}; too long for a file in this thread.`;
}
