/**
 * How often the message of something that goes on is updated. The longer it goes on the more rarely: every 3 s at first, at last every 2 min. By
 * age and not by count, so that a restart changes nothing. Pure; milliseconds.
 */
import type { Message } from '../views/index.ts';
import type { Limits } from './budget.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** From this age on, this often. */
const SLOWER: readonly (readonly [age: number, every: number])[] = [
  [60 * MINUTE, 2 * MINUTE],
  [10 * MINUTE, 30 * SECOND],
  [MINUTE, 10 * SECOND],
];

/** The pause after an update that was made `at`; `least` for what is new, and for what is not about something that goes on. */
export function liveEvery(message: Message, at: number, least: number): number {
  if (message.alive === undefined) return least;
  const age = at - message.alive.since;
  return Math.max(least, SLOWER.find(([from]) => age >= from)?.[1] ?? 0);
}

/** How long an attempt under way waits for its end before it is posted at all; nothing else waits. */
export function sightOf(message: Message, limits: Limits): number {
  if (message.final || message.alive === undefined) return 0;
  return message.alive.silent ? limits.silentSightMs : limits.firstSightMs;
}
