/** The published schemas are those of the code, and editors get what they need from them. After a change: UPDATE_SCHEMAS=1 npx jest json-schema */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { recordJsonSchema } from '../../src/export/json-schema.ts';
import { clusterJsonSchema } from '../../src/inventory/json-schema.ts';
import { libraryJsonSchema, procedureJsonSchema } from '../../src/procedure/json-schema.ts';

const schemas = [
  ['docs/schemas/procedure.schema.json', procedureJsonSchema],
  ['docs/schemas/library.schema.json', libraryJsonSchema],
  ['docs/schemas/cluster.schema.json', clusterJsonSchema],
  ['docs/schemas/record.schema.json', recordJsonSchema],
] as const;

function published(path: string): z.core.JSONSchema.JSONSchema {
  return JSON.parse(readFileSync(path, 'utf8'));
}

test.each(schemas)('%s is what the code says', (path, schema) => {
  const text = `${JSON.stringify(schema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(path, text);
  expect(published(path)).toEqual(JSON.parse(text));
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
    .map((name) => join(folder, name));
}

/** The schema that the first line of a file names, as an editor takes it. */
function schemaOf(text: string): z.ZodType {
  const name = /^# yaml-language-server: \$schema=\S*\/([a-z-]+\.schema\.json)$/m.exec(text)?.[1];
  return z.fromJSONSchema(published(`docs/schemas/${name}`));
}

test.each([...filesIn('procedures'), ...filesIn('infra/clusters')])('an editor has nothing against %s', (file) => {
  const text = readFileSync(file, 'utf8');
  expect(schemaOf(text).safeParse(load(text)).error?.issues ?? []).toEqual([]);
});

test('an editor marks a misspelt key at every level', () => {
  const text = readFileSync('procedures/atscale/replace-host.yaml', 'utf8');
  const schema = schemaOf(text);
  for (const key of ['params:', 'title:', 'run:', 'unless:', 'saying:', 'prompt:', 'phase:', 'exchanges:', 'copy:']) {
    expect(schema.safeParse(load(text.replace(key, `x${key}`))).success).toBe(false);
  }
});

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

/** Keys without a word for the hover of an editor: their own description, or the title of what they refer to. */
function unexplained(value: unknown, path: string): readonly string[] {
  if (!isNode(value)) return [];
  const properties = isNode(value.properties) ? value.properties : {};
  const mute = Object.entries(properties).filter(([, property]) => isNode(property) && property.description === undefined);
  return [
    ...mute.map(([key]) => `${path}.${key}`),
    ...Object.entries(value).flatMap(([key, child]) => unexplained(child, `${path}.${key}`)),
  ];
}

test.each(schemas)('every key of %s has a description', (_path, schema) => {
  expect(unexplained(schema(), '')).toEqual([]);
});

test('each form of a step is known by a key that it needs and no other form needs', () => {
  const definitions = published('docs/schemas/procedure.schema.json').$defs ?? {};
  const forms = ['announcement', 'manualStep', 'confirmStep', 'groupUse', 'phase', 'commandStep'];
  const needed = forms.map((form) => z.object({ required: z.array(z.string()), title: z.string() }).parse(definitions[form]).required);
  expect(needed).toEqual([['announce'], ['manual'], ['confirm'], ['group'], ['phase', 'steps'], ['id', 'title', 'on']]);
});
