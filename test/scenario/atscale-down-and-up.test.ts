/** The halves of a restart by themselves, and the look before and after: shutdown, status, start. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await startTown();
}, 60_000);
afterAll(() => town.close());

const begun = (program: string): readonly string[] =>
  town.hosts.cluster
    .log()
    .filter((entry) => entry.event === 'begin' && entry.program === program)
    .map(({ host }) => host);

const states = (): ReadonlySet<string> => new Set(Object.values(town.hosts.cluster.state().hosts));

async function look(): Promise<ThreadView> {
  return town.begin('/ha run status atscale-prod');
}

test('status looks at every node, asks nobody and changes nothing', async () => {
  const thread = await look();
  await thread.see(/Show the database members and every service.*: succeeded/);
  expect(thread.texts().join('\n')).not.toMatch(/UNSAFE/);
  expect([...begun('atscale_stop'), ...begun('atscale_start')]).toEqual([]);
}, 60_000);

test('one approval covers the whole shutdown in its documented order', async () => {
  const thread = await town.begin('/ha shutdown atscale-prod');
  const card = visibleText(await thread.see(/S3 to S6 \(4 steps of the phase shutdown\) on .*: UNSAFE, needs a second person/));
  for (const line of ['1. S3 Stop the query engines: query-01', '2. S4 ', '3. S5 ', '4. S6 Stop the coordinator: coord-01'])
    expect(card).toContain(line);
  expect(card.match(/Exactly this is run on/g)).toHaveLength(4);
  expect(begun('atscale_stop')).toEqual([]);
  await thread.press('sam', /^Approve S3 to S6$/);
  await thread.see(/Stop every node.*: succeeded/, 40_000);
  expect(thread.texts().filter((text) => /Approved by/.test(text))).toHaveLength(1);
  expect(begun('atscale_stop')).toEqual(['query-01', 'engine-02', 'engine-01', 'coord-01']);
  expect(begun('atscale_start')).toEqual([]);
  expect(states()).toEqual(new Set(['stopped']));
}, 60_000);

test('status tells that nothing runs', async () => {
  const thread = await look();
  await thread.see(/no host of the role answered|does not answer/);
  await thread.press('dana', /^Abort/);
  await town.slack.person('dana').submitView({ values: { reason: 'seen' } });
  await thread.see(/aborted/);
}, 60_000);

test('start brings every node back, and the database with them', async () => {
  const thread = await town.begin('/ha start atscale-prod leader=engine-01');
  await thread.approveToTheEnd();
  await thread.see(/: succeeded/);
  expect(begun('atscale_start').slice(0, 1)).toEqual(['coord-01']);
  expect(begun('atscale_start').at(-1)).toBe('query-01');
  expect(states()).toEqual(new Set(['running']));
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 60_000);
