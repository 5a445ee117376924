/** The JSON Schema of cluster files, for editors: generated, and kept in `docs/schemas/cluster.schema.json`. */
import { z } from 'zod';
import { clusterSourceSchema } from './source-schema.ts';

export function clusterJsonSchema(): unknown {
  return { title: 'Keyturn cluster', ...z.toJSONSchema(clusterSourceSchema, { io: 'input' }) };
}
