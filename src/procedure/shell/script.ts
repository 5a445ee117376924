/**
 * A simple, honest reading of a POSIX shell script, for checks that look for certain words in certain places. It never throws: what is no shell
 * is read as far as it goes. Aliases, `eval` and what variables hold are beyond it.
 */
import type { Command, Compound, End, Redirect, Script, Word } from './model.ts';
import { type Cursor, plainWord, readWord, wordOf } from './words.ts';

export function readScript(text: string): Script {
  const reader = open({ text, at: 0, depth: 0, commandsInside });
  readAll(reader);
  return { commands: reader.commands, compounds: reader.compounds, functions: reader.functions };
}

/** All commands, those inside `$( )` too. */
export function everyCommand(commands: readonly Command[]): readonly Command[] {
  return commands.flatMap((command) => [command, ...wordsOf(command).flatMap(({ inside }) => everyCommand(inside))]);
}

/** Every word of a command: program and arguments, assigned values, targets, here-documents. */
export function wordsOf({ words, assignments, redirects }: Command): readonly Word[] {
  const ofRedirects = redirects.flatMap(({ target, body }) => (body === undefined ? [target] : [target, body]));
  return [...words, ...assignments.map(({ value }) => value), ...ofRedirects];
}

type Open<T> = { -readonly [K in keyof T]: T[K] };
type OpenCommand = { words: Word[]; assignments: { name: string; value: Word }[]; redirects: Redirect[]; around: Compound[] };
type OpenCompound = Open<Compound> & { redirects: Redirect[] };

type Reader = {
  readonly cursor: Cursor;
  readonly commands: Command[];
  readonly compounds: OpenCompound[];
  readonly functions: string[];
  /** Compounds that are not closed yet, the innermost last. */
  readonly stack: OpenCompound[];
  /** Here-documents that begin after this line. */
  readonly awaited: { readonly redirect: Open<Redirect>; readonly end: Word }[];
  command: OpenCommand;
  /** The compound that was just closed: what follows it is its own. */
  closed: OpenCompound | undefined;
  /** In a `case`, before the next pattern. */
  isAtPattern: boolean;
  isOver: boolean;
};

function open(cursor: Cursor): Reader {
  return {
    ...{ cursor, commands: [], compounds: [], functions: [], stack: [], awaited: [] },
    ...{ command: blank(), closed: undefined, isAtPattern: false, isOver: false },
  };
}

function blank(): OpenCommand {
  return { words: [], assignments: [], redirects: [], around: [] };
}

/** The commands up to the bracket that closes a `$( )`. */
function commandsInside(cursor: Cursor): readonly Command[] {
  const reader = open(cursor);
  readAll(reader);
  return reader.commands;
}

function readAll(reader: Reader): void {
  const { cursor } = reader;
  while (!reader.isOver && cursor.at < cursor.text.length) readNext(reader);
  finish(reader, 'end');
  for (const unclosed of reader.stack) unclosed.to = reader.commands.length;
}

function readNext(reader: Reader): void {
  const { cursor } = reader;
  const rest = cursor.text.slice(cursor.at, cursor.at + 16);
  const blanks = /^(?:[ \t\r\f\v]|\\\n)+/.exec(rest)?.[0];
  if (blanks !== undefined) cursor.at += blanks.length;
  else if (rest.startsWith('#')) cursor.at = lineEnd(cursor);
  else if (reader.isAtPattern) readPattern(reader, rest);
  else if (/^[0-9]*[<>]/.test(rest)) readRedirect(reader, rest);
  else if (/^[\n;&|]/.test(rest)) readOperator(reader, rest);
  else if (rest.startsWith('(')) openBracket(reader);
  else if (rest.startsWith(')')) closeBracket(reader);
  else takeWord(reader, readWord(cursor));
}

function lineEnd({ text, at }: Cursor): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

const operators: readonly End[] = ['&&', '||', ';;', '&', '|', ';', '\n'];

function readOperator(reader: Reader, rest: string): void {
  const operator = operators.find((each) => rest.startsWith(each)) ?? ';';
  reader.cursor.at += operator.length;
  finish(reader, operator);
  if (operator === ';;') reader.isAtPattern = reader.stack.at(-1)?.kind === 'case';
  if (operator === '\n') readHereDocuments(reader);
}

/** Ends the open command, or the compound that was just closed. */
function finish(reader: Reader, end: End): void {
  const { command, closed } = reader;
  if (closed !== undefined) closed.end = end;
  if (command.words.length + command.assignments.length + command.redirects.length > 0) {
    reader.commands.push({ ...command, end, around: [...reader.stack] });
  }
  reader.closed = undefined;
  reader.command = blank();
}

function readRedirect(reader: Reader, rest: string): void {
  const { cursor } = reader;
  const sign = /^[0-9]*(?:<<-|<<<|<<|<&|<>|<|>>|>&|>\||>)/.exec(rest)?.[0] ?? rest.slice(0, 1);
  cursor.at += sign.length;
  cursor.at += /^[ \t]*/.exec(cursor.text.slice(cursor.at, cursor.at + 100))?.[0].length ?? 0;
  const redirect: Open<Redirect> = { sign, target: readWord(cursor) };
  (reader.closed ?? reader.command).redirects.push(redirect);
  if (/<<-?$/.test(sign)) reader.awaited.push({ redirect, end: redirect.target });
}

function readHereDocuments(reader: Reader): void {
  const { cursor } = reader;
  for (const { redirect, end } of reader.awaited.splice(0)) {
    const lines: string[] = [];
    while (cursor.at < cursor.text.length) {
      const line = cursor.text.slice(cursor.at, lineEnd(cursor));
      cursor.at += line.length + 1;
      if ((redirect.sign.endsWith('-') ? line.replace(/^\t+/, '') : line) === end.text) break;
      lines.push(line);
    }
    const text = lines.join('\n');
    redirect.body = end.isQuoted ? plainWord(text) : wordOf(text, cursor);
  }
}

/** `name()` makes a function; elsewhere a bracket opens a shell of its own. */
function openBracket(reader: Reader): void {
  const { cursor, command } = reader;
  const [name, second] = command.words;
  const pair = /^\(\s*\)/.exec(cursor.text.slice(cursor.at, cursor.at + 50))?.[0];
  if (pair !== undefined && name !== undefined && second === undefined) {
    reader.functions.push(name.text);
    reader.command = blank();
    cursor.at += pair.length;
    return;
  }
  cursor.at += 1;
  finish(reader, ';');
  enter(reader, '(');
}

function closeBracket(reader: Reader): void {
  reader.cursor.at += 1;
  finish(reader, ')');
  if (reader.stack.some(({ kind }) => kind === '(')) leave(reader, '(');
  else reader.isOver = reader.cursor.depth > 0;
}

/** Deeper than anybody nests. */
const DEEPEST = 100;

function enter(reader: Reader, kind: Compound['kind']): void {
  if (reader.stack.length >= DEEPEST) return;
  const from = reader.commands.length;
  const compound: OpenCompound = { kind, from, body: from, to: from, redirects: [], end: 'end' };
  reader.compounds.push(compound);
  reader.stack.push(compound);
}

/** Closes the innermost of these, and whatever was left open in it. */
function leave(reader: Reader, ...kinds: readonly Compound['kind'][]): void {
  const index = reader.stack.findLastIndex(({ kind }) => kinds.includes(kind));
  if (index < 0) return;
  const [compound, ...unclosed] = reader.stack.splice(index);
  for (const each of [...(compound === undefined ? [] : [compound]), ...unclosed]) each.to = reader.commands.length;
  reader.closed = compound;
}

/** A pattern of `case` is no command. */
function readPattern(reader: Reader, rest: string): void {
  const { cursor } = reader;
  if (/^\s/.test(rest)) cursor.at += 1;
  else if (/^esac(?![\w-])/.test(rest)) {
    cursor.at += 4;
    reader.isAtPattern = false;
    leave(reader, 'case');
  } else {
    const end = cursor.text.indexOf(')', cursor.at + 1);
    cursor.at = end < 0 ? cursor.text.length : end + 1;
    reader.isAtPattern = false;
  }
}

function takeWord(reader: Reader, word: Word): void {
  const { command } = reader;
  if (command.words.length === 0 && command.assignments.length === 0 && !word.isQuoted && takeReserved(reader, word.text)) return;
  const assigned = command.words.length === 0 ? assignmentIn(word) : undefined;
  if (assigned !== undefined) command.assignments.push(assigned);
  else command.words.push(word);
  if (word.text === 'in' && command.words[0]?.text === 'case' && reader.stack.at(-1)?.kind === 'case') {
    finish(reader, ';');
    reader.isAtPattern = true;
  }
}

/** Whether the word steers the shell; nothing of it is left in the command then, but for `for` and `case`, which read values. */
function takeReserved(reader: Reader, text: string): boolean {
  switch (text) {
    case '!':
    case 'then':
    case 'else':
    case 'elif':
      return true;
    case '{':
    case 'if':
    case 'while':
    case 'until':
      enter(reader, text);
      return true;
    case 'for':
    case 'case':
      enter(reader, text);
      return false;
    case 'do': {
      const loop = reader.stack.at(-1);
      if (loop !== undefined) loop.body = reader.commands.length;
      return true;
    }
    case '}':
      leave(reader, '{');
      return true;
    case 'fi':
      leave(reader, 'if');
      return true;
    case 'done':
      leave(reader, 'while', 'until', 'for');
      return true;
    case 'esac':
      leave(reader, 'case');
      return true;
    default:
      return false;
  }
}

function assignmentIn(word: Word): { readonly name: string; readonly value: Word } | undefined {
  const name = /^([A-Za-z_]\w*)\+?=/.exec(word.text);
  if (name?.[1] === undefined) return undefined;
  return { name: name[1], value: { ...word, text: word.text.slice(name[0].length) } };
}
