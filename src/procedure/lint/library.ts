/** A library looked at by itself: also one that no procedure uses yet, and also the entries that none of them uses. */
import { type Finding, inFileOrder } from '../finding.ts';
import type { Library } from '../library.ts';
import { findingOf, type Mistake } from '../mistake.ts';
import { mistakesIn } from '../parse.ts';
import { placeSteps } from '../place.ts';
import type { AnyStep, ProcedureSource } from '../source-schema.ts';
import type { Whole } from '../whole.ts';
import { alarmsOf } from './lint.ts';
import { type Used, unusedEntries } from './used.ts';

/**
 * What is wrong whoever uses it. A name that the library does not have may be one of the procedure's, and whether a piece stands in an unsafe
 * step is not known here: that is said with the procedures.
 */
export function lintLibrary(library: Library): readonly Finding[] {
  const stages = stagesFor(library);
  const mistakes = stages.flatMap((whole) => mistakesIn(whole, placeSteps(whole)));
  const found = told(library, mistakes);
  return found.length > 0
    ? found
    : told(
        library,
        stages.flatMap((whole) => alarmsOf(whole, placeSteps(whole))),
      );
}

/** Each group and each shared entry as a procedure of its own, so that ids and names of one do not meet those of another. */
function stagesFor(library: Library): readonly Whole[] {
  const { groups = {}, shared = {} } = library.source;
  const piece = { id: 'piece', title: 'A piece', on: 'any host' };
  const steps: readonly AnyStep[] = [
    { ...piece, run: ':', timeout: '1s' },
    ...Object.keys(groups).map((group) => ({ group })),
    ...Object.keys(shared).map((use) => ({ ...piece, use })),
  ];
  return steps.map((step) => ({ own: stage(library, step), libraries: [library], isOpen: true }));
}

function stage({ source }: Library, step: AnyStep): ProcedureSource {
  return { procedure: source.library, product: source.product, title: source.library, libraries: [source.library], steps: [step] };
}

/** Those of the stage itself are left out. */
function told({ located, file }: Library, mistakes: readonly (Mistake & { readonly rule?: string })[]): readonly Finding[] {
  const own = mistakes.filter(({ library }) => library !== undefined);
  return inFileOrder(
    own.map((each) => ({ ...findingOf(each, located, file), ...(each.rule === undefined ? {} : { rule: each.rule }) })),
    file,
  );
}

/** Entries that no procedure uses, in words. */
export function unusedIn(library: Library, users: readonly Used[]): readonly string[] {
  if (library.source.accept?.unused !== undefined) return [];
  return unusedEntries(library.source, users).map(({ name, what }) => `no procedure uses the ${what} ${name}`);
}
