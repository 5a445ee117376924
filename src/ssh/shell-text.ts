/** Puts together what is written to `/bin/sh -s`. Values appear there only between single quotes, in assignments. */
import { KeyturnError } from '../errors.ts';
import { quote } from '../quote.ts';
import { type AttemptId, checkAttemptId } from '../record/output.ts';

const variableName = /^[A-Z_][A-Z0-9_]*$/;
/** Some shell refuses to assign these, or reads them for itself. */
const reserved = new Set(['PPID', 'UID', 'EUID', 'SHELLOPTS', 'BASHOPTS', 'BASH_VERSINFO', 'BASH_ENV', 'ENV', 'IFS', 'KEYTURN_ATTEMPT']);
/** Linux refuses a single argument or variable of 128 KiB. */
const MAX_VALUE = 128 * 1024 - 256;

/** Refuses what no shell could pass on unchanged. Called before anything is sent. */
export function checkCommand(script: string, env: Readonly<Record<string, string>>): void {
  checkValue('The script', script);
  for (const [name, value] of Object.entries(env)) {
    if (!variableName.test(name) || reserved.has(name)) {
      const allowed = 'capital letters, digits and underscore, not one of the names that shells keep for themselves';
      throw new KeyturnError(
        'VARIABLE_NAME',
        `"${name}" cannot be a variable of a command; allowed are ${allowed}.`,
        'the names under env',
      );
    }
    checkValue(`The value of ${name}`, value);
  }
}

function checkValue(what: string, value: string): void {
  if (value.includes('\0'))
    throw new KeyturnError('VALUE_NUL', `${what} holds a NUL character, which no command can receive.`, 'the value');
  if (Buffer.byteLength(value) <= MAX_VALUE) return;
  throw new KeyturnError('VALUE_LENGTH', `${what} has more than ${MAX_VALUE} bytes, the limit of Linux.`, 'the length of the value');
}

/** The function that runs the command: its variables are given to it alone, the supervisor's own shell keeps its environment. */
export function commandText(script: string, env: Readonly<Record<string, string>>, mark?: AttemptId): string {
  const given = Object.entries(env).map(([name, value]) => `${name}=${quote(value)} `);
  const marked = mark === undefined ? '' : `KEYTURN_ATTEMPT=${quote(`${idText(mark)};`)} `;
  const exec = mark === undefined ? 'exec ' : '';
  return `k_command() { ${marked}${given.join('')}${exec}/bin/sh -c "$K_SCRIPT"; }\nK_SCRIPT=${quote(script)}\n`;
}

/** One attempt's name within the store; it holds nothing that needs quoting. */
export function idText(id: AttemptId): string {
  checkAttemptId(id);
  return `${id.run}/${id.step}.${id.host}.${id.attempt}`;
}

/** The assignments that every call about an attempt needs. */
export function attemptText(id: AttemptId, anchor: string | undefined): string {
  return `K_ID=${quote(idText(id))} K_ANCHOR=${quote(anchor ?? '')}\nK_DIR=$S/runs/@{K_ID%/*} K=$S/runs/$K_ID\n`.replaceAll('@{', '${');
}
