/** Words in the place of a command: assignments, words that steer the shell, and the rest. */
import type { Word } from './model.ts';
import { enter, finish, leave, type Reader } from './reader.ts';

export function takeWord(reader: Reader, word: Word): void {
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
