/** The page promises what a rehearsal does: every example is played, every key is explained. */
import { readFileSync } from 'node:fs';
import { fileLines } from '../../src/cli/test-text.ts';
import { formatFinding } from '../../src/procedure/finding.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';
import { answerSourceSchema, turnSourceSchema } from '../../src/rehearsal/answers-schema.ts';
import { parseTest } from '../../src/rehearsal/parse.ts';
import { caseSourceSchema, deedWords, testSourceSchema } from '../../src/rehearsal/source-schema.ts';
import { playFile } from '../../src/rehearsal/suite.ts';

const PATH = 'docs/testing-procedures.md';
const page = readFileSync(PATH, 'utf8');

function blocks(mark: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`yaml ${mark}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

const procedures = blocks('procedure').map((text) => {
  const parsed = parseProcedure(text, PATH);
  if (parsed.kind === 'bad') throw new Error(parsed.findings.map(formatFinding).join('\n'));
  return parsed.procedure;
});

test.each(blocks('test').map((text) => [/^tests: (\S+)/.exec(text)?.[1], text]))(
  'the test of %s is as the page says',
  async (_name, text) => {
    const parsed = parseTest(text ?? '', PATH, { procedures, cluster: () => undefined, text: () => undefined });
    if (parsed.kind === 'bad') throw new Error(parsed.findings.map(formatFinding).join('\n'));
    const { cases, failures } = await playFile(parsed.test);
    expect(cases.length).toBeGreaterThan(1);
    expect([...failures, ...cases.flatMap((each) => each.failures)]).toEqual([]);
  },
);

test('the slip that the page shows is told in these words', async () => {
  const slip = parseProcedure((blocks('procedure')[0] ?? '').replace('on: target', 'on: each node'), PATH);
  if (slip.kind === 'bad') throw new Error(slip.findings.map(formatFinding).join('\n'));
  const around = { procedures: [slip.procedure], cluster: () => undefined, text: () => undefined };
  const parsed = parseTest(blocks('test')[0] ?? '', 'procedures/sample/stop-node.test.yaml', around);
  if (parsed.kind === 'bad') throw new Error(parsed.findings.map(formatFinding).join('\n'));
  const shown = fileLines(await playFile(parsed.test, ({ title }) => title === 'the node is stopped once a second person says so'));
  const failed = shown.filter(({ kind }) => kind === 'bad').map(({ text }) => text.replace(/\(\d+ ms\)/, '(14 ms)'));
  expect(page).toContain(failed.join('\n'));
  expect(failed).toHaveLength(4);
});

test('there are examples to play', () => {
  expect(blocks('test')).toHaveLength(procedures.length);
  expect(procedures.length).toBeGreaterThan(2);
});

test('every key and every deed is explained', () => {
  const [, ending] = caseSourceSchema.shape.expect.options;
  const schemas = [testSourceSchema, answerSourceSchema, turnSourceSchema, caseSourceSchema, ending];
  const keys = schemas.flatMap((schema) => Object.keys(schema.shape));
  expect(keys.filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([]);
  expect(deedWords.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
});
