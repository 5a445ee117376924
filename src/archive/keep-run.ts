/**
 * Moves one run that is over from Redis into its file.
 *
 * V1 Nothing leaves Redis before its file was written, synced, read back and found equal to what lies in Redis, and the list of runs names the file.
 * V2 What is removed is removed by one script, and only if the journal still ends where it was read and its thread shows all of it.
 * V3 Killed anywhere, or done by two at once: the next pass makes the same file and goes on.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { codeOf, KeyturnError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { keys } from '../journal/keys.ts';
import type { Notes } from '../journal/notes.ts';
import type { Runs } from '../journal/runs.ts';
import { runScript } from '../journal/script.ts';
import type { Stored } from '../journal/stored.ts';
import { gatherRecord } from '../record/gather.ts';
import type { RunRecord } from '../record/model.ts';
import { readPlain } from '../record/plain-file.ts';
import { postedIn } from '../slack/outbox/ledger.ts';
import type { RedisClient } from '../redis/connect.ts';
import type { RunEvent } from '../run/events.ts';
import type { Signer } from '../signature.ts';
import type { Listing } from '../worker/listing.ts';
import { writeDurably } from './durable.ts';
import { archivePath, MOST_RECORD_BYTES, unpacked } from './files.ts';

const pack = promisify(gzip);

export type KeepParts = {
  readonly redis: RedisClient;
  readonly journal: Pick<Journal<RunEvent>, 'read' | 'inspect'>;
  readonly runs: Pick<Runs, 'note'>;
  readonly listing: Listing;
  readonly notes: Notes;
  readonly signer: Signer;
  /** That of the journals. */
  readonly sealing: Buffer;
  /** That of the record. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** `waits`: its thread does not show everything yet, or somebody was at it just now. */
export type Kept = 'archived' | 'waits';

/** Throws KeyturnError for a damaged journal (which stays in Redis) and `ARCHIVE_UNWRITABLE`. */
export async function keepRun(parts: KeepParts, run: string): Promise<Kept> {
  // Proves each entry, the chain and the head.
  const stored = await parts.journal.read(run);
  const last = stored.at(-1);
  const fields = await parts.notes.thread(run).all();
  if (last?.event.kind !== 'runEnded' || fields.get('projected') !== String(last.seq)) return 'waits';
  await parts.listing.ensure(run, 'ended');
  const record = await recordOf(parts, run, fields);
  const file = archivePath(run, last.at);
  const sha256 = await ensureFile(join(parts.folder, file), record);
  if ((await textOf(parts, run, fields)) !== JSON.stringify(record)) return 'waits';
  await parts.runs.note({ kind: 'runArchived', run, file, sha256 }, { at: parts.now() });
  return (await remove(parts.redis, run, stored, fields.size)) ? 'archived' : 'waits';
}

async function recordOf({ journal, signer, sealing }: KeepParts, run: string, fields: ReadonlyMap<string, string>): Promise<RunRecord> {
  const record = await gatherRecord(
    {
      inspect: (named) => journal.inspect(named),
      threadOf: async () => postedIn(fields),
      content: async ({ path }) => ({ kind: 'elsewhere', why: `it lies in the folder of the record as ${path}` }),
      signer,
      sealing,
    },
    run,
  );
  if (record === undefined) throw new Error(`run ${run} left Redis while it was being archived`);
  return record;
}

async function textOf(parts: KeepParts, run: string, fields: ReadonlyMap<string, string>): Promise<string> {
  return JSON.stringify(await recordOf(parts, run, fields));
}

/** The file holds exactly this record when it resolves; its SHA-256. */
async function ensureFile(path: string, record: RunRecord): Promise<string> {
  const text = JSON.stringify(record);
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_RECORD_BYTES)
    throw new Error(`its record has ${bytes} bytes, and a file of the archive holds at most ${MOST_RECORD_BYTES}`);
  try {
    if ((await textIn(path)) !== text) await writeDurably(path, await pack(text, { level: 9 }));
    const packed = await readPlain(path, MOST_RECORD_BYTES);
    if (JSON.stringify(await unpacked(packed)) !== text) throw new Error('what was written does not read back as it was');
    return createHash('sha256').update(packed).digest('hex');
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Of a pass that died before it had finished; undefined for anything that is not such a file. */
async function textIn(path: string): Promise<string | undefined> {
  try {
    return JSON.stringify(await unpacked(await readPlain(path, MOST_RECORD_BYTES)));
  } catch {
    return undefined;
  }
}

export function unwritable(path: string, error: unknown): KeyturnError {
  const reason = codeOf(error) || (error instanceof Error ? error.message : String(error));
  return new KeyturnError(
    'ARCHIVE_UNWRITABLE',
    `The archive cannot be written at ${path}: ${reason}. Everything stays in Redis and is tried again`,
    'the room on that disk, and that this user may write the folder of the record (KEYTURN_RECORD)',
    { cause: error },
  );
}

/** V2. */
const luaRemove = `
local head = redis.call('HMGET', KEYS[2], 'seq', 'hash')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[3], 'projected') ~= ARGV[1] or redis.call('HLEN', KEYS[3]) ~= tonumber(ARGV[3]) then return 0 end
redis.call('DEL', unpack(KEYS))
return 1
`;

async function remove(redis: RedisClient, run: string, stored: readonly Stored<RunEvent>[], fields: number): Promise<boolean> {
  const last = stored.at(-1);
  const live = new Set(stored.flatMap(({ event }) => (event.kind === 'attemptIntended' ? [keys.live(run, event.step, event.host)] : [])));
  const all = [keys.journal(run), keys.head(run), keys.thread(run), ...[...live].slice(0, 1_000)];
  return (await runScript(redis, luaRemove, all, [last?.seq ?? 0, last?.hash ?? '', fields])) === 1;
}
