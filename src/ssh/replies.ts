/** What the supervisor's replies mean. Pure. */
import { finished, type Outcome } from './outcome.ts';
import * as problems from './problems.ts';
import type { Target } from './target.ts';

/** Processes that were still there after an ending by force, as "pid name". */
export type Left = { readonly remaining: string[]; readonly detached: string[] };

export function emptyLeft(): Left {
  return { remaining: [], detached: [] };
}

/** Takes in one `left` reply: the kind, then the process. */
export function addLeft(left: Left, words: readonly string[]): void {
  const [kind, ...process] = words;
  const list = kind === 'remaining' ? left.remaining : left.detached;
  const text = process.join(' ');
  if (!list.includes(text)) list.push(text);
}

/** The outcome in a reply `end <why> <status> …`. */
export function outcomeOf(why: string | undefined, status: string | undefined, left: Left): Outcome {
  if (why === 'timedOut') return { kind: 'timedOut', ...left };
  if (why === 'cancelled') return { kind: 'cancelled', ...left };
  return finished(Number(status));
}

/** When it started and ended: the clock of the worker that started it, plus the host's own measure of how long it took. */
export function timesOf(
  now: string | undefined,
  from: string | undefined,
  until: string | undefined,
): { startedAt: number; endedAt: number } {
  const startedAt = Number(now);
  return { startedAt, endedAt: startedAt + Math.max(0, Math.round((Number(until) - Number(from)) * 1000)) };
}

/** Why an attempt that began cannot be known, in words. */
export function lostBecause(target: Target, reason: string | undefined, left: Left): string {
  const running = [...left.remaining, ...left.detached];
  switch (reason) {
    case 'rebooted':
      return `${target.host} was restarted while it ran, and it left no result`;
    case 'gone':
      return running.length === 0
        ? 'its supervisor on the host is gone and left no result, and none of its processes is left'
        : `its supervisor on the host is gone and left no result; still running: ${running.join(', ')}`;
    case 'changed':
      return 'the store on the host was emptied or the host was exchanged, so nothing there tells of it';
    case 'forgotten':
      return 'its result was cleared from the host';
    case 'none':
      return 'its marks on the host are gone';
    default:
      return 'its start mark on the host cannot be read';
  }
}

/** The ending in a reply that says the attempt never began, or null. */
export function refusalOf(target: Target, words: readonly string[]): Outcome | null {
  if (words[0] === 'fenced') return { kind: 'refused', why: problems.fenced(target) };
  if (words[0] === 'unwritable') return { kind: 'refused', why: problems.storeUnwritable(target, words.slice(1).join(' ')) };
  return null;
}
