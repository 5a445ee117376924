/** The sentences of an attempt's reply: how it ended, what it waits for, what was seen. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import { type Prompt, type RunState, talkKey } from '../../run/state.ts';
import type { Live } from '../ports.ts';
import type { Episode } from './episodes.ts';
import { code } from './escape.ts';
import { duration, forMinutes, slackTime } from './times.ts';
import { commandOf, counted, filled, name, outcomeDetail, outcomeWord, words } from './words.ts';

/** Warnings in one reply; the rest is counted. */
const MOST_WARNINGS = 10;

/** The words of the headline. */
export function statusOf(state: RunState, episode: Episode, now: number): string {
  return episode.verdict === undefined ? underway(state, episode, now) : verdictWords(state, episode);
}

function underway(state: RunState, episode: Episode, now: number): string {
  if (episode.watchedSince !== undefined) return `waiting for its check${forMinutes(now - episode.watchedSince)}`;
  if (episode.ended !== undefined) return commandWord(state, episode);
  return `running${episode.intendedAt === undefined ? '' : forMinutes(now - episode.intendedAt)}`;
}

function commandWord(state: RunState, episode: Episode): string {
  const outcome = episode.ended?.event.outcome;
  return outcome === undefined ? 'running' : outcomeWord(outcome, commandOf(state, episode.step)?.statuses);
}

function verdictWords(state: RunState, episode: Episode): string {
  const verdict = episode.verdict?.event;
  switch (verdict?.kind) {
    case 'hostPassed':
      return `succeeded${warned(verdict.warnings ?? [])}`;
    case 'hostPassedOver':
      return 'passed over';
    case 'troubleRaised':
      if (verdict.what.kind === 'checkFailed') return 'check failed';
      return verdict.what.kind === 'unknown' ? 'end unknown' : notWell(state, episode);
    case 'runEnded':
      return `${episode.ended === undefined ? 'end not awaited' : commandWord(state, episode)}, the run ${verdict.outcome}`;
    case undefined:
      return 'running';
    default:
      return assertNever(verdict);
  }
}

function warned(warnings: readonly string[]): string {
  if (warnings.length === 0) return '';
  return ` with ${counted(warnings.length, 'warning')}`;
}

/** A command may end well and still not have printed what was expected. */
function notWell(state: RunState, episode: Episode): string {
  const word = commandWord(state, episode);
  return episode.ended === undefined || word === 'succeeded' ? 'failed' : word;
}

export function lines(state: RunState, episode: Episode, live: Live | undefined): readonly string[] {
  return [
    ...staging(episode),
    ...ending(state, episode),
    ...(episode.verdict === undefined ? goingOn(state, episode, live) : verdictLines(episode)),
  ];
}

function staging({ staged }: Episode): readonly string[] {
  if (staged === undefined) return [];
  return [`Copied from ${words(staged.from, 300)}: ${staged.bytes} bytes, sha256 ${code(staged.sha256)}.`];
}

function ending(state: RunState, episode: Episode): readonly string[] {
  const { ended } = episode;
  if (ended === undefined) return episode.intendedAt === undefined ? [] : [`Running since ${slackTime(episode.intendedAt)}.`];
  const from = ended.event.startedAt ?? episode.intendedAt;
  const took = from === undefined ? '' : `, ${duration((ended.event.endedAt ?? ended.at) - from)}`;
  return [`Command: ${commandWord(state, episode)}, ${outcomeDetail(ended.event.outcome)}${took}.`];
}

/** What it is about just now: its check, its progress, its question. */
function goingOn(state: RunState, episode: Episode, live: Live | undefined): readonly string[] {
  const seen = live?.seen === undefined ? [] : [words(live.seen)];
  if (episode.watchedSince !== undefined) {
    const what = commandOf(state, episode.step)?.until?.waiting ?? 'its check to hold';
    const waiting = `Waiting for: ${filled(state, what, episode.host)}, since ${slackTime(episode.watchedSince)}.`;
    return [waiting, ...seen.map((each) => `Last seen: ${each}`)];
  }
  if (episode.ended !== undefined) return [];
  return [...seen.map((each) => `Progress: ${each}`), ...asking(state, episode)];
}

/** The tool's input is open, and it waits for a line. */
function asking(state: RunState, episode: Episode): readonly string[] {
  const last: Prompt | undefined = state.talks[talkKey(episode)]?.at(-1);
  if (last === undefined || last.answer !== undefined) return [];
  const asked = `It asks: ${words(last.prompt, 300)}`;
  return [asked, last.declared === undefined ? 'It waits for a person: see the question in this thread.' : 'Its answer is not known yet.'];
}

function verdictLines(episode: Episode): readonly string[] {
  const { verdict } = episode;
  if (verdict === undefined) return [];
  const waited = episode.watchedSince === undefined ? [] : [`Waited ${duration(verdict.at - episode.watchedSince)}.`];
  switch (verdict.event.kind) {
    case 'hostPassed':
      return [...waited, `Seen: ${words(verdict.event.seen)}`, ...warningLines(verdict.event.warnings ?? [])];
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

function warningLines(warnings: readonly string[]): readonly string[] {
  const rest = warnings.length - MOST_WARNINGS;
  return [
    ...warnings.slice(0, MOST_WARNINGS).map((warning) => `*Warning:* ${words(warning, 400)}`),
    ...(rest > 0 ? [`and ${rest} more warnings`] : []),
  ];
}

/** `S4 Stop the engine on node-1, attempt 2`. */
export function whereOf(stepName: string, episode: Episode): string {
  return `${stepName} on ${name(episode.host)}${episode.attempt === 1 ? '' : `, attempt ${episode.attempt}`}`;
}
