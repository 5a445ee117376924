/** A test file to what is rehearsed. Pure but for what it is handed: text in, cases or findings out. */
import type { ClusterSource } from '../inventory/source-schema.ts';
import { type Finding, inFileOrder, type Path } from '../procedure/finding.ts';
import { findingsOf } from '../procedure/issues.ts';
import { findingOf, type Mistake, mistakeAt } from '../procedure/mistake.ts';
import type { Procedure } from '../procedure/model.ts';
import { didYouMean, listed } from '../procedure/suggest.ts';
import { type Located, parseYaml } from '../procedure/yaml.ts';
import type { PrintedSource } from './answers-schema.ts';
import { buildAnswer, buildExpected, buildFiles, buildPeople, joinedFiles, type Texts } from './build.ts';
import { checkCase, checkShared } from './check.ts';
import { builtCluster, changed, type ClusterFound, writtenCluster } from './cluster.ts';
import type { Case, TestFile } from './model.ts';
import { checkHost, type Known } from './names.ts';
import { type CaseSource, type TestSource, testSourceSchema } from './source-schema.ts';

const page = 'docs/testing-procedures.md';

/** What stands outside the test file. */
export type Around = {
  /** Procedures of the same product that can be used. */
  readonly procedures: readonly Procedure[];
  /** A cluster file by its name; undefined where there is none. */
  readonly cluster: (name: string) => ClusterFound | undefined;
  /** A text file beside the test; undefined where it cannot be read. */
  readonly text: (path: string) => string | undefined;
};

export type TestResult = { readonly kind: 'ok'; readonly test: TestFile } | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

/** Every finding at once, in the order of the file; names are looked at once the shape is right. */
export function parseTest(text: string, file: string, around: Around): TestResult {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = testSourceSchema.safeParse(yaml.value.value);
  if (!shape.success) return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, page)) };
  const source = shape.data;
  const located = yaml.value;
  const found = procedureOf(source, around);
  if ('mistake' in found) return bad([found.mistake], located, file);
  const ground = groundOf(source, found.procedure, around);
  if (ground.kind === 'bad') return ground;
  const { clusters, mistakes } = ground;
  const known = knownIn(found.procedure, clusters);
  const all = [
    ...mistakes,
    ...checkTexts(source, around),
    ...checkShared(source, known),
    ...source.cases.flatMap((wanted, index) => checkCase(source, wanted, index, knownIn(found.procedure, [clusters[index]]))),
  ];
  if (all.length > 0) return bad(all, located, file);
  return { kind: 'ok', test: build(source, found.procedure, clusters, located, file, around) };
}

function bad(mistakes: readonly Mistake[], located: Located, file: string): TestResult {
  return { kind: 'bad', findings: inFileOrder(mistakes.map((mistake) => findingOf(mistake, located, file))) };
}

function procedureOf({ tests }: TestSource, { procedures }: Around): { readonly procedure: Procedure } | { readonly mistake: Mistake } {
  const procedure = procedures.find(({ name }) => name === tests);
  if (procedure !== undefined) return { procedure };
  const names = procedures.map(({ name }) => name);
  const message = `there is no procedure "${tests}" beside it that can be used${didYouMean(tests, names)}`;
  return {
    mistake: mistakeAt(
      { path: ['tests'] },
      message,
      `the procedures of this folder: ${listed(names)}; \`keyturn lint\` shows what is wrong with others`,
    ),
  };
}

type Ground =
  /** One cluster a case; undefined where it could not be. */
  | { readonly kind: 'ok'; readonly clusters: readonly (ClusterSource | undefined)[]; readonly mistakes: readonly Mistake[] }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

function groundOf(source: TestSource, procedure: Procedure, around: Around): Ground {
  const first = typeof source.cluster === 'string' ? around.cluster(source.cluster) : undefined;
  if (first?.kind === 'bad') return first;
  if (typeof source.cluster === 'string' && first === undefined) {
    const mistake = mistakeAt({ path: ['cluster'] }, `there is no cluster file "${source.cluster}"`, 'the name, and KEYTURN_CLUSTERS');
    return { kind: 'ok', clusters: source.cases.map(() => undefined), mistakes: [mistake] };
  }
  const base =
    first?.source ??
    (typeof source.cluster === 'string' ? undefined : writtenCluster(procedure.product, source.cluster, secretsIn(source)));
  if (base === undefined) return { kind: 'ok', clusters: [], mistakes: [] };
  const known: Known = { hosts: base.hosts.map(({ name }) => name), steps: [] };
  const clusters = source.cases.map(({ cluster }) => changed(base, cluster));
  const mistakes = source.cases.flatMap(({ cluster }, index) =>
    (cluster?.without ?? []).flatMap((name, place) => checkHost(known, ['cases', index, 'cluster', 'without', place], name)),
  );
  return { kind: 'ok', clusters, mistakes: [...mistakes, ...unbuildable(source, base, clusters)] };
}

function secretsIn({ secrets = {}, cases }: TestSource): readonly string[] {
  return [...new Set([...Object.keys(secrets), ...cases.flatMap((each) => Object.keys(each.secrets ?? {}))])];
}

/** What is wrong with the cluster of the file is said once. */
function unbuildable(source: TestSource, base: ClusterSource, clusters: readonly ClusterSource[]): readonly Mistake[] {
  const wrong = (cluster: ClusterSource, path: Path): readonly Mistake[] => {
    const built = builtCluster(cluster);
    return built.kind === 'ok' ? [] : built.why.map((why) => mistakeAt({ path }, why, 'docs/clusters.md'));
  };
  const common = wrong(base, ['cluster']);
  if (common.length > 0) return common;
  return clusters.flatMap((cluster, index) =>
    source.cases[index]?.cluster === undefined ? [] : wrong(cluster, ['cases', index, 'cluster']),
  );
}

function knownIn(procedure: Procedure, clusters: readonly (ClusterSource | undefined)[]): Known {
  const hosts = clusters.flatMap((cluster) => cluster?.hosts.map(({ name }) => name) ?? []);
  return { hosts: [...new Set(hosts)], steps: procedure.steps.map(({ id }) => id) };
}

/** Recorded texts that cannot be read. */
function checkTexts(source: TestSource, around: Around): readonly Mistake[] {
  const answers = [
    ...(source.answers ?? []).map((answer, index) => ({ answer, path: ['answers', index] })),
    ...source.cases.flatMap(({ answers: own = [] }, place) =>
      own.map((answer, index) => ({ answer, path: ['cases', place, 'answers', index] })),
    ),
  ];
  const places: readonly { readonly prints: PrintedSource | undefined; readonly path: Path }[] = [
    ...Object.entries(source.outputs ?? {}).map(([name, prints]) => ({ prints, path: ['outputs', name] })),
    ...answers.flatMap(({ answer, path }) => [
      { prints: answer.prints, path: [...path, 'prints'] },
      ...(answer.in_turn ?? []).map(({ prints }, index) => ({ prints, path: [...path, 'in_turn', index, 'prints'] })),
    ]),
  ];
  return places.flatMap(({ prints, path }) =>
    typeof prints !== 'object' || around.text(prints.file) !== undefined
      ? []
      : [
          mistakeAt(
            { path: [...path, 'file'] },
            `the file ${prints.file} cannot be read`,
            'its path, which begins at the folder of the test',
          ),
        ],
  );
}

function build(
  source: TestSource,
  procedure: Procedure,
  clusters: readonly (ClusterSource | undefined)[],
  located: Located,
  file: string,
  around: Around,
): TestFile {
  const texts: Texts = {
    printed: (printed) => (typeof printed === 'string' ? printed : (around.text(printed.file) ?? '')),
    output: (name) => texts.printed(source.outputs?.[name] ?? ''),
  };
  const lineOf = (...path: Path): number => located.positionOf(path).line;
  const shared = (source.answers ?? []).map((answer, index) => buildAnswer(answer, lineOf('answers', index), false, texts));
  const cases = source.cases.flatMap((wanted, index): readonly Case[] => {
    const cluster = clusters[index];
    const built = cluster === undefined ? undefined : builtCluster(cluster);
    if (built?.kind !== 'ok') return [];
    const own = (wanted.answers ?? []).map((answer, place) => buildAnswer(answer, lineOf('cases', index, 'answers', place), true, texts));
    return [{ ...buildCase(source, wanted), line: lineOf('cases', index), cluster: built.cluster, answers: [...own, ...shared] }];
  });
  return { file, procedure, cases, shared };
}

function buildCase(source: TestSource, wanted: CaseSource): Omit<Case, 'line' | 'cluster' | 'answers'> {
  const mine = buildPeople(wanted.people, true);
  const theirs = buildPeople(source.people, false).filter(
    ({ step, host }) => !mine.some((part) => part.step === step && part.host === host),
  );
  return {
    title: wanted.title,
    params: textsOf({ ...source.params, ...wanted.params }),
    secrets: { ...source.secrets, ...wanted.secrets },
    files: joinedFiles(buildFiles(source.files), buildFiles(wanted.files)),
    people: [...mine, ...theirs],
    expected: buildExpected(wanted),
  };
}

function textsOf(values: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
