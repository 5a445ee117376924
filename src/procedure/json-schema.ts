/** The JSON Schema of procedure files, for editors: generated, and kept in `docs/schemas/procedure.schema.json`. */
import { z } from 'zod';
import { procedureSourceSchema } from './source-schema.ts';

export function procedureJsonSchema(): unknown {
  return { title: 'Keyturn procedure', ...z.toJSONSchema(procedureSourceSchema, { io: 'input' }) };
}
