/** Declared inputs: that patterns compile, limits make sense and defaults are allowed values. */

import { buildInput } from './build.ts';
import type { Path } from './finding.ts';
import type { InputSource } from './inputs-schema.ts';
import type { Mistake } from './mistake.ts';
import type { ProcedureSource } from './source-schema.ts';
import { checkValue, wholePattern } from './value-types.ts';

export function checkDeclarations(source: ProcedureSource): readonly Mistake[] {
  return [...ofGroup('params', source.params), ...ofGroup('variables', source.variables)];
}

function ofGroup(group: string, inputs: Readonly<Record<string, InputSource>> | undefined): readonly Mistake[] {
  return Object.entries(inputs ?? {}).flatMap(([name, input]) => ofInput(name, input, [group, name]));
}

function ofInput(name: string, input: InputSource, path: Path): readonly Mistake[] {
  if (input.type === 'text' && input.pattern !== undefined && !compiles(input.pattern)) {
    return [
      { path: [...path, 'pattern'], message: `the pattern of ${name} is not a regular expression`, check: 'its brackets and backslashes' },
    ];
  }
  if (input.type === 'integer' && (input.min ?? 0) > (input.max ?? Number.MAX_SAFE_INTEGER)) {
    return [{ path: [...path, 'max'], message: `max of ${name} is below min`, check: 'both limits' }];
  }
  return ofDefault(name, input, path);
}

/** Which hosts there are is known only with a cluster. */
function ofDefault(name: string, input: InputSource, path: Path): readonly Mistake[] {
  if (input.default === undefined || input.type === 'host') return [];
  const checked = checkValue(buildInput(name, input).value, String(input.default), []);
  return checked.kind === 'ok'
    ? []
    : [{ path: [...path, 'default'], message: `the default of ${name} ${checked.must}`, check: 'the default' }];
}

function compiles(pattern: string): boolean {
  try {
    wholePattern(pattern);
    return true;
  } catch {
    return false;
  }
}
