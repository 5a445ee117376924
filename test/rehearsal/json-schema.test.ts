/** The published schema is that of the code. After a change: UPDATE_SCHEMAS=1 npx jest json-schema */
import { readFileSync, writeFileSync } from 'node:fs';
import { testJsonSchema } from '../../src/rehearsal/json-schema.ts';

const PATH = 'docs/schemas/procedure-test.schema.json';

test('the published schema is what the code says', () => {
  const text = `${JSON.stringify(testJsonSchema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(PATH, text);
  const published: unknown = JSON.parse(readFileSync(PATH, 'utf8'));
  expect(published).toEqual(JSON.parse(text));
});
