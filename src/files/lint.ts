/** `keyturn lint`: what is wrong in files, and what their authors should think about. */
import { dirname, resolve, sep } from 'node:path';
import { checkFit } from '../inventory/fit.ts';
import type { Cluster } from '../inventory/model.ts';
import { parseCluster } from '../inventory/parse.ts';
import { parsePeople } from '../inventory/people.ts';
import type { Finding } from '../procedure/finding.ts';
import { isLibrary, parseLibrary } from '../procedure/library.ts';
import { lintLibrary, unusedIn } from '../procedure/lint/library.ts';
import { type Linted, lintProcedure } from '../procedure/lint/lint.ts';
import { type Library, loadLibrary, loadProcedure, onceEach, openProduct, type Product, productFolders } from './load.ts';
import { didYouMean } from '../procedure/suggest.ts';
import { followPeople } from './people.ts';
import { textOf, yamlFiles } from './texts.ts';

type Folders = { readonly procedures: string; readonly clusters: string; readonly people: string; readonly peopleNamed?: boolean };

export type LintedFolders = {
  readonly findings: readonly Finding[];
  /** No mistakes: what cannot run where, and what nobody uses. */
  readonly notes: readonly string[];
  readonly counts: { readonly procedures: number; readonly libraries: number; readonly clusters: number };
};

/** Every file of the configured folders. */
export function lintFolders(folders: Folders): LintedFolders {
  const library = loadLibrary(folders);
  const products = productFolders(folders.procedures).map((files) => openProduct(files));
  const linted = products.map((product) => lintProduct(product, library.clusters));
  const people = followPeople(folders.people, folders.peopleNamed === true)();
  const ofPeople = people.kind === 'broken' ? people.findings : [];
  return {
    findings: onceEach([...library.findings, ...ofPeople, ...linted.flatMap(({ findings }) => findings)]),
    notes: [...misfits(library), ...idleEntries(library), ...linted.flatMap(({ notes }) => notes)],
    counts: {
      procedures: library.procedures.length,
      libraries: products.reduce((sum, { shelf }) => sum + shelf.size, 0),
      clusters: library.clusters.length,
    },
  };
}

function lintProduct({ shelf, files }: Product, clusters: readonly Cluster[]): Pick<LintedFolders, 'findings' | 'notes'> {
  // What is called wrongly is told by loading it.
  const linted = files.flatMap(({ file, text }) =>
    typeof text === 'string' && 'procedure' in loadProcedure({ file, text }, shelf) ? [lintProcedure(text, file, shelf)] : [],
  );
  const users = linted.flatMap((each) => (each.kind === 'read' ? [each.used] : []));
  const libraries = [...shelf.values()];
  return {
    findings: [...libraries.flatMap(lintLibrary), ...linted.flatMap((each) => [...each.findings, ...unknownRoles(each, clusters)])],
    // With a procedure that cannot be read, nobody knows what is used.
    notes:
      users.length < files.length ? [] : libraries.flatMap((each) => unusedIn(each, users).map((what) => `Note: ${each.file}: ${what}`)),
  };
}

/** One file. In the configured folders it is judged with its name and the clusters, elsewhere by its content and the libraries beside it. */
export function lintFile(path: string, folders: Folders): readonly Finding[] {
  const file = resolve(path);
  const text = textOf(file);
  if (typeof text !== 'string') return [text];
  const isOurs = [folders.procedures, folders.clusters].some((folder) => file.startsWith(resolve(folder) + sep));
  const library = isOurs ? loadLibrary(folders) : undefined;
  const loaded = library?.findings.filter((finding) => resolve(finding.file) === file) ?? [];
  return loaded.length > 0 ? loaded : lintText(text, file, library);
}

function lintText(text: string, file: string, library: Library | undefined): readonly Finding[] {
  if (isLibrary(text)) {
    const parsed = parseLibrary(text, file);
    return parsed.kind === 'bad' ? parsed.findings : lintLibrary(parsed.library);
  }
  if (/^people\s*:/m.test(text)) {
    const parsed = parsePeople(text, file);
    return parsed.kind === 'bad' ? parsed.findings : [];
  }
  if (/^cluster\s*:/m.test(text)) {
    const parsed = parseCluster(text, file);
    return parsed.kind === 'bad' ? parsed.findings : [];
  }
  const linted = lintProcedure(text, file, openProduct(yamlFiles(dirname(file)), library !== undefined).shelf);
  return onceEach([...linted.findings, ...unknownRoles(linted, library?.clusters ?? [])]);
}

/** Where the product has a cluster at all: a role that none of them has. */
function unknownRoles(linted: Linted, clusters: readonly Cluster[]): readonly Finding[] {
  if (linted.kind === 'bad') return [];
  const own = clusters.filter(({ product }) => product === linted.product);
  const roles = new Set(own.flatMap(({ hosts }) => hosts.flatMap((host) => host.roles)));
  return own.length === 0 ? [] : linted.roles.flatMap(({ role, finding }) => (roles.has(role) ? [] : [finding]));
}

/** Not an error of a file: a small cluster simply may not be able to run everything. */
function misfits({ procedures, clusters }: Library): readonly string[] {
  return clusters.flatMap((cluster) =>
    procedures
      .filter(({ product }) => product === cluster.product)
      .flatMap((procedure) =>
        checkFit(procedure, cluster).map((problem) => `Note: ${procedure.name} cannot run on ${cluster.name}: ${problem.message}`),
      ),
  );
}

/** Meant to make something stricter, and making nothing so: a name with a mistake in it, or of a procedure that is called otherwise now. */
function idleEntries({ procedures, clusters }: Library): readonly string[] {
  return clusters.flatMap((cluster) => {
    const names = procedures.filter(({ product }) => product === cluster.product).map(({ name }) => name);
    return Object.keys(cluster.procedures ?? {})
      .filter((name) => !names.includes(name))
      .map(
        (name) =>
          `Note: ${cluster.name} has rights for the procedure ${name}, which ${cluster.product} does not have, so they restrict nothing${didYouMean(name, names)}`,
      );
  });
}
