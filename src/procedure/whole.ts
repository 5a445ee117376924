/** A procedure with what its libraries lend it. */
import type { Library } from './library.ts';
import type { Spot } from './mistake.ts';
import type { InnerStep, ProcedureSource, SharedSource } from './source-schema.ts';

export type Whole = {
  readonly own: ProcedureSource;
  readonly libraries: readonly Library[];
  /** A library looked at by itself: names that it does not have may be those of the procedures that use it. */
  readonly isOpen?: boolean;
};

export type Section = 'groups' | 'shared' | 'shells' | 'secrets' | 'variables' | 'env';
type Source = ProcedureSource | Library['source'];
type Entries<T> = (source: Source) => Readonly<Record<string, T>> | undefined;

/** The steps of a group, and where they stand. */
export function groupOf(whole: Whole, name: string): { readonly steps: readonly InnerStep[]; readonly at: Spot } | undefined {
  const found = entryOf(whole, 'groups', name, ({ groups }) => groups);
  return found === undefined ? undefined : { steps: found.entry.steps, at: { ...found.at, path: [...found.at.path, 'steps'] } };
}

export function shellOf(whole: Whole, name: string): { readonly run: string } | undefined {
  return entryOf(whole, 'shells', name, ({ shells }) => shells)?.entry;
}

export type Piece = { readonly entry: SharedSource; readonly at: Spot };

/** The shared entries that a `use` brings, the nearest first: an entry may use another. One that is not there, or comes round again, ends them. */
export function piecesOf(whole: Whole, use: string | undefined, open: readonly string[] = []): readonly Piece[] {
  if (use === undefined || open.includes(use)) return [];
  const piece = entryOf(whole, 'shared', use, ({ shared }) => shared);
  return piece === undefined ? [] : [piece, ...piecesOf(whole, piece.entry.use, [...open, use])];
}

/** An entry of the procedure itself, or of the first library that has it. */
export function entryOf<T>(
  whole: Whole,
  section: Section,
  name: string,
  entries: Entries<T>,
): { readonly entry: T; readonly at: Spot } | undefined {
  for (const { source, library } of sourcesOf(whole)) {
    const all = entries(source);
    const entry = all !== undefined && Object.hasOwn(all, name) ? all[name] : undefined;
    if (entry !== undefined) return { entry, at: spotOf(section, name, library) };
  }
  return undefined;
}

/** Where a name of a section stands. */
export function placeIn(whole: Whole, section: Section, name: string): Spot | undefined {
  const at = sourcesOf(whole).find(({ source }) => Object.hasOwn(source[section] ?? {}, name));
  return at === undefined ? undefined : spotOf(section, name, at.library);
}

/** Names of a section, the procedure's own and the libraries'. */
export function namesIn(whole: Whole, section: Section): readonly string[] {
  return [...new Set(sourcesOf(whole).flatMap(({ source }) => Object.keys(source[section] ?? {})))];
}

/** All entries of a section; the procedure's own go before those of its libraries. */
export function merged<T>(whole: Whole, entries: Entries<T>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    sourcesOf(whole)
      .toReversed()
      .flatMap(({ source }) => Object.entries(entries(source) ?? {})),
  );
}

function spotOf(section: Section, name: string, library: string | undefined): Spot {
  return { path: [section, name], ...(library === undefined ? {} : { library }) };
}

function sourcesOf({ own, libraries }: Whole): readonly { readonly source: Source; readonly library: string | undefined }[] {
  return [
    { source: own, library: undefined },
    ...libraries.map((library) => ({ source: library.source, library: library.source.library })),
  ];
}
