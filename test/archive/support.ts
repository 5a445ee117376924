/** Runs that are over, on a real Redis and a real folder, as bot and worker leave them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Archive, createArchive } from '../../src/archive/files.ts';
import { type Keeper, startKeeper } from '../../src/archive/keeper.ts';
import { keysFrom } from '../../src/installation-key.ts';
import { createJournal, type Journal } from '../../src/journal/journal.ts';
import { createLeases } from '../../src/journal/leases.ts';
import { createNotes, type Notes } from '../../src/journal/notes.ts';
import { createRuns, type Runs } from '../../src/journal/runs.ts';
import { createWitness } from '../../src/journal/witness.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { type RunEvent, runEventSchema } from '../../src/run/events.ts';
import { createListing, type Listing } from '../../src/worker/listing.ts';
import { cluster, command, dana, procedure } from '../run/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

export const DAY = 86_400_000;
/** When everything ended. */
export const THEN = Date.UTC(2026, 0, 31, 12);
export const keyFor = keysFrom(Buffer.alloc(32, 'archive tests'));

export type Store = {
  readonly redis: RedisClient;
  readonly journal: Journal<RunEvent>;
  readonly runs: Runs;
  readonly listing: Listing;
  readonly archive: Archive;
  readonly notes: Notes;
  readonly record: string;
  readonly data: string;
  /** Codes of what was found damaged. */
  readonly damaged: string[];
  /** What was logged from warnings on. */
  readonly logged: string[];
  /** A run from its request to its end, shown in its thread unless told. */
  end(run: string, options?: { readonly shown?: boolean; readonly at?: number; readonly text?: string }): Promise<void>;
  /** One pass, so many days after everything ended. */
  keep(days: number, keepDays?: number): Promise<void>;
  close(): Promise<void>;
};

export type StoreOptions = { readonly url: string; readonly record?: string; readonly data?: string };

/** As one process has it. */
export async function openStore({ url, record = folder(), data = folder() }: StoreOptions): Promise<Store> {
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const redis = await connectRedis(url, { role: 'journal', log });
  const damaged: string[] = [];
  const tell = ({ code }: { readonly code: string }): void => void damaged.push(code);
  const archive = createArchive(record);
  const decode = (value: unknown): RunEvent => runEventSchema.parse(value);
  const journal = createJournal<RunEvent>({ redis, decode, key: keyFor('journal'), archive, onDamage: (_run, error) => tell(error) });
  const runs = createRuns({ redis, key: keyFor('runs'), folder: record, witness: createWitness(data, 'runs'), onDamage: tell });
  const listing = createListing({ journal, runs, now: () => THEN });
  const notes = createNotes(redis, archive);
  const leases = createLeases(redis);
  const keeperOn = (days: number, keepDays: number | undefined): Keeper =>
    startKeeper({
      ...{ redis, journal, runs, listing, archive, notes, leases, keyFor, log, owner: `owner-${process.pid}-${Math.random()}` },
      config: { record, archiveAfterDays: 30, keepDays },
      now: () => THEN + days * DAY,
    });
  return {
    ...{ redis, journal, runs, listing, archive, notes, record, data, damaged, logged },
    async end(run, { shown = true, at = THEN, text = 'every step is done' } = {}) {
      const actor = { kind: 'keyturn' } as const;
      const channel = { team: 'T1', id: 'C1' };
      const requested = {
        kind: 'runRequested',
        requester: dana,
        procedure: procedure([command('S1')]),
        cluster,
        params: {},
        channel,
        requestId: run,
      } as const;
      const created = await journal.create(run, [requested], { at: at - 1_000, actor, requestId: run });
      if (created.kind !== 'created') throw new Error(`${run}: ${created.kind}`);
      const ended = { kind: 'runEnded', outcome: 'succeeded', why: text } as const;
      await journal.append(run, created.head, [ended], { at, actor, closes: {} });
      if (!shown) return;
      const thread = notes.thread(run);
      await thread.set('message:card', JSON.stringify({ state: 'posted', channel: 'C1', ts: '1.1', digest: 'd' }));
      await thread.set('permalink', `https://slack.example/${run}`);
      await thread.set('projected', '2');
    },
    async keep(days, keepDays) {
      const keeper = keeperOn(days, keepDays);
      await keeper.pass();
      await keeper.close();
    },
    close: () => disconnectRedis(redis),
  };
}

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'keyturn-archive-'));
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** An empty store for each test of a file, over one Redis; `begin` is given both. */
export function eachWithStore(begin: (store: Store, server: TestRedis) => Promise<void> | void): void {
  let server: TestRedis;
  let store: Store;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    store = await openStore({ url: server.url });
    await store.redis.flushall();
    await begin(store, server);
  });
  afterEach(async () => {
    await store.close();
    removeFolder(store.record);
    removeFolder(store.data);
  });
}
