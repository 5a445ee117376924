/** The edge that reads test files, and the texts beside them. Nothing here throws for what it finds. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadLibrary } from '../files/load.ts';
import { finding, foldersIn, textOf } from '../files/texts.ts';
import type { Finding } from '../procedure/finding.ts';
import { fileCluster } from './cluster.ts';
import type { TestFile } from './model.ts';
import { type Around, parseTest } from './parse.ts';

export type Folders = { readonly procedures: string; readonly clusters: string };

export type Loaded = { readonly tests: readonly TestFile[]; readonly findings: readonly Finding[] };

const ENDING = /\.test\.ya?ml$/;

/** Test files beside the procedures, sorted by path. */
export function testFilesIn(folder: string): readonly string[] {
  const products = foldersIn(folder);
  return 'message' in products ? [] : products.flatMap(namesIn);
}

function namesIn(product: string): readonly string[] {
  try {
    const names = readdirSync(product).filter((name) => ENDING.test(name) && !name.startsWith('.'));
    return names.sort().map((name) => join(product, name));
  } catch {
    // What cannot be read is told for its procedures already.
    return [];
  }
}

export function loadTests(files: readonly string[], folders: Folders): Loaded {
  const library = loadLibrary(folders);
  const results = files.map((file) => {
    const text = textOf(file);
    if (typeof text !== 'string') return { kind: 'bad' as const, findings: [text] };
    const product = basename(dirname(resolve(file)));
    const around: Around = {
      procedures: library.procedures.filter((procedure) => procedure.product === product),
      cluster: (name) => clusterFile(folders.clusters, name),
      text: (path) => plainText(join(dirname(file), path)),
    };
    const result = parseTest(text, file, around);
    return result.kind === 'ok' && !isNamedAfter(file, result.test.procedure.name) ? misnamed(file, result.test.procedure.name) : result;
  });
  return {
    tests: results.flatMap((result) => (result.kind === 'ok' ? [result.test] : [])),
    findings: results.flatMap((result) => (result.kind === 'bad' ? result.findings : [])),
  };
}

/** The procedure that a test file is named after: `restart` of `restart.roles.test.yaml`. */
export function namedAfter(file: string): string {
  return basename(file).replace(/\..*$/, '');
}

function isNamedAfter(file: string, procedure: string): boolean {
  return namedAfter(file) === procedure;
}

function misnamed(file: string, procedure: string): { readonly kind: 'bad'; readonly findings: readonly Finding[] } {
  const message = `\`tests\` says ${procedure}, but the file is called ${basename(file)}`;
  return { kind: 'bad', findings: [finding(file, message, 'one of the two names; they must be the same', 'tests')] };
}

function clusterFile(folder: string, name: string): ReturnType<Around['cluster']> {
  for (const path of [join(folder, `${name}.yaml`), join(folder, `${name}.yml`)]) {
    const text = plainText(path);
    if (text !== undefined) return fileCluster(text, path);
  }
  return undefined;
}

function plainText(path: string): string | undefined {
  const text = textOf(path);
  return typeof text === 'string' ? text : undefined;
}
