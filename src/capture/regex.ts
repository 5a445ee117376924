import { linesOf } from './lines.ts';
import type { Reading } from './read.ts';

/** Each match costs time; a page of them is more than anybody reads. */
const maxMatches = 1_000;

/**
 * `regex`: `match`, the named groups of the first place that the pattern fits, and `matches`, those of all of them. The pattern is held against
 * the whole text, with ^ and $ at line ends; a group that took no part is empty text. No match at all is unreadable.
 */
export function readRegex(text: string, pattern: string): Reading {
  const lines = linesOf(text);
  if (lines.kind === 'unreadable') return lines;
  const found = [...text.matchAll(new RegExp(pattern, 'gmu'))]
    .slice(0, maxMatches)
    .map(({ groups = {} }) =>
      Object.fromEntries(Object.entries(groups).map(([name, value]: [string, string | undefined]) => [name, value ?? ''])),
    );
  const [match] = found;
  if (match === undefined) return { kind: 'unreadable', why: `nothing in it fits the pattern ${pattern.slice(0, 200)}` };
  return { kind: 'read', values: { match, matches: found } };
}
