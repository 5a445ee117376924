/** The list for review on a real Redis: written once, whatever crashes in between; reviewed once, whoever comes second. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openInstallationKey } from '../../src/installation-key.ts';
import { createRegister, type Register } from '../../src/journal/register.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import type { Recorded, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import { createEmergencies } from '../../src/worker/emergencies.ts';
import { createCli } from '../cli/world.ts';
import { alex, command, dana, journal, member, requested, sam } from '../run/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const step = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const events: readonly RunEvent[] = [
  requested('A', 'main-1'),
  {
    kind: 'glassBroken',
    request: 'q1',
    by: alex,
    reason: 'nobody is awake',
    stands: { memberOf: [], accounts: ['U3'] },
    channel: 'C0LOUD',
  },
];
const people = { users: ['U3'], groups: [] };
const recorded: readonly Recorded[] = journal([step], events).map((each) =>
  each.event.kind === 'runRequested'
    ? { ...each, event: { ...each.event, cluster: { ...each.event.cluster, breakGlass: { people, channel: 'C0LOUD' } } } }
    : each,
);
const state = fold('run2', recorded);

let server: TestRedis;
let redis: RedisClient;
let register: Register;
let folder: string;
const log = pino({ level: 'silent' });

beforeAll(async () => {
  server = await startRedis();
  folder = mkdtempSync(join(tmpdir(), 'keyturn-emergencies-'));
  mkdirSync(join(folder, 'data'));
  redis = await connectRedis(server.url, { role: 'journal', log });
  register = createRegister({ redis, key: (await openInstallationKey(join(folder, 'data', 'installation.key')))('register') });
});
afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function desk() {
  const read = async () => recorded.map((each) => ({ ...each, id: `e${each.seq}`, prev: '', hash: '' }));
  return createEmergencies({ journal: { read }, register });
}

function keyturn(...args: readonly string[]) {
  const cli = createCli();
  Object.assign(cli.env, { REDIS_URL: server.url, KEYTURN_DATA: join(folder, 'data') });
  return cli.run('reviews', ...args).finally(() => cli.close());
}

test('an emergency is listed once, however often it is written', async () => {
  await desk().note(state);
  await desk().note(state);
  const due = await desk().due();
  expect(due.map(({ id, at }) => ({ id, at }))).toEqual([{ id: 'run2:glass:q1', at: 3_000 }]);
});

test('the command line lists it, for people and for programs', async () => {
  const said = await keyturn();
  expect(said).toMatchObject({ code: 1, err: '' });
  expect(said.out).toMatch(/^1970-01-01 00:00:03 UTC {2}run2 {2}sample-prod {2}break-glass at A\n {2}by Alex \(U3\): nobody is awake\n/);
  expect(said.out).toContain('One emergency waits for a review. In Slack');
  const json: unknown = JSON.parse((await keyturn('--json')).out);
  expect(json).toMatchObject({ due: [{ id: 'run2:glass:q1', at: '1970-01-01T00:00:03.000Z', kind: 'glassBroken', run: 'run2' }] });
});

test('a review that is refused is recorded, and nothing is marked', async () => {
  expect(await desk().review(state, 'fine', member(dana), 9_000)).toMatchObject({ kind: 'refused' });
  expect(await desk().review(state, 'fine', member(alex, ['S1']), 9_001)).toMatchObject({ kind: 'refused' });
  expect(await desk().due()).toHaveLength(1);
  const refusals = (await register.read()).flatMap(({ event }) =>
    event.kind === 'refused' ? [`${event.person.name} ${event.action}`] : [],
  );
  expect(refusals).toEqual(['Dana review', 'Alex review']);
});

test('of two reviews at the same time one is recorded', async () => {
  const other = member({ ...sam, user: 'U8', name: 'Robin' }, ['S1']);
  const said = await Promise.all([
    desk().review(state, 'looked right', member(sam), 10_000),
    desk().review(state, 'looked right too', other, 10_000),
  ]);
  expect(said.map(({ kind }) => kind).toSorted()).toEqual(['moot', 'taken']);
  expect((await register.read()).filter(({ event }) => event.kind === 'reviewed')).toHaveLength(1);
  expect(await desk().due()).toEqual([]);
  expect(await keyturn()).toMatchObject({ code: 0, out: 'Nothing waits for a review.' });
});
