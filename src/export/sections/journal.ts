/** An event in a line: its places and words, without what has a section of its own. Pure. */
import type { RunEvent } from '../../run/events.ts';

/** Whole in the JSON, and too long for a line. */
const LEFT_OUT: ReadonlySet<string> = new Set(['kind', 'procedure', 'cluster', 'subject', 'output', 'stands', 'by', 'person', 'requester']);
const LONGEST = 300;

export function describeEvent(event: RunEvent): string {
  const parts = Object.entries(event).flatMap(([name, value]: readonly [string, unknown]) =>
    LEFT_OUT.has(name) || value === undefined ? [] : [`${name}: ${plain(value)}`],
  );
  const text = parts.join('; ');
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')} … (${text.length} characters; whole in the JSON)`;
}

function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? '');
}
