/** Words of a shell script: quotation marks, `$NAME`, `${NAME…}`, `$( )` and backquotes. */
import type { Command, Expansion, Word } from './model.ts';

/** A place in a script. `commandsInside` reads the commands of a `$( )`; it comes in from outside, since those have words again. */
export type Cursor = {
  readonly text: string;
  at: number;
  readonly depth: number;
  readonly commandsInside: (cursor: Cursor) => readonly Command[];
};

/** Deeper nesting than anybody writes is read as plain text. */
const DEEPEST = 30;

type Parts = { text: string; isQuoted: boolean; readonly expansions: Expansion[]; readonly inside: Command[] };

const ends = /[ \t\r\f\v\n;&|<>()]/;

/** The word that begins here, up to a blank or an operator. */
export function readWord(cursor: Cursor): Word {
  const parts = nothing();
  while (cursor.at < cursor.text.length && !ends.test(charAt(cursor))) readPart(cursor, parts, false);
  return parts;
}

/** A text in which variables and `$( )` count and quotation marks do not: a here-document. */
export function wordOf(text: string, around: Cursor): Word {
  const parts = nothing();
  const cursor = { ...around, text, at: 0 };
  while (cursor.at < text.length) readPart(cursor, parts, true);
  return parts;
}

export function plainWord(text: string): Word {
  return { ...nothing(), text, isQuoted: true };
}

function nothing(): Parts {
  return { text: '', isQuoted: false, expansions: [], inside: [] };
}

function charAt({ text, at }: Cursor): string {
  return text[at] ?? '';
}

function readPart(cursor: Cursor, parts: Parts, inDouble: boolean): void {
  const char = charAt(cursor);
  if (char === '\\') readEscape(cursor, parts, inDouble);
  else if (char === '$') readExpansion(cursor, parts, inDouble);
  else if (char === '`') readBackquotes(cursor, parts);
  else if (char === "'" && !inDouble) readSingle(cursor, parts);
  else if (char === '"' && !inDouble) readDouble(cursor, parts);
  else {
    parts.text += char;
    cursor.at += 1;
  }
}

/** A backslash at the end of a line joins it with the next; between double quotation marks it stays before most characters. */
function readEscape(cursor: Cursor, parts: Parts, inDouble: boolean): void {
  const next = cursor.text[cursor.at + 1] ?? '';
  if (inDouble && !/[$`"\\\n]/.test(next)) parts.text += '\\';
  if (next !== '\n') parts.text += next;
  parts.isQuoted = true;
  cursor.at += 2;
}

function readSingle(cursor: Cursor, parts: Parts): void {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  const to = end < 0 ? cursor.text.length : end;
  parts.text += cursor.text.slice(cursor.at + 1, to);
  parts.isQuoted = true;
  cursor.at = to + 1;
}

function readDouble(cursor: Cursor, parts: Parts): void {
  parts.isQuoted = true;
  cursor.at += 1;
  while (cursor.at < cursor.text.length && charAt(cursor) !== '"') readPart(cursor, parts, true);
  cursor.at += 1;
}

function readExpansion(cursor: Cursor, parts: Parts, inDouble: boolean): void {
  const rest = cursor.text.slice(cursor.at, cursor.at + 3);
  if (rest === '$((') readArithmetic(cursor, parts);
  else if (cursor.depth >= DEEPEST) readName(cursor, parts);
  else if (rest.startsWith('$(')) readSubstitution(cursor, parts);
  else if (rest.startsWith('${')) readBraced(cursor, parts, inDouble);
  else readName(cursor, parts);
}

function readName(cursor: Cursor, parts: Parts): void {
  const [all = '$', name] = /^\$(?:([A-Za-z_]\w*)|[0-9@*#?$!-])/.exec(cursor.text.slice(cursor.at, cursor.at + 200)) ?? [];
  if (name !== undefined) expand(parts, { name, as: 'value' });
  else parts.text += all;
  cursor.at += all.length;
}

function expand(parts: Parts, expansion: Expansion): void {
  parts.expansions.push(expansion);
  parts.text += `$${expansion.name}`;
}

/** Only `$NAME` counts in it; a bare name is a number. */
function readArithmetic(cursor: Cursor, parts: Parts): void {
  const end = cursor.text.indexOf('))', cursor.at);
  const to = end < 0 ? cursor.text.length : end + 2;
  for (const match of cursor.text.slice(cursor.at, to).matchAll(/\$\{?([A-Za-z_]\w*)/g)) {
    parts.expansions.push({ name: match[1] ?? '', as: 'value' });
  }
  parts.text += '$()';
  cursor.at = to;
}

function readSubstitution(cursor: Cursor, parts: Parts): void {
  const inner = { ...cursor, at: cursor.at + 2, depth: cursor.depth + 1 };
  parts.inside.push(...cursor.commandsInside(inner));
  parts.text += '$()';
  cursor.at = inner.at;
}

function readBackquotes(cursor: Cursor, parts: Parts): void {
  const quoted = /^`((?:[^`\\]|\\[\s\S])*)`?/.exec(cursor.text.slice(cursor.at));
  const text = (quoted?.[1] ?? '').replaceAll(/\\([`\\$])/g, '$1');
  if (cursor.depth < DEEPEST) parts.inside.push(...cursor.commandsInside({ ...cursor, text, at: 0, depth: cursor.depth + 1 }));
  parts.text += '$()';
  cursor.at += quoted?.[0].length ?? 1;
}

/** `${NAME}`, `${#NAME}`, `${NAME:-other}`; what stands after the sign is a text of its own. */
function readBraced(around: Cursor, parts: Parts, inDouble: boolean): void {
  const cursor = { ...around, depth: around.depth + 1 };
  const [all = '${', length, name, sign = ''] =
    /^\$\{(#?)([A-Za-z_]\w*|[0-9@*#?$!-]?)(:?[-=+?])?/.exec(cursor.text.slice(cursor.at, cursor.at + 200)) ?? [];
  if (name !== undefined && /^[A-Za-z_]/.test(name)) expand(parts, { name, as: length === '#' ? 'length' : kindOf(sign) });
  cursor.at += all.length;
  const rest = nothing();
  while (cursor.at < cursor.text.length && charAt(cursor) !== '}') readPart(cursor, rest, inDouble);
  parts.expansions.push(...rest.expansions);
  parts.inside.push(...rest.inside);
  around.at = cursor.at + 1;
}

function kindOf(sign: string): Expansion['as'] {
  if (sign === '') return 'value';
  return sign.endsWith('+') ? 'presence' : 'fallback';
}
