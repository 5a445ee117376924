/** The values that parameters can have, for rules that try them all. */
import type { InputSource } from '../inputs-schema.ts';
import type { Whole } from '../whole.ts';

/** All values of an enum, and of an integer between near limits; undefined where there are too many. An optional one may be empty text. */
export function valuesOf(input: InputSource): readonly (string | number)[] | undefined {
  const isOptional = input.required === false && input.default === undefined;
  const values = listed(input);
  return values === undefined ? undefined : [...values, ...(isOptional ? [''] : [])];
}

const most = 200;

function listed(input: InputSource): readonly (string | number)[] | undefined {
  if (input.type === 'enum') return input.values;
  if (input.type !== 'integer' || input.max === undefined) return undefined;
  const min = input.min ?? 0;
  return input.max - min < most ? Array.from({ length: input.max - min + 1 }, (_none, index) => min + index) : undefined;
}

export function paramOf(whole: Whole, name: string): InputSource | undefined {
  const params = whole.own.params ?? {};
  return Object.hasOwn(params, name) ? params[name] : undefined;
}
