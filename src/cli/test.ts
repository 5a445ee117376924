/** `keyturn test [procedures]`: rehearses procedures against the test files beside them. Needs no host, no Redis and no Slack. */
import { relative, resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { formatFinding, loadLibrary } from '../files/load.ts';
import type { Procedure } from '../procedure/model.ts';
import { didYouMean, listed } from '../procedure/suggest.ts';
import { type Folders, type Loaded, loadTests, namedAfter, testFilesIn } from '../rehearsal/load.ts';
import { coverageIn, type FileResult, playFile } from '../rehearsal/suite.ts';
import { coverageLines, fileLines, type Line, summary } from './test-text.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type TestOptions = {
  readonly json: boolean;
  readonly coverage: boolean;
  /** Coverage, and an error where a branch is missed. */
  readonly allBranches: boolean;
  /** Only cases whose title holds this. */
  readonly only: string | undefined;
};

export async function test(world: CliWorld, names: readonly string[], options: TestOptions): Promise<Exit> {
  const folders = readConfig(world.env, 'worker');
  const files = filesFor(folders, names);
  if (files.kind === 'unknown') {
    world.complain(files.why);
    return EXIT.usage;
  }
  const from = performance.now();
  const loaded = loadTests(files.files, folders);
  const results: FileResult[] = [];
  for (const each of loaded.tests)
    results.push(await playFile(each, ({ title }) => options.only === undefined || title.includes(options.only)));
  if (options.only !== undefined && results.every(({ cases }) => cases.length === 0) && loaded.findings.length === 0) {
    world.complain(`No case has “${options.only}” in its title.`);
    return EXIT.usage;
  }
  const report: Report = {
    loaded,
    results,
    untested: names.length === 0 ? untestedIn(folders, files.files) : [],
    coverage: options.coverage || options.allBranches ? coverageIn(results) : [],
    ms: performance.now() - from,
  };
  if (options.json) world.say(JSON.stringify(jsonOf(report), null, 2));
  else tell(world, report);
  return isGood(report, options.allBranches) ? EXIT.ok : EXIT.found;
}

type Report = {
  readonly loaded: Loaded;
  readonly results: readonly FileResult[];
  /** Procedures without a test file. */
  readonly untested: readonly Procedure[];
  readonly coverage: ReturnType<typeof coverageIn>;
  readonly ms: number;
};

type Files = { readonly kind: 'files'; readonly files: readonly string[] } | { readonly kind: 'unknown'; readonly why: string };

/** A name is a file, a procedure (`restart`), or one of a product (`atscale/restart`). */
function filesFor(folders: Folders, names: readonly string[]): Files {
  const all = testFilesIn(folders.procedures).map((path) => ({
    path,
    name: namedAfter(path),
    product: resolve(path, '..').split('/').at(-1) ?? '',
  }));
  if (all.length === 0 && names.length === 0) {
    return {
      kind: 'unknown',
      why: `There is no test file in ${folders.procedures}. It is <product>/<procedure>.test.yaml; docs/testing-procedures.md says how to write one.`,
    };
  }
  if (names.length === 0) return { kind: 'files', files: all.map(({ path }) => shown(path)) };
  const found = names.map((name) => ({
    name,
    files: /\.ya?ml$/.test(name)
      ? [name]
      : all.filter((each) => name === each.name || name === `${each.product}/${each.name}`).map(({ path }) => shown(path)),
  }));
  const unknown = found.find(({ files }) => files.length === 0);
  if (unknown === undefined) return { kind: 'files', files: [...new Set(found.flatMap(({ files }) => files))] };
  const known = all.map(({ name }) => name);
  return {
    kind: 'unknown',
    why: `There is no test file for "${unknown.name}"${didYouMean(unknown.name, known) || '.'} There is: ${listed([...new Set(known)])}.`,
  };
}

/** As people type it, where it lies below the folder they are in. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function untestedIn(folders: Folders, files: readonly string[]): readonly Procedure[] {
  return loadLibrary(folders).procedures.filter(
    ({ name, product }) => !files.some((file) => namedAfter(file) === name && resolve(file, '..').endsWith(`/${product}`)),
  );
}

function isGood({ loaded, results, untested, coverage }: Report, allBranches: boolean): boolean {
  const hasFailed = results.some(({ cases, failures }) => failures.length > 0 || cases.some((each) => each.failures.length > 0));
  const isMissed = coverage.some(({ missed }) => missed.length > 0) || untested.length > 0;
  return loaded.findings.length === 0 && !hasFailed && !(allBranches && isMissed);
}

function tell(world: CliWorld, { loaded, results, untested, coverage, ms }: Report): void {
  const lines: readonly Line[] = [
    ...loaded.findings.map((finding) => ({ kind: 'bad', text: formatFinding(finding) }) as const),
    ...results.flatMap(fileLines),
    ...coverage.flatMap((each) => coverageLines(each.procedure.name, each)),
    ...untested.map(({ name, product }) => ({ kind: 'good', text: `Note: there is no test of ${product}/${name}.` }) as const),
    summary(results, loaded.findings.length, ms),
  ];
  for (const { kind, text } of lines) (kind === 'good' ? world.say : world.complain)(text);
}

function jsonOf({ loaded, results, untested, coverage, ms }: Report): unknown {
  return {
    files: results.map(({ file, procedure, cases, failures }) => ({
      file,
      product: procedure.product,
      procedure: procedure.name,
      failures,
      cases: cases.map(({ taken: _taken, ...each }) => ({ ...each, passed: each.failures.length === 0 })),
    })),
    findings: loaded.findings,
    coverage: coverage.map(({ procedure, all, missed }) => ({
      product: procedure.product,
      procedure: procedure.name,
      branches: all.length,
      missed: missed.map(({ steps, never }) => ({ steps, never })),
    })),
    untested: untested.map(({ name, product }) => ({ product, procedure: name })),
    ms,
  };
}
