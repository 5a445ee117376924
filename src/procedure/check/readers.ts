/** Readers and patterns: a pattern is for the reader that reads by one, and is a regular expression. */
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import { compiles } from '../pattern.ts';
import { below, isPiece } from '../place.ts';
import type { Rule } from './rule.ts';

type Look = { readonly read?: string | undefined; readonly pattern?: string | undefined };

export const readers: Rule = ({ whole, step }) => {
  const { run, http, until, unless, requires = [], answers = [] } = step.source;
  const isPart = isPiece(whole, step);
  return [
    ...(run === undefined && http === undefined && !isPart ? [] : ofReader(step.source, step.placeOf, isPart)),
    ...(until === undefined ? [] : ofReader(until, (key) => below(step.placeOf('until'), key))),
    ...(unless === undefined ? [] : ofReader(unless, (key) => below(step.placeOf('unless'), key))),
    ...requires.flatMap((each, index) => ofReader(each, (key) => below(step.placeOf('requires'), index, key))),
    ...answers.flatMap(({ prompt }, index) => (compiles(prompt) ? [] : [noPattern(below(step.placeOf('answers'), index, 'prompt'))])),
  ];
};

/** A piece by itself may leave reader or pattern to the step that uses it. */
function ofReader({ read, pattern }: Look, placeOf: (key: string) => Spot, isPart = false): readonly Mistake[] {
  if (read === 'regex' && pattern === undefined && !isPart) {
    const check = 'a regular expression with named groups, such as (?<lag>[0-9]+)';
    return [mistakeAt(placeOf('read'), '`read: regex` needs a `pattern`', check)];
  }
  if (pattern === undefined) return [];
  if (read !== 'regex' && !(isPart && read === undefined)) {
    return [mistakeAt(placeOf('pattern'), '`pattern` is for `read: regex`', 'the reader, or leave the pattern out')];
  }
  return compiles(pattern) ? [] : [noPattern(placeOf('pattern'))];
}

function noPattern(spot: Spot): Mistake {
  return mistakeAt(spot, 'this is not a regular expression', 'its brackets and backslashes; a named group is (?<name>…)');
}
