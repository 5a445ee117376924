/** From the steps as written to a flat list: libraries joined, groups and phases opened, `use` and the common `env` filled in, and where each piece stood. */
import type { Library } from './library.ts';
import type { Spot } from './mistake.ts';
import type { AnnounceSource, AnyStep, CommandSource, ConfirmSource, InnerStep, ManualSource, ProcedureSource } from './source-schema.ts';

type Common<S> = { readonly id: string; readonly source: S; readonly at: Spot; readonly phase: string | undefined };

export type PlacedCommand = Common<CommandSource> & {
  readonly kind: 'command';
  /** `source`: the step's own keys over those of the shared entry it uses. The phase's reason, for a step that does something and says nothing itself: */
  readonly phaseUnsafe: string | undefined;
  /** Where a key of the merged step was written. */
  readonly placeOf: (key: string) => Spot;
  readonly envPlaceOf: (name: string) => Spot;
};
export type PlacedAnnounce = Common<AnnounceSource> & { readonly kind: 'announce' };
export type PlacedManual = Common<ManualSource> & { readonly kind: 'manual' };
export type PlacedConfirm = Common<ConfirmSource> & { readonly kind: 'confirm' };
export type Placed = PlacedCommand | PlacedAnnounce | PlacedManual | PlacedConfirm;

/** The procedure with what its libraries lend. */
export type Whole = {
  readonly own: ProcedureSource;
  readonly libraries: readonly Library[];
};

type Around = { readonly phase: string | undefined; readonly unsafe: string | undefined; readonly when: string | undefined };
type Raw = { readonly source: Exclude<InnerStep, { group: string }>; readonly at: Spot; readonly around: Around };

const outside: Around = { phase: undefined, unsafe: undefined, when: undefined };

export function placeSteps(whole: Whole): readonly Placed[] {
  const count = { announce: 0, manual: 0, confirm: 0 };
  const numbered = (kind: keyof typeof count): string => {
    count[kind] += 1;
    return `${kind}-${count[kind]}`;
  };
  return flatten(whole, whole.own.steps, { path: ['steps'] }, outside, []).map((raw) => {
    const source = withWhen(raw.source, raw.around.when);
    const common = { at: raw.at, phase: raw.around.phase };
    if ('announce' in source) return { kind: 'announce', id: source.id ?? numbered('announce'), source, ...common };
    if ('manual' in source) return { kind: 'manual', id: source.id ?? numbered('manual'), source, ...common };
    if ('confirm' in source) return { kind: 'confirm', id: source.id ?? numbered('confirm'), source, ...common };
    return placeCommand(whole, raw, source);
  });
}

/** A group that stands in itself is left out here and told by `checkGroups`. */
function flatten(whole: Whole, steps: readonly AnyStep[], at: Spot, around: Around, open: readonly string[]): readonly Raw[] {
  return steps.flatMap((step, index): readonly Raw[] => {
    const here = below(at, index);
    if ('phase' in step) {
      const { phase, unsafe, when } = step;
      return flatten(whole, step.steps, below(here, 'steps'), { phase, unsafe, when: both(around.when, when) }, open);
    }
    if ('group' in step) {
      const found = groupOf(whole, step.group);
      if (found === undefined || open.includes(step.group)) return [];
      return flatten(whole, found.steps, found.at, { ...around, when: both(around.when, step.when) }, [...open, step.group]);
    }
    return [{ source: step, at: here, around }];
  });
}

export function below(at: Spot, ...parts: readonly (string | number)[]): Spot {
  return { ...at, path: [...at.path, ...parts] };
}

type Section = 'groups' | 'shared' | 'shells' | 'secrets' | 'variables' | 'env';
type Source = ProcedureSource | Library['source'];

/** The steps of a group, and where they stand. */
export function groupOf(whole: Whole, name: string): { readonly steps: readonly InnerStep[]; readonly at: Spot } | undefined {
  const found = find(whole, 'groups', name, ({ groups }) => groups);
  return found === undefined ? undefined : { steps: found.entry.steps, at: below(found.at, 'steps') };
}

export function shellOf(whole: Whole, name: string): { readonly run: string } | undefined {
  return find(whole, 'shells', name, ({ shells }) => shells)?.entry;
}

/** Where a name of a section stands: in the procedure itself, or in the first library that has it. */
export function placeIn(whole: Whole, section: Section, name: string): Spot | undefined {
  const at = sourcesOf(whole).find(({ source }) => has(source[section], name));
  return at === undefined ? undefined : spotOf(section, name, at.library);
}

function find<T>(
  whole: Whole,
  section: Section,
  name: string,
  entries: (source: Source) => Readonly<Record<string, T>> | undefined,
): { readonly entry: T; readonly at: Spot } | undefined {
  for (const { source, library } of sourcesOf(whole)) {
    const all = entries(source);
    const entry = all !== undefined && Object.hasOwn(all, name) ? all[name] : undefined;
    if (entry !== undefined) return { entry, at: spotOf(section, name, library) };
  }
  return undefined;
}

function spotOf(section: Section, name: string, library: string | undefined): Spot {
  return { path: [section, name], ...(library === undefined ? {} : { library }) };
}

/** Names of a section, the procedure's own and the libraries'. */
export function namesIn(whole: Whole, section: Section): readonly string[] {
  return [...new Set(sourcesOf(whole).flatMap(({ source }) => Object.keys(source[section] ?? {})))];
}

function sourcesOf({ own, libraries }: Whole): readonly { readonly source: Source; readonly library: string | undefined }[] {
  return [
    { source: own, library: undefined },
    ...libraries.map((library) => ({ source: library.source, library: library.source.library })),
  ];
}

/** All entries of a section; the procedure's own go before those of its libraries. */
export function merged<K extends 'secrets' | 'variables' | 'env'>(whole: Whole, section: K): NonNullable<ProcedureSource[K]> {
  const all = sourcesOf(whole).map(({ source }) => source[section] ?? {});
  return Object.assign({}, ...all.reverse());
}

function withWhen<S extends { readonly when?: string | undefined }>(source: S, around: string | undefined): S {
  const when = both(around, source.when);
  return when === undefined ? source : { ...source, when };
}

function both(outer: string | undefined, inner: string | undefined): string | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return `(${outer}) && (${inner})`;
}

function placeCommand(whole: Whole, raw: Raw, own: CommandSource): PlacedCommand {
  const piece = own.use === undefined ? undefined : find(whole, 'shared', own.use, ({ shared }) => shared);
  const shared = piece?.entry;
  const env = { ...merged(whole, 'env'), ...shared?.env, ...own.env };
  return {
    kind: 'command',
    id: own.id,
    source: { ...shared, ...own, env },
    at: raw.at,
    phase: raw.around.phase,
    phaseUnsafe: raw.around.unsafe,
    placeOf: (key) => (has(own, key) || piece === undefined || !has(shared, key) ? below(raw.at, key) : below(piece.at, key)),
    envPlaceOf: (name) => {
      if (has(own.env, name)) return below(raw.at, 'env', name);
      if (piece !== undefined && has(shared?.env, name)) return below(piece.at, 'env', name);
      return placeIn(whole, 'env', name) ?? { path: ['env', name] };
    },
  };
}

function has(record: object | undefined, key: string): boolean {
  return record !== undefined && Object.hasOwn(record, key);
}
