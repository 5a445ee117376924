import { linesOf } from './lines.ts';
import type { Reading } from './read.ts';

/** `keys`: name to value of each line `name: value` or `name = value`; other lines are left out. A name that stands twice is refused. */
export function readKeys(text: string): Reading {
  const lines = linesOf(text);
  if (lines.kind === 'unreadable') return lines;
  const keys = new Map<string, string>();
  for (const line of lines.lines) {
    const pair = pairIn(line.text);
    if (pair === undefined) continue;
    if (keys.has(pair.name)) return { kind: 'unreadable', why: `line ${line.number} gives ${pair.name} a second time` };
    keys.set(pair.name, pair.value);
  }
  if (keys.size === 0) return { kind: 'unreadable', why: 'it holds no line like `name: value` or `name = value`' };
  return { kind: 'read', values: { keys: Object.fromEntries(keys) } };
}

function pairIn(text: string): { readonly name: string; readonly value: string } | undefined {
  const match = /^\s{0,100}([A-Za-z0-9_][A-Za-z0-9_. -]{0,200}?)\s{0,100}(?::(?:\s|$)|=)/.exec(text);
  return match?.[1] === undefined ? undefined : { name: match[1], value: text.slice(match[0].length).trim() };
}
