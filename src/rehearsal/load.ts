/** The edge that reads test files, and the texts beside them. Nothing here throws for what it finds. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadLibrary } from '../files/load.ts';
import type { Finding } from '../procedure/finding.ts';
import { fileCluster } from './cluster.ts';
import type { TestFile } from './model.ts';
import { type Around, parseTest } from './parse.ts';

export type Folders = { readonly procedures: string; readonly clusters: string };

export type Loaded = { readonly tests: readonly TestFile[]; readonly findings: readonly Finding[] };

const ENDING = /\.test\.ya?ml$/;

/** Test files beside the procedures, sorted by path. */
export function testFilesIn(folder: string): readonly string[] {
  return namesIn(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory())
    .flatMap((product) =>
      namesIn(product)
        .filter((name) => ENDING.test(name))
        .map((name) => join(product, name)),
    );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    return [];
  }
}

export function loadTests(files: readonly string[], folders: Folders): Loaded {
  const library = loadLibrary(folders);
  const results = files.map((file) => {
    const text = textOf(file);
    if (text === undefined)
      return { kind: 'bad' as const, findings: [finding(file, 'the file cannot be read', 'that it exists and may be read')] };
    const product = basename(dirname(resolve(file)));
    const around: Around = {
      procedures: library.procedures.filter((procedure) => procedure.product === product),
      cluster: (name) => clusterFile(folders.clusters, name),
      text: (path) => textOf(join(dirname(file), path)),
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
    const text = textOf(path);
    if (text !== undefined) return fileCluster(text, path);
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function finding(file: string, message: string, check: string, path = ''): Finding {
  return { file, line: 1, column: 1, path, message, check };
}
