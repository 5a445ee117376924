/** What is open while a script is read: the command, the compounds around it, the here-documents that are still to come. */
import type { Command, Compound, End, Redirect, Word } from './model.ts';
import type { Cursor } from './words.ts';

export type Open<T> = { -readonly [K in keyof T]: T[K] };
type OpenCommand = { words: Word[]; assignments: { name: string; value: Word }[]; redirects: Redirect[]; around: Compound[] };
type OpenCompound = Open<Compound> & { redirects: Redirect[] };

export type Reader = {
  readonly cursor: Cursor;
  readonly commands: Command[];
  readonly compounds: OpenCompound[];
  readonly functions: string[];
  /** Compounds that are not closed yet, the innermost last. */
  readonly stack: OpenCompound[];
  /** Here-documents that begin after this line. */
  readonly awaited: { readonly redirect: Open<Redirect>; readonly end: Word }[];
  command: OpenCommand;
  /** The compound that was just closed: what follows it is its own. */
  closed: OpenCompound | undefined;
  /** In a `case`, before the next pattern. */
  isAtPattern: boolean;
  isOver: boolean;
};

export function open(cursor: Cursor): Reader {
  return {
    ...{ cursor, commands: [], compounds: [], functions: [], stack: [], awaited: [] },
    ...{ command: blank(), closed: undefined, isAtPattern: false, isOver: false },
  };
}

export function blank(): OpenCommand {
  return { words: [], assignments: [], redirects: [], around: [] };
}

/** Ends the open command, or the compound that was just closed. */
export function finish(reader: Reader, end: End): void {
  const { command, closed } = reader;
  if (closed !== undefined) closed.end = end;
  if (command.words.length + command.assignments.length + command.redirects.length > 0) {
    reader.commands.push({ ...command, end, around: [...reader.stack] });
  }
  reader.closed = undefined;
  reader.command = blank();
}

/** Deeper than anybody nests. */
const DEEPEST = 100;

export function enter(reader: Reader, kind: Compound['kind']): void {
  if (reader.stack.length >= DEEPEST) return;
  const from = reader.commands.length;
  const compound: OpenCompound = { kind, from, body: from, to: from, redirects: [], end: 'end' };
  reader.compounds.push(compound);
  reader.stack.push(compound);
}

/** Closes the innermost of these, and whatever was left open in it. */
export function leave(reader: Reader, ...kinds: readonly Compound['kind'][]): void {
  const index = reader.stack.findLastIndex(({ kind }) => kinds.includes(kind));
  if (index < 0) return;
  const [compound, ...unclosed] = reader.stack.splice(index);
  for (const each of [...(compound === undefined ? [] : [compound]), ...unclosed]) each.to = reader.commands.length;
  reader.closed = compound;
}
