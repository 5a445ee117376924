/**
 * A simple, honest reading of a POSIX shell script, for checks that look for certain words in certain places. It never throws: what is no shell
 * is read as far as it goes. Aliases, `eval` and what variables hold are beyond it.
 */
import type { Command, End, Redirect, Script, Word } from './model.ts';
import { blank, enter, finish, leave, type Open, open, type Reader } from './reader.ts';
import { takeWord } from './reserved.ts';
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
