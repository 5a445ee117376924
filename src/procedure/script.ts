/** Which variables a shell script uses that nobody gives it. */
import type { Command } from './shell/model.ts';
import { everyCommand, readScript, wordsOf } from './shell/script.ts';

/** What a shell or its login sets by itself. */
const given = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'OLDPWD', 'IFS', 'PPID', 'OPTARG', 'OPTIND', 'TMPDIR'];

/** Names used as `$NAME` or `${NAME}` that are neither passed, nor given by the shell, nor assigned in the script. */
export function missingNames(script: string, passed: readonly string[]): readonly string[] {
  const commands = everyCommand(readScript(script).commands);
  const known = new Set([...given, ...passed, ...commands.flatMap(assignedBy)]);
  return [...new Set(commands.flatMap(usedBy))].filter((name) => !known.has(name));
}

/** A `{{ … }}` that was meant to paste a value: the language has none in scripts. */
export function pastedValue(script: string): string | undefined {
  return /\{\{\s{0,20}(?:params|vars|roles|host|cluster|captured|secrets)\b[^}]{0,100}\}\}/.exec(script)?.[0];
}

/** `${X:-y}` provides for the lack itself, and so do the other forms that ask whether there is a value. */
function usedBy(command: Command): readonly string[] {
  return wordsOf(command).flatMap(({ expansions }) => expansions.flatMap(({ name, as }) => (as === 'value' ? [name] : [])));
}

const declaring = ['export', 'local', 'readonly', 'read', 'getopts'];

/** The names that a command gives a value to: `A=1`, `for f in *`, `read -r a b`, `export A=1`. */
export function assignedBy({ assignments, words }: Command): readonly string[] {
  const [program, ...rest] = words.map(({ text }) => text);
  const declared = program === 'for' ? rest.slice(0, 1) : declaring.includes(program ?? '') ? rest : [];
  const names = declared.flatMap((word) => /^[A-Za-z_]\w*/.exec(word)?.[0] ?? []);
  return [...assignments.map(({ name }) => name), ...names];
}
