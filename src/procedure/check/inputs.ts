/** Declared inputs: that patterns compile, limits make sense and defaults are allowed values. */

import { buildInput } from '../build-inputs.ts';
import type { InputSource } from '../inputs-schema.ts';
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import { below, variablesOf } from '../place.ts';
import { placeIn, type Whole } from '../whole.ts';
import { compiles } from '../pattern.ts';
import { checkValue } from '../value-types.ts';

export function checkDeclarations(whole: Whole): readonly Mistake[] {
  const variables = Object.entries(variablesOf(whole));
  return [
    ...Object.entries(whole.own.params ?? {}).flatMap(([name, input]) => ofInput(name, input, { path: ['params', name] })),
    ...variables.flatMap(([name, input]) => ofInput(name, input, placeIn(whole, 'variables', name) ?? { path: ['variables', name] })),
  ];
}

function ofInput(name: string, input: InputSource, spot: Spot): readonly Mistake[] {
  if (input.type === 'text' && input.pattern !== undefined && !compiles(input.pattern)) {
    return [mistakeAt(below(spot, 'pattern'), `the pattern of ${name} is not a regular expression`, 'its brackets and backslashes')];
  }
  if (input.type === 'integer' && (input.min ?? 0) > (input.max ?? Number.MAX_SAFE_INTEGER)) {
    return [mistakeAt(below(spot, 'max'), `max of ${name} is below min`, 'both limits')];
  }
  return [...ofValues(name, input, spot), ...ofDefault(name, input, spot)];
}

/** Values that nobody could ever give, and those that stand twice. */
function ofValues(name: string, input: InputSource, spot: Spot): readonly Mistake[] {
  if (input.type !== 'enum') return [];
  return input.values.flatMap((value, index) => {
    const at = below(spot, 'values', index);
    if (input.values.indexOf(value) < index) return [mistakeAt(at, `${name} has the value "${value}" twice`, 'the list')];
    const checked = checkValue({ type: 'enum', values: input.values }, value, []);
    return checked.kind === 'ok' ? [] : [mistakeAt(at, `a value of ${name} ${checked.must}`, 'the list')];
  });
}

/** Which hosts there are is known only with a cluster. */
function ofDefault(name: string, input: InputSource, spot: Spot): readonly Mistake[] {
  if (input.default === undefined || input.type === 'host') return [];
  const checked = checkValue(buildInput(name, input).value, String(input.default), []);
  return checked.kind === 'ok' ? [] : [mistakeAt(below(spot, 'default'), `the default of ${name} ${checked.must}`, 'the default')];
}
