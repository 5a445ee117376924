/** `procedures/<product>/<name>.yaml` to a procedure. Pure: text in, procedure or findings out. */
import { buildProcedure } from './build.ts';
import { checkExpressions } from './check-expressions.ts';
import { checkDeclarations } from './check-inputs.ts';
import { checkSteps } from './check-steps.ts';
import { checkWhole } from './check-whole.ts';
import { type Finding, inFileOrder } from './finding.ts';
import { findingsOf } from './issues.ts';
import type { Shelf } from './library.ts';
import { findingOf, type Mistake } from './mistake.ts';
import type { Procedure } from './model.ts';
import { placeSteps, type Whole } from './place.ts';
import { procedureSourceSchema } from './source-schema.ts';
import { type Located, parseYaml } from './yaml.ts';

export type ProcedureResult =
  | { readonly kind: 'ok'; readonly procedure: Procedure }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

const page = 'docs/procedure-language.md';

/** Every finding at once, in the order of the file; meaning is looked at once the shape is right. `shelf`: the libraries of the same product. */
export function parseProcedure(text: string, file: string, shelf: Shelf = new Map()): ProcedureResult {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = procedureSourceSchema.safeParse(yaml.value.value);
  if (!shape.success) return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, page)) };
  const libraries = (shape.data.libraries ?? []).flatMap((name) => shelf.get(name) ?? []);
  const whole: Whole = { own: shape.data, libraries };
  const steps = placeSteps(whole);
  const mistakes = [
    ...checkWhole(whole, shelf),
    ...checkDeclarations(whole),
    ...checkSteps(whole, steps),
    ...checkExpressions(whole, steps),
  ];
  if (mistakes.length > 0)
    return { kind: 'bad', findings: inFileOrder(mistakes.map((each) => located(each, yaml.value, file, libraries))) };
  return { kind: 'ok', procedure: buildProcedure(whole, steps) };
}

/** A mistake in a library is told with the library's file and line. */
function located(mistake: Mistake, own: Located, file: string, libraries: Whole['libraries']): Finding {
  const library = libraries.find(({ source }) => source.library === mistake.library);
  return library === undefined ? findingOf(mistake, own, file) : findingOf(mistake, library.located, library.file);
}
