/** What must hold of a procedure as a whole: its libraries and groups exist, no name means two things, no group holds itself. */
import type { Shelf } from '../library.ts';
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import { below } from '../place.ts';
import { ruleMistakes } from '../policy-source.ts';
import type { AnyStep } from '../source-schema.ts';
import { didYouMean, listed } from '../suggest.ts';
import { groupOf, namesIn, piecesOf, type Whole } from '../whole.ts';
import { missing } from './roles.ts';

const sections = ['variables', 'secrets', 'shells', 'env', 'shared', 'groups'] as const;

export function checkWhole(whole: Whole, shelf: Shelf): readonly Mistake[] {
  return [...libraries(whole, shelf), ...rights(whole), ...twice(whole), ...ofSteps(whole, whole.own.steps, { path: ['steps'] }, [])];
}

function rights({ own: { may } }: Whole): readonly Mistake[] {
  return may?.approve === undefined ? [] : ruleMistakes(may.approve, ['may', 'approve'], false);
}

/** Shared entries that use others: those are there, and none uses itself. */
export function checkPieces(whole: Whole): readonly Mistake[] {
  return namesIn(whole, 'shared').flatMap((name) => {
    const pieces = piecesOf(whole, name);
    const [piece] = pieces;
    const use = piece?.entry.use;
    if (piece === undefined || use === undefined) return [];
    const spot = below(piece.at, 'use');
    const circle = pieces.map(({ entry }) => entry.use);
    if (!circle.includes(name)) return missing(whole, 'shared', use, spot);
    return [mistakeAt(spot, `the shared entry ${name} uses itself`, `the way round: ${[name, ...circle].join(' → ')}`)];
  });
}

function libraries({ own, libraries: found }: Whole, shelf: Shelf): readonly Mistake[] {
  const wanted = own.libraries ?? [];
  const names = [...shelf.keys()];
  const missing = wanted.flatMap((name, index) => {
    if (shelf.has(name)) return [];
    const message = `there is no library ${name} beside this file${didYouMean(name, names)}`;
    const check = `libraries of ${own.product}: ${listed(names)}; one with mistakes in its form counts as missing`;
    return [mistakeAt({ path: ['libraries', index] }, message, check)];
  });
  const repeated = wanted.flatMap((name, index) =>
    wanted.indexOf(name) === index ? [] : [mistakeAt({ path: ['libraries', index] }, `the library ${name} stands here twice`, 'the list')],
  );
  const others = found.flatMap(({ source }) =>
    source.product === own.product
      ? []
      : [mistakeAt({ path: ['libraries'] }, `the library ${source.library} is for ${source.product}`, '`product` in both files')],
  );
  return [...missing, ...repeated, ...others];
}

/** What stands in a file and in a library of it could be read as either. */
function twice({ own, libraries: found }: Whole): readonly Mistake[] {
  return sections.flatMap((section) => {
    const owners = new Map<string, string>(Object.keys(own[section] ?? {}).map((name) => [name, 'this procedure']));
    return found.flatMap(({ source }) =>
      Object.keys(source[section] ?? {}).flatMap((name) => {
        const owner = owners.get(name);
        owners.set(name, `the library ${source.library}`);
        if (owner === undefined) return [];
        const spot: Spot = owner === 'this procedure' ? { path: [section, name] } : { path: ['libraries'] };
        return [mistakeAt(spot, `${section} has ${name} twice: in ${owner} and in the library ${source.library}`, 'one of the two names')];
      }),
    );
  });
}

function ofSteps(whole: Whole, steps: readonly AnyStep[], at: Spot, open: readonly string[]): readonly Mistake[] {
  return steps.flatMap((step, index) => {
    const here = below(at, index);
    if ('phase' in step) return ofSteps(whole, step.steps, below(here, 'steps'), open);
    return 'group' in step ? ofGroup(whole, step.group, below(here, 'group'), open) : [];
  });
}

function ofGroup(whole: Whole, name: string, spot: Spot, open: readonly string[]): readonly Mistake[] {
  const found = groupOf(whole, name);
  const names = namesIn(whole, 'groups');
  if (found === undefined) {
    return [mistakeAt(spot, `there is no "${name}" under groups${didYouMean(name, names)}`, `entries under groups: ${listed(names)}`)];
  }
  if (open.includes(name)) return [mistakeAt(spot, `the group ${name} holds itself`, `the way in: ${[...open, name].join(' → ')}`)];
  return ofSteps(whole, found.steps, found.at, [...open, name]);
}
