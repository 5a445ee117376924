/** Runs where, by whom and for whom none may be started: each is refused, and none begins. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../infra/sandbox/slack/server.ts';
import { openRuns, toldAfter, townOver, withDamagedRun } from './attacker.ts';
import { OPS, type Town } from './town.ts';

const [DANA, ALEX] = ['U0DANA0001', 'U0ALEX0001'];
let town: Town;
let clusterYaml: string;
beforeAll(async () => {
  town = await townOver('socket');
  clusterYaml = readFileSync(clusterPath(), 'utf8');
}, 60_000);
afterAll(() => town.close());

afterEach(async () => {
  await town.slack.setChannel('stakeholders', { is_ext_shared: false });
  writeFileSync(clusterPath(), clusterYaml);
  expect(await openRuns(town)).toEqual([]);
});

const clusterPath = (): string => join(town.folder, 'clusters/atscale-prod.yaml');
const restart = (person: string, channel = OPS, patch: JsonObject = {}) =>
  town.slack.person(person).command({ channel, text: '/ha restart atscale-prod', forge: (payload) => ({ ...payload, ...patch }) });

test.each([
  ['a direct message', 'D0DANA0001', /channels only/],
  ['a channel without Keyturn', 'random', /invite/],
  ['a private channel without Keyturn', 'incident-private', /invite/],
  ['a channel shared with others', 'vendor-shared', /shared with another organisation/],
  ['an archived channel', 'old-ops', /archived/],
])('a run in %s is refused', async (_title, channel, words) => {
  expect(await toldAfter(town, DANA, () => restart(DANA, channel))).toMatch(words);
});

test.each([
  ['a direct message under a channel’s name', { channel_id: 'D0DANA0001', channel_name: 'ops' }, /channels only/],
  ['a channel that does not exist', { channel_id: 'C0NOWHERE1' }, /invite/],
  ['a shared channel under another name', { channel_id: 'C0VENDOR01', channel_name: 'ops' }, /shared with another/],
])('a run in %s is refused', async (_title, patch, words) => {
  expect(await toldAfter(town, DANA, () => restart(DANA, OPS, patch))).toMatch(words);
});

test('a run in a channel that was shared a moment ago is refused', async () => {
  await toldAfter(town, ALEX, () => restart(ALEX, 'stakeholders'));
  await town.slack.setChannel('stakeholders', { is_ext_shared: true });
  expect(await toldAfter(town, DANA, () => restart(DANA, 'stakeholders'))).toMatch(/shared with another organisation/);
});

test('a run in a channel that the cluster file does not list is refused', async () => {
  writeFileSync(clusterPath(), clusterYaml.replace('channels: []', 'channels: [C0STAKE001]'));
  expect(await toldAfter(town, DANA, () => restart(DANA))).toMatch(/not worked on in this channel/);
});

test.each(['alex', 'sam', 'gwen', 'lee', 'deploybot', 'vera'])('a run by %s is refused', async (person) => {
  expect(await toldAfter(town, person, () => restart(person, OPS, { user_name: 'dana' }))).toMatch(/may not/i);
});

test('a run where the file lists nobody is refused', async () => {
  writeFileSync(clusterPath(), clusterYaml.replace(/start:\n\s+- \S+/, 'start: []'));
  expect(await toldAfter(town, DANA, () => restart(DANA))).toMatch(/Nobody may start/);
});

test('a damaged journal keeps nobody from stopping another run', async () => {
  writeFileSync(clusterPath(), clusterYaml);
  const thread = await town.begin('/ha restart atscale-prod', 'dana');
  await withDamagedRun(town, async () => {
    expect(await toldAfter(town, DANA, () => town.type(DANA, `/ha cancel ${thread.run}`))).toMatch(/is being cancelled/);
    await thread.see(/\bcancelled\b/);
  });
});
