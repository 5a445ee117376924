import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'journal-store-id';

/**
 * Whether the Redis at hand is the one whose journals this data folder worked with last. A Redis that was emptied, or another one, has another
 * id: its runs are unknown here, and what they began may still run on hosts. Remembers the id for the next start.
 */
export async function recogniseStore(dataFolder: string, id: string): Promise<'first' | 'same' | 'other'> {
  const path = join(dataFolder, FILE);
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known === id) return 'same';
  await writeFile(path, id, { mode: 0o600 });
  return known === undefined ? 'first' : 'other';
}
