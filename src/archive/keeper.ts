/**
 * Keeps house: has the list of runs say what the journals say, moves runs that ended long ago into the archive, the older part of the list too, and
 * deletes what is not to be kept any longer. By one process at a time; two at once would do the same work twice and no harm.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Base } from '../base.ts';
import { explain, KeyturnError } from '../errors.ts';
import { isDamage } from '../journal/lost.ts';
import type { Notes } from '../journal/notes.ts';
import { createSigner } from '../signature.ts';
import { endedRuns, withoutJournal } from './ended.ts';
import { expunge } from './expunge.ts';
import { keepRun } from './keep-run.ts';
import { moveRuns } from './move-runs.ts';

export type KeeperParts = Pick<Base, 'log' | 'redis' | 'keyFor' | 'journal' | 'runs' | 'listing' | 'archive' | 'leases' | 'owner'> & {
  readonly config: Pick<Base['config'], 'record' | 'archiveAfterDays' | 'keepDays'>;
  readonly notes: Notes;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** A sign of life: after each pass, whatever became of it, and between two runs. */
  readonly onBeat?: () => void;
  /** A pass is through and nothing failed it, or another process keeps house. */
  readonly onKept?: () => void;
  /** So many runs were moved into the archive. */
  readonly onArchived?: (runs: number) => void;
};

export interface Keeper {
  /** One pass now, or the one that is under way. */
  pass(): Promise<void>;
  /** Lets the run at hand be finished. */
  close(): Promise<void>;
}

const LEASE = 'archive';
const LEASE_MS = 60_000;
const EVERY_MS = 120_000;
const DAY_MS = 86_400_000;
/** Between two runs: whatever else this process and Redis have to do comes first. */
const PAUSE_MS = 20;
/** Ended runs that are looked at for an end that was not noted; older ones are noted when they are archived. */
const RECENT = 200;

/** Begins at once. */
export function startKeeper(parts: KeeperParts): Keeper {
  const stop = new AbortController();
  let current: Promise<void> | undefined;
  const pass = (): Promise<void> => {
    current ??= onePass(parts, stop.signal)
      .then(() => parts.onKept?.())
      .catch((error: unknown) => parts.log.warn({ reason: explain(error) }, 'the archive was not kept up this time; trying again'))
      .finally(() => {
        current = undefined;
        parts.onBeat?.();
      });
    return current;
  };
  const timer = setInterval(() => void pass(), EVERY_MS);
  void pass();
  return {
    pass,
    async close() {
      stop.abort();
      clearInterval(timer);
      await current;
    },
  };
}

async function onePass(parts: KeeperParts, signal: AbortSignal): Promise<void> {
  const { leases, owner } = parts;
  if ((await leases.acquire(LEASE, owner, LEASE_MS)).kind !== 'held') return;
  const goesOn = async (): Promise<boolean> => {
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    parts.onBeat?.();
    return !signal.aborted && leases.renew(LEASE, owner, LEASE_MS);
  };
  try {
    await listAll(parts, goesOn);
    await archiveOld(parts, goesOn);
    await moveList(parts, goesOn);
    await expungeOld(parts, goesOn);
  } finally {
    await leases.release(LEASE, owner);
  }
}

type GoesOn = () => Promise<boolean>;

/** What whoever began or ended a run died before noting. One run that cannot be read keeps no other from its place. */
async function listAll({ journal, listing, log }: KeeperParts, goesOn: GoesOn): Promise<void> {
  const ensure = async (run: string, upTo: 'began' | 'ended'): Promise<void> => {
    await listing.ensure(run, upTo).catch((error: unknown) => {
      if (!isDamage(error)) log.warn({ run, reason: explain(error) }, 'a run could not be held against the list of runs');
    });
  };
  for (const run of await journal.openRuns()) await ensure(run, 'began');
  if (!(await goesOn())) return;
  for (const { run } of await journal.finishedRuns({ limit: RECENT })) await ensure(run, 'ended');
}

async function archiveOld(parts: KeeperParts, goesOn: GoesOn): Promise<void> {
  const { config, keyFor, log, now = Date.now } = parts;
  const keep = { ...parts, signer: createSigner(keyFor('signature')), sealing: keyFor('journal'), folder: config.record, now };
  let archived = 0;
  for await (const runs of endedRuns(parts.redis, now() - config.archiveAfterDays * DAY_MS)) {
    const gone = new Set(await withoutJournal(parts.redis, runs));
    for (const run of runs) {
      if (gone.has(run)) continue;
      if (!(await goesOn())) return tell(archived, parts);
      try {
        if ((await keepRun(keep, run)) === 'archived') archived += 1;
      } catch (error) {
        // Damage is told where it is found, and stays in Redis for people to look at.
        if (isDamage(error)) continue;
        // About Redis or the disk, and so about every run.
        if (error instanceof KeyturnError) throw error;
        log.error({ run, reason: explain(error) }, 'a run could not be moved into the archive; it stays in Redis');
      }
    }
  }
  tell(archived, parts);
}

function tell(archived: number, { log, onArchived }: KeeperParts): void {
  onArchived?.(archived);
  if (archived > 0) log.info({ runs: archived }, 'runs were moved into the archive');
}

async function moveList(parts: KeeperParts, goesOn: GoesOn): Promise<void> {
  const { config, log, now = Date.now } = parts;
  const before = now() - config.archiveAfterDays * DAY_MS;
  while (await goesOn()) {
    const entries = await moveRuns({ ...parts, folder: config.record }, before);
    if (entries === 0) return;
    log.info({ entries }, 'a part of the list of runs was moved into the archive');
  }
}

async function expungeOld(parts: KeeperParts, goesOn: GoesOn): Promise<void> {
  const { config, log, now = Date.now } = parts;
  if (config.keepDays === undefined) return;
  const why = `kept for ${config.keepDays} days (KEYTURN_KEEP_DAYS)`;
  for await (const runs of endedRuns(parts.redis, now() - config.keepDays * DAY_MS)) {
    for (const run of await withoutJournal(parts.redis, runs)) {
      if (!(await goesOn())) return;
      const done = await expunge({ ...parts, folder: config.record, now }, run, why);
      if (done === 'expunged') log.info({ run }, 'a run was deleted: it is not to be kept any longer');
      else log.error({ run }, 'the archive file of a run is gone, and nobody was to delete it: restore it from the back-up');
    }
  }
}
