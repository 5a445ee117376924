/** Looking things up in a library by the names that people type. */
import type { Cluster } from '../inventory/model.ts';
import type { Procedure } from '../procedure/model.ts';
import { listed, nearest } from '../procedure/suggest.ts';
import type { Library } from './load.ts';

export type Missing = { readonly kind: 'missing'; readonly why: string; readonly suggestion?: string };

export function findCluster(library: Library, name: string): { readonly kind: 'found'; readonly cluster: Cluster } | Missing {
  const cluster = library.clusters.find((each) => each.name === name);
  if (cluster !== undefined) return { kind: 'found', cluster };
  return missing(
    'cluster',
    name,
    library.clusters.map((each) => each.name),
    malformed(library, name),
  );
}

/** The procedure of that name for the cluster's product. */
export function findProcedure(
  library: Library,
  name: string,
  cluster: Cluster,
): { readonly kind: 'found'; readonly procedure: Procedure } | Missing {
  const offered = library.procedures.filter((each) => each.product === cluster.product);
  const procedure = offered.find((each) => each.name === name);
  if (procedure !== undefined) return { kind: 'found', procedure };
  return missing(
    `procedure for ${cluster.product}`,
    name,
    offered.map((each) => each.name),
    malformed(library, name),
  );
}

/** Where to look, if there is a file of that name which cannot be used: the file itself, or a library that it uses. */
function malformed(library: Library, name: string): string | undefined {
  return library.broken.find((each) => each.name === name)?.file;
}

function missing(what: string, name: string, names: readonly string[], file: string | undefined): Missing {
  const suggestion = nearest(name, names);
  const known = `There is: ${listed(names, 'nothing yet')}.`;
  const why =
    file === undefined
      ? `There is no ${what} called "${name}"${suggestion === undefined ? '.' : `; did you mean "${suggestion}"?`} ${known}`
      : `${file} cannot be used until its mistakes are put right; \`keyturn lint\` shows them. ${known}`;
  return { kind: 'missing', why, ...(suggestion === undefined ? {} : { suggestion }) };
}
