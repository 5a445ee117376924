/**
 * The one edge that reads procedure and cluster files. It owns which files count and what they must be called; what is in them is for the
 * parsers. A file that cannot be read or is malformed becomes findings and never hides the others; nothing here throws for what it finds.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Cluster } from '../inventory/model.ts';
import { parseCluster } from '../inventory/parse.ts';
import type { Finding } from '../procedure/finding.ts';
import { isLibrary, type Library as Lent, parseLibrary, type Shelf } from '../procedure/library.ts';
import type { Procedure } from '../procedure/model.ts';
import { parseProcedure } from '../procedure/parse.ts';

export { formatFinding } from '../procedure/finding.ts';

export type Library = {
  readonly procedures: readonly Procedure[];
  readonly clusters: readonly Cluster[];
  readonly findings: readonly Finding[];
};

/** Above what the parsers accept, so that a huge file is refused without being read. */
const maxBytes = 2 * 1024 * 1024;

/** Procedures in `<procedures>/<product>/<name>.yaml`, clusters in `<clusters>/<name>.yaml`, each sorted by its path. */
export function loadLibrary(folders: { readonly procedures: string; readonly clusters: string }): Library {
  const procedures = productFolders(folders.procedures).flatMap(loadProduct);
  const clusters = yamlFiles(folders.clusters).map(({ file, text }) => loadCluster(file, text));
  return {
    procedures: procedures.flatMap((each) => ('procedure' in each ? [each.procedure] : [])),
    clusters: clusters.flatMap((each) => ('cluster' in each ? [each.cluster] : [])),
    findings: [...procedures, ...clusters].flatMap((each) => ('findings' in each ? each.findings : [])),
  };
}

type Text = { readonly file: string; readonly text: string | Finding };
type Bad = { readonly findings: readonly Finding[] };

/** Libraries first, for the procedures beside them. Files that end in `.test.yaml` are for `keyturn test`. */
function loadProduct(files: readonly Text[]): readonly ({ readonly procedure: Procedure } | Bad)[] {
  const libraries = files.filter(({ text }) => typeof text === 'string' && isLibrary(text)).map(({ file, text }) => loadLent(file, text));
  const shelf: Shelf = new Map(libraries.flatMap((each) => ('lent' in each ? [[each.lent.source.library, each.lent] as const] : [])));
  const others = files.filter(({ text }) => typeof text !== 'string' || !isLibrary(text));
  return [
    ...libraries.flatMap((each) => ('findings' in each ? [each] : [])),
    ...others.map(({ file, text }) => loadProcedure(file, text, shelf)),
  ];
}

function loadLent(file: string, text: string | Finding): { readonly lent: Lent } | Bad {
  if (typeof text !== 'string') return { findings: [text] };
  const result = parseLibrary(text, file);
  if (result.kind === 'bad') return result;
  const { library: name, product } = result.library.source;
  if (name !== nameOf(file)) return misnamed(file, 'library', name, `the file is called ${basename(file)}`);
  const folder = basename(dirname(file));
  return product === folder ? { lent: result.library } : misnamed(file, 'product', product, `the folder is called ${folder}`);
}

function loadProcedure(file: string, text: string | Finding, shelf: Shelf): { readonly procedure: Procedure } | Bad {
  if (typeof text !== 'string') return { findings: [text] };
  const result = parseProcedure(text, file, shelf);
  if (result.kind === 'bad') return result;
  const { name, product } = result.procedure;
  if (name !== nameOf(file)) return misnamed(file, 'procedure', name, `the file is called ${basename(file)}`);
  const folder = basename(dirname(file));
  return product === folder ? { procedure: result.procedure } : misnamed(file, 'product', product, `the folder is called ${folder}`);
}

function loadCluster(file: string, text: string | Finding): { readonly cluster: Cluster } | Bad {
  if (typeof text !== 'string') return { findings: [text] };
  const result = parseCluster(text, file);
  if (result.kind === 'bad') return result;
  const { name } = result.cluster;
  return name === nameOf(file) ? { cluster: result.cluster } : misnamed(file, 'cluster', name, `the file is called ${basename(file)}`);
}

function misnamed(file: string, key: string, value: string, is: string): Bad {
  return { findings: [finding(file, `\`${key}\` says ${value}, but ${is}`, 'one of the two names; they must be the same', key)] };
}

function productFolders(folder: string): readonly (readonly Text[])[] {
  const products = entriesOf(folder);
  if (!Array.isArray(products)) return [[{ file: folder, text: products }]];
  return products.filter((entry) => entry.isDirectory).map((entry) => yamlFiles(entry.path));
}

function yamlFiles(folder: string): readonly Text[] {
  const entries = entriesOf(folder);
  if (!Array.isArray(entries)) return [{ file: folder, text: entries }];
  return entries
    .filter((entry) => !entry.isDirectory && /\.ya?ml$/.test(entry.path) && !/\.test\.ya?ml$/.test(entry.path))
    .map(({ path }) => ({ file: path, text: textOf(path) }));
}

type Entry = { readonly path: string; readonly isDirectory: boolean };

/** Hidden ones are left out; links are followed, since a mounted ConfigMap consists of them. */
function entriesOf(folder: string): Entry[] | Finding {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return names.sort().map((name) => ({ path: join(folder, name), isDirectory: isFolder(join(folder, name)) }));
  } catch (error) {
    return finding(
      folder,
      `the folder cannot be read: ${reasonOf(error)}`,
      'that it exists and may be read; KEYTURN_PROCEDURES and KEYTURN_CLUSTERS name it',
    );
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function textOf(path: string): string | Finding {
  try {
    if (statSync(path).size > maxBytes) return finding(path, 'the file is larger than 1 MiB', 'whether this is the file that you meant');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    return finding(path, `the file cannot be read: ${reasonOf(error)}`, 'that it is a UTF-8 text file and may be read');
  }
}

function finding(file: string, message: string, check: string, path = ''): Finding {
  return { file, line: 1, column: 1, path, message, check };
}

function nameOf(file: string): string {
  return basename(file).replace(/\.ya?ml$/, '');
}

/** The system's reason in words; an unforeseen one by its code. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
  return reasons[code] ?? code;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  ENOTDIR: 'it is not a folder',
  ELOOP: 'its links go in a circle',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};
