/** What bot and worker stand on in one process: journal, register, leases, and what they need to be made. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type Archive, createArchive } from './archive/files.ts';
import type { Config } from './config.ts';
import { explain, type KeyturnError } from './errors.ts';
import { loadLibrary } from './files/load.ts';
import { followPeople, type Known } from './files/people.ts';
import type { KeyFor } from './installation-key.ts';
import { createJournal, type Journal } from './journal/journal.ts';
import { createLeases, type Leases } from './journal/leases.ts';
import { createRegister, type Register } from './journal/register.ts';
import { createRuns, type Runs } from './journal/runs.ts';
import { createWitness } from './journal/witness.ts';
import { logging } from './log-events.ts';
import type { RedisClient } from './redis/connect.ts';
import { type RunEvent, runEventSchema } from './run/events.ts';
import { createListing, type Listing } from './worker/listing.ts';

/** Takes a part down again; they are called in reverse. */
export type Release = () => Promise<void> | void;

/** What both halves of the process stand on. */
export type Base = {
  readonly config: Config;
  readonly log: Logger;
  readonly url: string;
  readonly redis: RedisClient;
  /** Keys made from the installation's secret, by purpose. */
  readonly keyFor: KeyFor;
  readonly journal: Journal<RunEvent>;
  /** What belongs to no run: refusals, emergencies, second factors. */
  readonly register: Register;
  /** The chained list of all runs. */
  readonly runs: Runs;
  readonly listing: Listing;
  /** Journals that have left Redis. */
  readonly archive: Archive;
  readonly leases: Leases;
  readonly library: () => ReturnType<typeof loadLibrary>;
  /** Which accounts belong to one person, as the file says now. */
  readonly people: () => Known;
  /** Unique to this process. */
  readonly owner: string;
};

/** `onDamage`: told of a damaged journal, or without a run of the register, each time that somebody finds it so. */
export function createBase(
  config: Config,
  log: Logger,
  url: string,
  redis: RedisClient,
  keyFor: KeyFor,
  onDamage: (run?: string) => void = () => undefined,
): Base {
  const say = damageTeller(log);
  const tell = (error: KeyturnError, run?: string): void => {
    onDamage(run);
    say(error, run);
  };
  const archive = createArchive(config.record);
  const sealed = createJournal<RunEvent>({
    redis,
    decode: (value) => runEventSchema.parse(value),
    replicas: config.replicas,
    key: keyFor('journal'),
    archive,
    onDamage: (run, error) => tell(error, run),
  });
  const runs = createRuns({
    redis,
    key: keyFor('runs'),
    folder: config.record,
    witness: createWitness(config.data, 'runs'),
    onDamage: tell,
    onTrouble: (error) => log.error({ reason: explain(error) }, 'where the list of runs ends could not be kept'),
  });
  const register = createRegister({
    redis,
    key: keyFor('register'),
    witness: createWitness(config.data, 'register'),
    onDamage: tell,
    onTrouble: (error) => log.error({ reason: explain(error) }, 'where the register ends could not be kept'),
  });
  const journal = logging(sealed, log);
  return {
    config,
    log,
    url,
    redis,
    keyFor,
    journal,
    runs,
    listing: createListing({ journal, runs, now: Date.now }),
    archive,
    register,
    leases: createLeases(redis),
    library: () => loadLibrary({ procedures: config.procedures, clusters: config.clusters }),
    people: followPeople(config.people, config.peopleNamed),
    owner: randomUUID(),
  };
}

/** Loud, but once for each run and kind of damage: a damaged journal is looked at every few seconds. */
function damageTeller(log: Logger): (error: KeyturnError, run?: string) => void {
  const told = new Set<string>();
  return (error, run) => {
    const what = `${run ?? ''} ${error.code}`;
    if (told.has(what)) return;
    told.add(what);
    log.fatal({ run, code: error.code, check: error.check }, error.message);
  };
}
