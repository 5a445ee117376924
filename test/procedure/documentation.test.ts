/** The documents promise what the parsers do: every marked example parses, every key is explained. */
import { readFileSync } from 'node:fs';
import { parseCluster } from '../../src/inventory/parse.ts';
import { clusterSourceSchema } from '../../src/inventory/source-schema.ts';
import { formatFinding } from '../../src/procedure/finding.ts';
import { readerSchema } from '../../src/procedure/model.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';
import { commandSourceSchema, procedureSourceSchema } from '../../src/procedure/source-schema.ts';

const language = readFileSync('docs/procedure-language.md', 'utf8');
const clusters = readFileSync('docs/clusters.md', 'utf8');

function blocks(page: string, mark: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`yaml ${mark}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

test.each(blocks(language, 'procedure').map((text) => [/^procedure: (\S+)/.exec(text)?.[1], text]))(
  'the example %s parses',
  (_name, text) => {
    const result = parseProcedure(text ?? '', 'docs/procedure-language.md');
    expect(result.kind === 'bad' ? result.findings.map(formatFinding) : []).toEqual([]);
  },
);

test.each(blocks(clusters, 'cluster').map((text) => [/^cluster: (\S+)/.exec(text)?.[1], text]))('the cluster %s parses', (_name, text) => {
  const result = parseCluster(text ?? '', 'docs/clusters.md');
  expect(result.kind === 'bad' ? result.findings.map(formatFinding) : []).toEqual([]);
});

test('every key of the language is explained', () => {
  const keys = [...Object.keys(procedureSourceSchema.shape), ...Object.keys(commandSourceSchema.shape), ...readerSchema.options];
  expect(keys.filter((key) => !language.includes(`| \`${key}\` |`))).toEqual([]);
});

test('every key of a cluster file is explained', () => {
  const { hosts, ...rest } = clusterSourceSchema.shape;
  const keys = [...Object.keys(rest), 'hosts', ...Object.keys(hosts.element.shape)];
  expect(keys.filter((key) => !clusters.includes(`| \`${key}\` |`))).toEqual([]);
});

test('there are examples to check', () => {
  expect(blocks(language, 'procedure').length).toBeGreaterThan(12);
  expect(blocks(clusters, 'cluster').length).toBeGreaterThan(2);
});
