/**
 * What a JSON text holds beside its meaning. Readers take different ones of two members of one name, so a file could be verified as one thing and read as
 * another; and a text that is nested deep, or made of nothing but brackets, fills the memory of whoever parses it. Keyturn writes none of these. Pure.
 */
import { jsonOf } from '../json.ts';

/** Brackets within brackets; a period needs six. */
const DEEPEST = 64;
/** A record of the largest size has fewer: an entry is some 600 bytes and eight values. */
const MOST_VALUES = 8_000_000;

/** Why it is not parsed: a piece of a sentence; undefined where nothing speaks against it. Whether it is JSON at all is for the parser. */
export function flawIn(text: string): string | undefined {
  /** Of each bracket that is open the names so far; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfText(text, at);
      const names = open.at(-1);
      const name = names !== undefined && isName(text, end) ? nameOf(text.slice(at, end)) : undefined;
      if (name === '__proto__') return 'it has a member “__proto__”';
      if (name !== undefined && names?.has(name) === true) return `it has two members “${name.slice(0, 60)}” in one place`;
      if (name !== undefined) names?.add(name);
      at = end - 1;
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      values += 1;
      if (open.length > DEEPEST) return `it is nested deeper than ${DEEPEST} levels`;
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ',') values += 1;
    if (values > MOST_VALUES) return `it holds more than ${MOST_VALUES} values`;
  }
  return undefined;
}

/** Behind the closing quote. */
function endOfText(text: string, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return text.length;
    let first = quote;
    while (text[first - 1] === '\\') first -= 1;
    if ((quote - first) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function nameOf(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  const name = jsonOf(quoted);
  return typeof name === 'string' ? name : undefined;
}
