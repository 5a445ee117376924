/**
 * The one edge that reads procedure and cluster files. It owns which files count and what they must be called; what is in them is for the
 * parsers. A malformed file becomes findings and never hides the others.
 */
import { basename, dirname } from 'node:path';
import type { Cluster } from '../inventory/model.ts';
import { parseCluster } from '../inventory/parse.ts';
import type { Finding } from '../procedure/finding.ts';
import { isLibrary, type Library as Lent, parseLibrary, type Shelf } from '../procedure/library.ts';
import type { Procedure } from '../procedure/model.ts';
import { parseProcedure } from '../procedure/parse.ts';
import { finding, foldersIn, nameOf, type Text, yamlFiles } from './texts.ts';

export { formatFinding } from '../procedure/finding.ts';

export type Library = {
  readonly procedures: readonly Procedure[];
  readonly clusters: readonly Cluster[];
  /** Each once, also a mistake in a library that several procedures use. */
  readonly findings: readonly Finding[];
  /** What cannot be used, by the name that people type, and the file in which to look. */
  readonly broken: readonly { readonly name: string; readonly file: string }[];
};

/** Procedures in `<procedures>/<product>/<name>.yaml`, clusters in `<clusters>/<name>.yaml`, each sorted by its path. */
export function loadLibrary(folders: { readonly procedures: string; readonly clusters: string }): Library {
  const products = productFolders(folders.procedures).map((files) => openProduct(files));
  const procedures = products.flatMap(({ shelf, files }) => files.map((each) => loadProcedure(each, shelf)));
  const clusters = yamlFiles(folders.clusters).map(loadCluster);
  const bad = [
    ...products.flatMap(({ badLibraries }) => badLibraries),
    ...[...procedures, ...clusters].flatMap((each) => ('findings' in each ? [each] : [])),
  ];
  return {
    procedures: procedures.flatMap((each) => ('procedure' in each ? [each.procedure] : [])),
    clusters: clusters.flatMap((each) => ('cluster' in each ? [each.cluster] : [])),
    findings: onceEach(bad.flatMap(({ findings }) => findings)),
    broken: bad.map(({ file, findings }) => ({ name: nameOf(file), file: findings[0]?.file ?? file })),
  };
}

/** A file with mistakes. */
export type Bad = { readonly file: string; readonly findings: readonly Finding[] };

/** A product's folder: the libraries that can be used, what is wrong with the others, and the files that are none. */
export type Product = { readonly shelf: Shelf; readonly badLibraries: readonly Bad[]; readonly files: readonly Text[] };

/** The files of each product's folder; where the folder above cannot be read, that is the one file. */
export function productFolders(folder: string): readonly (readonly Text[])[] {
  const folders = foldersIn(folder);
  return 'message' in folders ? [[{ file: folder, text: folders }]] : folders.map(yamlFiles);
}

/** `isNamed`: files are called as what is in them, and the folder as the product. */
export function openProduct(all: readonly Text[], isNamed = true): Product {
  const libraries = all.flatMap(({ file, text }) => (typeof text === 'string' && isLibrary(text) ? [loadLent(file, text, isNamed)] : []));
  return {
    shelf: new Map(libraries.flatMap((each) => ('lent' in each ? [[each.lent.source.library, each.lent] as const] : []))),
    badLibraries: libraries.flatMap((each) => ('findings' in each ? [each] : [])),
    files: all.filter(({ text }) => typeof text !== 'string' || !isLibrary(text)),
  };
}

function loadLent(file: string, text: string, isNamed: boolean): { readonly lent: Lent } | Bad {
  const result = parseLibrary(text, file);
  if (result.kind === 'bad') return { file, findings: result.findings };
  const { library, product } = result.library.source;
  const wrong = isNamed ? misnamed(file, 'library', library, product) : undefined;
  return wrong ?? { lent: result.library };
}

export function loadProcedure({ file, text }: Text, shelf: Shelf): { readonly procedure: Procedure } | Bad {
  if (typeof text !== 'string') return { file, findings: [text] };
  const result = parseProcedure(text, file, shelf);
  if (result.kind === 'bad') return { file, findings: result.findings };
  const { name, product } = result.procedure;
  return misnamed(file, 'procedure', name, product) ?? { procedure: result.procedure };
}

export function loadCluster({ file, text }: Text): { readonly cluster: Cluster } | Bad {
  if (typeof text !== 'string') return { file, findings: [text] };
  const result = parseCluster(text, file);
  if (result.kind === 'bad') return { file, findings: result.findings };
  return misnamed(file, 'cluster', result.cluster.name) ?? { cluster: result.cluster };
}

/** The name inside a file is the file's, and the product inside it the folder's. */
function misnamed(file: string, key: string, name: string, product?: string): Bad | undefined {
  const folder = basename(dirname(file));
  const wrong = (what: string, value: string, is: string): Bad => {
    const message = `\`${what}\` says ${value}, but ${is}`;
    return { file, findings: [finding(file, message, 'one of the two names; they must be the same', what)] };
  };
  if (name !== nameOf(file)) return wrong(key, name, `the file is called ${basename(file)}`);
  return product === undefined || product === folder ? undefined : wrong('product', product, `the folder is called ${folder}`);
}

/** A mistake in a library is found by every procedure that uses it. */
export function onceEach(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((each) => [`${each.file}:${each.line}:${each.column}:${each.message}`, each])).values()];
}
