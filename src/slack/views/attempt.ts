/** The reply of one attempt: live while it runs, and the final text when its verdict is there. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { Output } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import type { Live } from '../ports.ts';
import { type Draft, type Part, sayLines, show } from './compose.ts';
import { excerpt, excerptEnds } from './cut.ts';
import type { Episode } from './episodes.ts';
import { code } from './escape.ts';
import { duration, slackTime } from './times.ts';
import { visible } from './visible.ts';
import { about, commandOf, filled, name, outcomeDetail, outcomeWord, stepName, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** Nothing before there is something to see: an end, a watch or a first sign of life. */
export function attemptDraft(state: RunState, episode: Episode, live: Live | undefined): Draft | undefined {
  const over = episode.verdict !== undefined;
  if (episode.ended === undefined && episode.watchedSince === undefined && live === undefined) return undefined;
  const status = over ? verdictWords(episode) : underway(episode);
  const head = `${stepName(state, episode.step)} on ${name(episode.host)}${episode.attempt === 1 ? '' : `, attempt ${episode.attempt}`}: ${status}`;
  const lines = [...ending(episode), ...watching(state, episode, live), ...verdictLines(episode)];
  return {
    key: episode.key,
    place: REPLY,
    seq: episode.seq,
    final: over,
    text: [`${head}. ${about(state)}`, ...lines],
    parts: [sayLines([`*${head}*`, ...lines]), ...printed(episode, live)],
  };
}

function underway(episode: Episode): string {
  if (episode.watchedSince !== undefined) return 'waiting for its check';
  if (episode.ended !== undefined) return outcomeWord(episode.ended.event.outcome);
  return 'running';
}

function verdictWords(episode: Episode): string {
  const verdict = episode.verdict?.event;
  switch (verdict?.kind) {
    case 'hostPassed':
      return 'succeeded';
    case 'hostPassedOver':
      return 'passed over';
    case 'troubleRaised':
      if (verdict.what.kind === 'checkFailed') return 'check failed';
      return verdict.what.kind === 'unknown' ? 'end unknown' : notWell(episode);
    case 'runEnded':
      return `${episode.ended === undefined ? 'end not awaited' : outcomeWord(episode.ended.event.outcome)}, the run ${verdict.outcome}`;
    case undefined:
      return 'running';
    default:
      return assertNever(verdict);
  }
}

/** A command may end with status 0 and still not have printed what was expected. */
function notWell(episode: Episode): string {
  const outcome = episode.ended?.event.outcome;
  return outcome === undefined || outcomeWord(outcome) === 'succeeded' ? 'failed' : outcomeWord(outcome);
}

function ending(episode: Episode): readonly string[] {
  const { ended } = episode;
  if (ended === undefined) return episode.intendedAt === undefined ? [] : [`Running since ${slackTime(episode.intendedAt)}.`];
  const from = ended.event.startedAt ?? episode.intendedAt;
  const took = from === undefined ? '' : `, ${duration((ended.event.endedAt ?? ended.at) - from)}`;
  return [`Command: ${outcomeWord(ended.event.outcome)}, ${outcomeDetail(ended.event.outcome)}${took}.`];
}

function watching(state: RunState, episode: Episode, live: Live | undefined): readonly string[] {
  if (episode.watchedSince === undefined || episode.verdict !== undefined) return [];
  const what = commandOf(state, episode.step)?.until?.waiting ?? 'its check to hold';
  const seen = live?.seen === undefined ? [] : [`Last seen: ${words(live.seen)}`];
  return [`Waiting for: ${filled(state, what, episode.host)}, since ${slackTime(episode.watchedSince)}.`, ...seen];
}

function verdictLines(episode: Episode): readonly string[] {
  const verdict = episode.verdict;
  if (verdict === undefined) return [];
  const waited = episode.watchedSince === undefined ? [] : [`Waited ${duration(verdict.at - episode.watchedSince)}.`];
  switch (verdict.event.kind) {
    case 'hostPassed':
      return [...waited, `Seen: ${words(verdict.event.seen)}`];
    case 'hostPassedOver':
      return [...waited, `Passed over: ${words(verdict.event.why)}`];
    case 'troubleRaised':
      return [...waited, `Why: ${words(verdict.event.what.why)}`];
    case 'runEnded':
      return [...waited, `The run ended first: ${words(verdict.event.why)}`];
    default:
      return assertNever(verdict.event);
  }
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
  const where = output.path === undefined ? '' : ` Full output: ${code(output.path.slice(0, 300))}.`;
  return `${output.bytes} bytes, ${output.lines} ${output.lines === 1 ? 'line' : 'lines'}, sha256 ${code(output.sha256.slice(0, 12))}.${where}`;
}
