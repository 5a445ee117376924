/** A library: what several procedures of a product share. `procedures/<product>/<name>.yaml` with `library:` in place of `procedure:`. */
import { type Finding, inFileOrder } from './finding.ts';
import { findingsOf } from './issues.ts';
import { type LibrarySource, librarySourceSchema } from './source-schema.ts';
import { type Located, parseYaml } from './yaml.ts';

export type Library = { readonly source: LibrarySource; readonly located: Located; readonly file: string };

export type LibraryResult =
  | { readonly kind: 'ok'; readonly library: Library }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

/** The libraries that a procedure can name, by name. */
export type Shelf = ReadonlyMap<string, Library>;

/** Whether a file is meant as a library: told from its first level, so that a mistake further down is explained as one of a library. */
export function isLibrary(text: string): boolean {
  return /^library\s*:/m.test(text);
}

/** Only the shape is looked at here; what its pieces mean is checked in each procedure that uses them. */
export function parseLibrary(text: string, file: string): LibraryResult {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = librarySourceSchema.safeParse(yaml.value.value);
  if (shape.success) return { kind: 'ok', library: { source: shape.data, located: yaml.value, file } };
  return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, 'docs/procedure-language.md')) };
}
