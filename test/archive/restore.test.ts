/** Back-up and restore as docs/record.md says: from a Redis that runs, to a machine that has nothing. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from '../../src/cli/verify.ts';
import type { Stored } from '../../src/journal/journal.ts';
import { keys } from '../../src/journal/keys.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { actorOf, begun, cancelled } from '../run/histories.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { DAY, folder, openStore, removeFolder, type Store, THEN } from './support.ts';

const SECRET = Buffer.alloc(32, 'archive tests');
/** Nothing was started, so nothing of it depends on when and in which run it happened. */
const SOUND: readonly RunEvent[] = [begun(), cancelled, { kind: 'runEnded', outcome: 'cancelled', why: 'cancelled by Dana' }];
const folders: string[] = [];
const servers: TestRedis[] = [];

afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const path of folders) removeFolder(path);
});

function made(): string {
  const path = folder();
  folders.push(path);
  return path;
}

/** As desk, worker and outbox write it. */
async function write(store: Store, run: string, events: readonly RunEvent[], at: number): Promise<void> {
  const [first, ...rest] = events;
  if (first === undefined) throw new Error('no event');
  const created = await store.journal.create(run, [first], { at, actor: actorOf(first), requestId: run });
  if (created.kind !== 'created') throw new Error(created.kind);
  await store.listing.note(run, created.stored);
  let { head } = created;
  for (const [index, event] of rest.entries()) {
    const closes = event.kind === 'runEnded' ? { closes: {} } : {};
    const appended = await store.journal.append(run, head, [event], { at: at + 1_000 * (index + 1), actor: actorOf(event), ...closes });
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    head = appended.head;
  }
  await store.notes.thread(run).set('projected', String(head.seq));
}

test('from the back-up of a Redis that runs, every run is there and proves', async () => {
  const redisFolder = made();
  const server = await startRedis({ dir: redisFolder });
  servers.push(server);
  const [record, data] = [made(), made()];
  const store = await openStore({ url: server.url, record, data });
  writeFileSync(join(data, 'installation.key'), `${SECRET.toString('base64')}\n`, { mode: 0o600 });

  const [old, recent, open] = [['run1', 'run2', 'run3'], ['run4', 'run5'], 'run6'];
  for (const run of old) await write(store, run, SOUND, THEN);
  await store.keep(31);
  for (const run of recent) await write(store, run, SOUND, THEN + 30 * DAY);
  for (const run of recent) await store.listing.ensure(run, 'ended');
  await write(store, open, SOUND.slice(0, 2), THEN + 31 * DAY);
  const before = new Map<string, readonly Stored<RunEvent>[]>();
  for (const run of [...old, ...recent, open]) before.set(run, await store.journal.read(run));

  // Back up: Redis first, then the folder of the record, then (once for all) the key file.
  const backup = made();
  await store.redis.config('SET', 'auto-aof-rewrite-percentage', '0');
  expect(await store.redis.info('persistence')).toContain('aof_rewrite_in_progress:0');
  cpSync(join(redisFolder, 'appendonlydir'), join(backup, 'appendonlydir'), { recursive: true });
  await store.redis.config('SET', 'auto-aof-rewrite-percentage', '100');
  // Between the two copies a run moves: it is in both, and not in neither.
  await store.keep(62);
  expect(await store.redis.exists(keys.journal('run4'))).toBe(0);
  cpSync(record, join(backup, 'record'), { recursive: true });
  cpSync(join(data, 'installation.key'), join(backup, 'installation.key'));
  await write(store, 'run7', SOUND, THEN + 63 * DAY);
  await store.close();
  await server.kill9();

  // Restore on a machine that has nothing.
  const [newRedis, newData] = [made(), made()];
  const newRecord = join(made(), 'record');
  cpSync(join(backup, 'appendonlydir'), join(newRedis, 'appendonlydir'), { recursive: true });
  cpSync(join(backup, 'record'), newRecord, { recursive: true });
  mkdirSync(newData, { recursive: true });
  cpSync(join(backup, 'installation.key'), join(newData, 'installation.key'));
  const restored = await startRedis({ dir: newRedis });
  servers.push(restored);
  const there = await openStore({ url: restored.url, record: newRecord, data: newData });
  for (const [run, stored] of before) expect(await there.journal.read(run)).toEqual(stored);
  expect(await there.journal.openRuns()).toEqual([open]);
  expect((await there.journal.finishedRuns({ limit: 10 })).map(({ run }) => run).toSorted()).toEqual([...old, ...recent]);
  expect(await there.runs.lost()).toBeUndefined();
  expect(there.damaged).toEqual([]);

  const said: string[] = [];
  const world = {
    env: { REDIS_URL: restored.url, KEYTURN_DATA: newData, KEYTURN_RECORD: newRecord },
    say: (line: string) => void said.push(line),
    complain: (line: string) => void said.push(line),
    print: async () => undefined,
    ask: async () => false,
    type: async () => undefined,
  };
  const code = await verify(world, [], { json: false });
  expect([code, ...said.filter((line) => !line.includes('  sound  '))]).toEqual([
    0,
    expect.stringMatching(/^6 runs/),
    expect.stringMatching(/^The list of runs ends with \d+:/),
    // Another machine has seen nothing yet.
    expect.stringContaining('there is no runs-head.json in KEYTURN_DATA'),
  ]);
  for (const run of before.keys()) expect(said.join('\n')).toMatch(new RegExp(`${run} {2}sound`));

  // It goes on from there: what was moved after the back-up of Redis is moved again.
  await there.keep(62);
  expect(readdirSync(join(newRecord, 'archive', '2026', '03')).toSorted()).toEqual(['run4.json.gz', 'run5.json.gz']);
  for (const [run, stored] of before) expect(await there.journal.read(run)).toEqual(stored);
  expect(await there.runs.verify()).toEqual([]);
  await there.close();
}, 60_000);

test('the back-up in docs/record.md is what is tested here', () => {
  const page = readFileSync('docs/record.md', 'utf8');
  const part = page.slice(page.indexOf('## Back-up'));
  const order = ['auto-aof-rewrite-percentage 0', 'appendonlydir', 'KEYTURN_RECORD', 'installation.key', 'verify'].map((word) =>
    part.indexOf(word),
  );
  expect(order.every((at, index) => at > (order[index - 1] ?? -1))).toBe(true);
});
