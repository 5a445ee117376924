/** Moves the older part of the list of runs from Redis into files (segments.ts). As with journals, nothing leaves Redis before its file reads back equal. */
import { join } from 'node:path';
import { keys } from '../journal/keys.ts';
import type { Raw } from '../journal/raw.ts';
import { type Runs, runsPlace } from '../journal/runs.ts';
import { runScript } from '../journal/script.ts';
import { page } from '../journal/sealed-stream.ts';
import type { RedisClient } from '../redis/connect.ts';
import { writeDurably } from './durable.ts';
import { unwritable } from './keep-run.ts';
import { packSegment, readSegment, segmentPath } from './segments.ts';

/** Entries in a file. */
const MOST = 2_000;
/** Fewer are not worth one. */
const LEAST = 500;

export type MoveParts = { readonly redis: RedisClient; readonly runs: Pick<Runs, 'read'>; readonly folder: string };

/**
 * The entries up to ARGV[1], whose hash is ARGV[2], leave the stream. Ids go with them where the run has left Redis too: nobody notes anything of it
 * again. Of the others the place stays, so that they are not noted twice.
 */
const luaTrim = `
local last = redis.call('XRANGE', KEYS[1], ARGV[1] .. '-0', ARGV[1] .. '-0')[1]
if not last or last[2][10] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'base', ARGV[1])
redis.call('XTRIM', KEYS[1], 'MINID', (tonumber(ARGV[1]) + 1) .. '-0')
for i = 4, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 then redis.call('HDEL', KEYS[3], ARGV[i - 1]) end
end
return 1
`;

/** How many entries were moved: 0 where none was old enough. `before`: milliseconds since 1970. Throws KeyturnError for a damaged list and a full disk. */
export async function moveRuns({ redis, runs, folder }: MoveParts, before: number, least = LEAST): Promise<number> {
  const place = runsPlace(redis);
  // Proves each; the last one of the stream stays, so that the next one finds what it follows.
  const entries = await runs.read({ limit: MOST + 1 });
  const old = entries.slice(0, -1).findIndex(({ at }) => at >= before);
  const moved = entries.slice(0, old === -1 ? Math.min(entries.length - 1, MOST) : old);
  const [first, last] = [moved[0], moved.at(-1)];
  if (first === undefined || last === undefined || moved.length < least) return 0;
  const raw = (await page(place, first.seq, moved.length, false)).filter((entry): entry is Raw => entry !== undefined);
  const path = segmentPath(first.seq, last.seq);
  await ensureSegment(folder, { path, first: first.seq, last: last.seq }, raw);
  const heads = moved.map(({ event }) => keys.head(event.run));
  const trimmed = await runScript(
    redis,
    luaTrim,
    [keys.runs, keys.runsHead, keys.runsIds, ...heads],
    [last.seq, last.hash, ...moved.map(({ id }) => id)],
  );
  return trimmed === 1 ? moved.length : 0;
}

async function ensureSegment(folder: string, segment: Parameters<typeof readSegment>[1], entries: readonly Raw[]): Promise<void> {
  const path = join(folder, segment.path);
  const text = JSON.stringify(entries);
  try {
    await writeDurably(path, await packSegment(entries));
    if (JSON.stringify(await readSegment(folder, segment)) !== text) throw new Error('what was written does not read back as it was');
  } catch (error) {
    throw unwritable(path, error);
  }
}
