import { matchesIn } from '../procedure/pattern.ts';
import { linesOf } from './lines.ts';
import type { Reading } from './read.ts';

/**
 * `regex`: `match`, the named groups of the first place that the pattern fits, and `matches`, those of all of them. The pattern is held against
 * the whole text, with ^ and $ at line ends; a group that took no part is empty text. No match at all is unreadable.
 */
export function readRegex(text: string, pattern: string): Reading {
  const lines = linesOf(text);
  if (lines.kind === 'unreadable') return lines;
  const found = matchesIn(pattern, text);
  if (found.kind === 'tooSlow') return { kind: 'unreadable', why: `the pattern takes too long on it: ${pattern.slice(0, 200)}` };
  const [match] = found.matches;
  if (match === undefined) return { kind: 'unreadable', why: `nothing in it fits the pattern ${pattern.slice(0, 200)}` };
  return { kind: 'read', values: { match, matches: found.matches } };
}
