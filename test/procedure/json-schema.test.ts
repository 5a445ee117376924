/** The published schemas are those of the code. After a change: UPDATE_SCHEMAS=1 npx jest json-schema */
import { readFileSync, writeFileSync } from 'node:fs';
import { clusterJsonSchema } from '../../src/inventory/json-schema.ts';
import { procedureJsonSchema } from '../../src/procedure/json-schema.ts';

test.each([
  ['docs/schemas/procedure.schema.json', procedureJsonSchema],
  ['docs/schemas/cluster.schema.json', clusterJsonSchema],
])('%s is what the code says', (path, schema) => {
  const text = `${JSON.stringify(schema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(path, text);
  const published: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(published).toEqual(JSON.parse(text));
});
