/** The documents promise what the parsers do: every marked example parses, every key, function and rule is explained. */
import { readFileSync } from 'node:fs';
import { clusterJsonSchema } from '../../src/inventory/json-schema.ts';
import { parseCluster } from '../../src/inventory/parse.ts';
import { readerRoots, worldRoots } from '../../src/procedure/context.ts';
import { functions } from '../../src/procedure/expression.ts';
import { formatFinding } from '../../src/procedure/finding.ts';
import { libraryJsonSchema, procedureJsonSchema } from '../../src/procedure/json-schema.ts';
import { parseLibrary, type Shelf } from '../../src/procedure/library.ts';
import { lintLibrary } from '../../src/procedure/lint/library.ts';
import { lintProcedure } from '../../src/procedure/lint/lint.ts';
import { answers } from '../../src/procedure/lint/rules.ts';
import { captureTypeSchema, readerSchema, valueTypeSchema } from '../../src/procedure/model.ts';
import { alwaysRead } from '../../src/procedure/scope.ts';

const language = readFileSync('docs/procedure-language.md', 'utf8');
const clusters = readFileSync('docs/clusters.md', 'utf8');

function blocks(page: string, mark: string): readonly (readonly [string, string])[] {
  return [...page.matchAll(new RegExp(`^\`\`\`yaml ${mark}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => {
    return [/^\w+: (\S+)/.exec(text)?.[1] ?? '', text];
  });
}

function library(text: string) {
  const result = parseLibrary(text, 'docs/procedure-language.md');
  if (result.kind === 'bad') throw new Error(result.findings.map(formatFinding).join('\n'));
  return result.library;
}

const shelf: Shelf = new Map(blocks(language, 'library').map(([name, text]) => [name, library(text)]));

test.each(blocks(language, 'procedure'))('the example %s is one that lint has nothing against', (_name, text) => {
  expect(lintProcedure(text, 'docs/procedure-language.md', shelf).findings.map(formatFinding)).toEqual([]);
});

test.each(blocks(language, 'library'))('the library %s is one that lint has nothing against', (_name, text) => {
  expect(lintLibrary(library(text)).map(formatFinding)).toEqual([]);
});

test.each(blocks(clusters, 'cluster'))('the cluster %s parses', (_name, text) => {
  const result = parseCluster(text, 'docs/clusters.md');
  expect(result.kind === 'bad' ? result.findings.map(formatFinding) : []).toEqual([]);
});

/** Every key that a schema has at any level. */
function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const properties = 'properties' in value && typeof value.properties === 'object' ? Object.keys(value.properties ?? {}) : [];
  return [...new Set([...properties, ...Object.values(value).flatMap(keysOf)])];
}

const ofInputs = ['min', 'max', 'max_length', 'values', 'role', 'pattern'];
const ofRules = Object.keys(answers);

test('every key of the language stands in a table', () => {
  const keys = keysOf([procedureJsonSchema(), libraryJsonSchema()]).filter((key) => !ofInputs.includes(key));
  expect(keys.length).toBeGreaterThan(90);
  expect(keys.filter((key) => !language.includes(`| \`${key}\` |`))).toEqual([]);
});

test('every key of a cluster file stands in a table', () => {
  const keys = keysOf(clusterJsonSchema());
  expect(keys.filter((key) => !clusters.includes(`| \`${key}\` |`))).toEqual([]);
});

test('everything that expressions may speak of is explained', () => {
  const roots = [...worldRoots, ...Object.values(readerRoots).flat(), ...alwaysRead, 'host', 'secrets', 'said', 'peer', 'waited'];
  expect(roots.filter((root) => !language.includes(`\`${root}\``))).toEqual([]);
  expect(functions.filter((name) => !language.includes(`| \`${name}(`))).toEqual([]);
});

test('every type, reader and rule is explained', () => {
  const types = [...valueTypeSchema.options.map((option) => option.shape.type.value), ...captureTypeSchema.options];
  const names = [...types, ...ofInputs, ...readerSchema.options, ...ofRules];
  expect(names.filter((name) => !language.includes(`\`${name}\``))).toEqual([]);
});

test('every link within the page leads somewhere', () => {
  const slug = (title: string) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-');
  for (const page of [language, clusters]) {
    const targets = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => `#${slug(title)}`);
    const links = [...page.matchAll(/\]\((#[^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !targets.includes(link))).toEqual([]);
  }
});

test('there are examples to check', () => {
  expect(blocks(language, 'procedure').length).toBeGreaterThan(25);
  expect(blocks(language, 'library').length).toBeGreaterThan(0);
  expect(blocks(clusters, 'cluster').length).toBeGreaterThan(3);
});
