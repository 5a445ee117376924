/** The JSON Schema of test files, for editors: generated, and kept in `docs/schemas/procedure-test.schema.json`. */
import { z } from 'zod';
import { testSourceSchema } from './source-schema.ts';

export function testJsonSchema(): unknown {
  return { title: 'Keyturn procedure test', ...z.toJSONSchema(testSourceSchema, { io: 'input' }) };
}
