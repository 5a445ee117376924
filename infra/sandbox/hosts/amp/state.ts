/** What a server says of itself, read from the file that it writes at every change. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** As `GET /v1/server/ha/state` answers. */
export const AMP_STATES = ['INITIALIZING', 'STANDBY', 'HOT_STANDBY', 'HOT_BACKUP', 'MASTER', 'FAILED', 'TERMINATED'] as const;
export type AmpState = (typeof AMP_STATES)[number];

const saidSchema = z.object({ pid: z.number().int(), nodeId: z.string(), state: z.enum(AMP_STATES), persistenceDir: z.string() });
export type Said = z.infer<typeof saidSchema>;

/** The last that was heard of that host's server, which may be gone since; undefined where none ever came so far. */
export function readSaid(folder: string, host: string): Said | undefined {
  const path = join(folder, 'state', host);
  return existsSync(path) ? saidSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}
