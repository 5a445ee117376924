/** `procedures/<product>/<name>.yaml` to a procedure. Pure: text in, procedure or findings out. */
import { buildProcedure } from './build.ts';
import { checkExpressions } from './check-expressions.ts';
import { checkDeclarations } from './check-inputs.ts';
import { checkSteps } from './check-steps.ts';
import { type Finding, inFileOrder } from './finding.ts';
import { findingsOf } from './issues.ts';
import { findingOf } from './mistake.ts';
import type { Procedure } from './model.ts';
import { placeSteps } from './place.ts';
import { procedureSourceSchema } from './source-schema.ts';
import { parseYaml } from './yaml.ts';

export type ProcedureResult =
  | { readonly kind: 'ok'; readonly procedure: Procedure }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

const page = 'docs/procedure-language.md';

/** Every finding at once, in the order of the file; meaning is looked at once the shape is right. */
export function parseProcedure(text: string, file: string): ProcedureResult {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = procedureSourceSchema.safeParse(yaml.value.value);
  if (!shape.success) return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, page)) };
  const steps = placeSteps(shape.data);
  const mistakes = [...checkDeclarations(shape.data), ...checkSteps(shape.data, steps), ...checkExpressions(shape.data, steps)];
  if (mistakes.length > 0) return { kind: 'bad', findings: inFileOrder(mistakes.map((mistake) => findingOf(mistake, yaml.value, file))) };
  return { kind: 'ok', procedure: buildProcedure(shape.data, steps) };
}
