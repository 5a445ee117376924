/** Scripts: every value has a name that somebody gives, nothing is pasted, nothing is hidden from a reviewer. */
import { requestOf } from '../http.ts';
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import { requestsOf, scriptsOf } from '../parts.ts';
import { below, type PlacedCommand } from '../place.ts';
import { missingNames, pastedValue } from '../script.ts';
import { didYouMean, listed } from '../suggest.ts';
import { entryOf, type Whole } from '../whole.ts';
import type { Rule } from './rule.ts';

export const scripts: Rule = ({ whole, step }) => {
  const passed = Object.keys(step.source.env ?? {});
  return [
    ...scriptsOf(step).flatMap(({ script, spot }) => [
      ...(whole.isOpen ? [] : lacking(script, spot, passed)),
      ...pasted(script, spot),
      ...invisible(script, spot),
    ]),
    ...ofShell(whole, step, passed),
    ...taken(step, passed),
  ];
};

/** The command of a shell gets the values of the step too. */
function ofShell(whole: Whole, { source }: PlacedCommand, passed: readonly string[]): readonly Mistake[] {
  const name = source.shell ?? '';
  const shell = entryOf(whole, 'shells', name, ({ shells }) => shells);
  if (shell === undefined || whole.isOpen) return [];
  const spot = below(shell.at, 'run');
  return [...lacking(shell.entry.run, spot, passed), ...pasted(shell.entry.run, spot), ...invisible(shell.entry.run, spot)];
}

function lacking(script: string, spot: Spot, passed: readonly string[]): readonly Mistake[] {
  return missingNames(script, passed).map((name) => {
    const message = `the script uses $${name}, which nobody gives it${didYouMean(name, passed)}`;
    return mistakeAt(spot, message, `env of the step; it has: ${listed(passed)}`);
  });
}

function pasted(script: string, spot: Spot): readonly Mistake[] {
  const value = pastedValue(script);
  if (value === undefined) return [];
  const check = 'give the value a name under `env` and write it as "$NAME"';
  return [mistakeAt(spot, `${value} is not filled in here: no value is ever pasted into a script`, check)];
}

/** What a reviewer cannot see must not run: control characters, direction marks, zero-width characters. */
function invisible(script: string, spot: Spot): readonly Mistake[] {
  const found = /[^\n\t\P{C}]|[\u2028\u2029]/u.exec(script)?.[0];
  if (found === undefined) return [];
  const code = `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const check = 'the line, in an editor that shows such characters; write it as an escape of the shell';
  return [mistakeAt(spot, `the script holds the invisible character ${code}`, check)];
}

/** The values of a request have names too. */
function taken(step: PlacedCommand, passed: readonly string[]): readonly Mistake[] {
  const names = requestsOf(step).flatMap(({ http, place }) => Object.keys(requestOf(http, place).env));
  return passed
    .filter((name) => names.includes(name))
    .map((name) => mistakeAt(step.envPlaceOf(name), `${name} is the name of a value of the request`, 'another name'));
}
