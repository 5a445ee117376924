/** Two keys for one step: counted by person, looked up again before the start, over the built bot. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startTown, type Town } from './town.ts';

let town: Town;
let people: string;
const [SAM, ALEX] = ['U0SAM00001', 'U0ALEX0001'];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-people-'));
  people = join(folder, 'people.yaml');
  town = await startTown({ env: { KEYTURN_PEOPLE: people } });
  const cluster = join(town.folder, 'clusters', 'atscale-prod.yaml');
  const text = readFileSync(cluster, 'utf8');
  const rule = text.replace(/ {2}approve:\n {4}- S0APPROVE1\n/, `  approve: { count: 2, of: [S0APPROVE1, ${ALEX}] }\n`);
  expect(rule).not.toBe(text);
  writeFileSync(cluster, rule);
}, 60_000);
afterAll(async () => {
  await town.close();
  rmSync(dirname(people), { recursive: true });
});
beforeEach(async () => {
  writeFileSync(people, 'people: {}\n');
  await town.slack.setUser(SAM, { deleted: false });
});
// A run that a failed test left behind would hold the cluster for all that follow.
afterEach(() => town.type('dana', '/ha cancel atscale-prod'));

const stops = (): number => town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === 'atscale_stop').length;
const told = (person: string, words: RegExp) => town.slack.waitFor(() => words.test(town.told(person)), { what: `${words} for ${person}` });

test('two accounts of one person are one key of two', async () => {
  const before = stops();
  const thread = await town.begin();
  writeFileSync(people, `people: { sam@example.com: [${SAM}, ${ALEX}] }\n`);
  await thread.press('sam', /^Approve/);
  await thread.see(/1 of 2/);
  await thread.press('alex', /^Approve/);
  await told('alex', /a person counts once/);
  // It stays so for this request: the record keeps whose accounts they were when the first of them was used.
  writeFileSync(people, 'people: {}\n');
  await thread.press('alex', /^Approve/);
  await town.slack.waitFor(() => town.told('alex').match(/a person counts once/g)?.length === 2, { what: 'the second refusal' });
  expect(stops()).toBe(before);
  await town.type('dana', '/ha cancel atscale-prod');
  await thread.see(/\bcancelled\b/);
}, 60_000);

test('two people are two keys', async () => {
  const before = stops();
  const thread = await town.begin();
  for (const person of ['sam', 'alex']) await thread.press(person, /^Approve/);
  await thread.see(/Sam Okafor.*approved S3/s);
  await thread.see(/Alex Kim.*approved S3/s);
  await thread.see(/^\*S4 .*: UNSAFE/);
  expect(stops()).toBe(before + 1);
  await town.type('dana', '/ha cancel atscale-prod');
  await thread.see(/\bcancelled\b/);
}, 60_000);

test('a mistake in the file of people confirms nobody', async () => {
  const thread = await town.begin();
  writeFileSync(people, 'people: { sam: [sam] }\n');
  await thread.press('sam', /^Approve/);
  await told('sam', /file of people has a mistake/);
  writeFileSync(people, 'people: {}\n');
  await town.type('dana', '/ha cancel atscale-prod');
  await thread.see(/\bcancelled\b/);
}, 60_000);

test('an approver deactivated before the start opens nothing', async () => {
  const before = stops();
  const thread = await town.begin();
  await thread.see(/S3 .*: UNSAFE/);
  await thread.press('dana', /^Pause/);
  await thread.see(/Paused by/);
  for (const person of ['sam', 'alex']) await thread.press(person, /^Approve/);
  await thread.see(/Alex Kim.*approved S3/s);
  await town.slack.setUser(SAM, { deleted: true });
  // What Slack said at a click is good for two seconds, and only the clock makes it old.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await thread.press('dana', /^Resume/);
  await thread.see(/was voided: Sam Okafor, who approved it, is no active full member/);
  await town.slack.waitFor(() => thread.texts().filter((text) => /S3 .*: UNSAFE, needs/.test(text)).length === 1, {
    what: 'a new request',
  });
  expect(stops()).toBe(before);
  await town.type('dana', '/ha cancel atscale-prod');
  await thread.see(/\bcancelled\b/);
}, 60_000);
