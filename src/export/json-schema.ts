/** The JSON Schema of exported records, generated and kept in `docs/schemas/record.schema.json`: of one run, or of a period. */
import { z } from 'zod';
import { recordSchema } from '../record/model.ts';
import { periodSchema } from './period.ts';

export function recordJsonSchema(): unknown {
  return { title: 'Keyturn record', ...z.toJSONSchema(z.union([recordSchema, periodSchema]), { io: 'input' }) };
}
