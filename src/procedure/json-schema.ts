/** The JSON Schemas of procedures and libraries, for editors: generated, and kept in `docs/schemas/`. */
import { z } from 'zod';
import { librarySourceSchema, procedureSourceSchema } from './source-schema.ts';

export function procedureJsonSchema(): unknown {
  return { title: 'Keyturn procedure', ...z.toJSONSchema(procedureSourceSchema, { io: 'input' }) };
}

export function libraryJsonSchema(): unknown {
  return { title: 'Keyturn library', ...z.toJSONSchema(librarySourceSchema, { io: 'input' }) };
}
