/** `procedures/<product>/<name>.yaml` to a procedure. Pure: text in, procedure or findings out. */
import { buildProcedure } from './build.ts';
import { checkUse } from './check/expressions.ts';
import { checkDeclarations } from './check/inputs.ts';
import { checkSteps } from './check/steps.ts';
import { checkPieces, checkWhole } from './check/whole.ts';
import { type Finding, inFileOrder } from './finding.ts';
import { findingsOf } from './issues.ts';
import type { Shelf } from './library.ts';
import { findingOf, type Mistake } from './mistake.ts';
import type { Procedure } from './model.ts';
import { type Placed, placeSteps } from './place.ts';
import { procedureSourceSchema } from './source-schema.ts';
import { usesIn } from './uses.ts';
import type { Whole } from './whole.ts';
import { parseYaml } from './yaml.ts';

type Bad = { readonly kind: 'bad'; readonly findings: readonly Finding[] };

export type ProcedureResult = { readonly kind: 'ok'; readonly procedure: Procedure } | Bad;

/** A procedure whose every check has passed, still as it was written. */
export type Understood = {
  readonly kind: 'ok';
  readonly whole: Whole;
  readonly steps: readonly Placed[];
  /** A mistake in a library is told with the library's file and line. */
  readonly findingOf: (mistake: Mistake) => Finding;
};

export const page = 'docs/procedure-language.md';

/** Every finding at once, in the order of the file; meaning is looked at once the shape is right. `shelf`: the libraries of the same product. */
export function parseProcedure(text: string, file: string, shelf: Shelf = new Map()): ProcedureResult {
  const read = readProcedure(text, file, shelf);
  return read.kind === 'bad' ? read : { kind: 'ok', procedure: buildProcedure(read.whole, read.steps) };
}

/** The same, for who looks at it as it was written. */
export function readProcedure(text: string, file: string, shelf: Shelf): Understood | Bad {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = procedureSourceSchema.safeParse(yaml.value.value);
  if (!shape.success) return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, page)) };
  const libraries = [...new Set(shape.data.libraries)].flatMap((name) => shelf.get(name) ?? []);
  const whole: Whole = { own: shape.data, libraries };
  const steps = placeSteps(whole);
  const toFinding = (mistake: Mistake): Finding => {
    const library = libraries.find(({ source }) => source.library === mistake.library);
    return library === undefined ? findingOf(mistake, yaml.value, file) : findingOf(mistake, library.located, library.file);
  };
  const mistakes = [...checkWhole(whole, shelf), ...mistakesIn(whole, steps)];
  if (mistakes.length > 0) return { kind: 'bad', findings: inFileOrder(mistakes.map(toFinding), file) };
  return { kind: 'ok', whole, steps, findingOf: toFinding };
}

/** What the steps and declarations get wrong. */
export function mistakesIn(whole: Whole, steps: readonly Placed[]): readonly Mistake[] {
  return [...checkDeclarations(whole), ...checkPieces(whole), ...checkSteps(whole, steps), ...usesIn(whole, steps).flatMap(checkUse)];
}
