import { quick, startTown, type Town } from './town.ts';

let town: Town;
beforeEach(async () => {
  town = await startTown({ procedures: (yaml) => quick(yaml).replaceAll('within: 5m', 'within: 2s') });
}, 60_000);
afterEach(() => town.close());

const begun = (): string[] =>
  town.hosts.cluster
    .log()
    .flatMap((entry) => (entry.event === 'begin' && /atscale_(stop|start)/.test(entry.program) ? [`${entry.program} ${entry.host}`] : []));

/** Approves the four stops. */
async function approveStops(thread: Awaited<ReturnType<Town['begin']>>): Promise<void> {
  for (const step of ['S3', 'S4', 'S5', 'S6']) await thread.press('sam', new RegExp(`^Approve ${step}`));
}

async function reason(person: string, words: string): Promise<void> {
  await town.slack.waitFor(() => town.slack.openViews(person).length === 1, { what: 'the modal that asks for a reason' });
  await town.slack.person(person).submitView({ values: { reason: words } });
}

test('a service that never comes up stops the run there', async () => {
  town.hosts.cluster.fault('service-fatal', 'coord-01');
  const thread = await town.begin();
  await approveStops(thread);
  await thread.see(/RUNNING[\s\S]*not so within/);
  expect(begun().at(-1)).toBe('atscale_start coord-01');
  await thread.see(/FATAL/);
  town.hosts.cluster.clearFaults();
  await thread.press('dana', /^Check Again/);
  await thread.see(/\bsucceeded\b[\s\S]*approv/i, 30_000);
  expect(begun().filter((line) => line === 'atscale_start coord-01')).toHaveLength(1);
}, 90_000);

test('an unsafe step that failed is skipped only by a second person', async () => {
  town.hosts.cluster.fault('stop-fails', 'query-01');
  const thread = await town.begin();
  await thread.press('sam', /^Approve S3/);
  await thread.see(/exit status 1/);
  await thread.press('dana', /^Skip/);
  await reason('dana', 'I want on').catch(() => undefined);
  await town.slack.waitFor(() => /requested this run/.test(town.told('dana')), { what: 'the private refusal' });
  await thread.press('sam', /^Skip/);
  await reason('sam', 'query-01 is down for repair');
  await thread.see(/query-01 is down for repair/);
  await thread.see(/^\*S4 .*: UNSAFE/);
}, 60_000);

test('a retry of an unsafe step asks for a new approval', async () => {
  town.hosts.cluster.fault('stop-fails', 'query-01');
  const thread = await town.begin();
  await thread.press('sam', /^Approve S3/);
  await thread.see(/exit status 1/);
  town.hosts.cluster.clearFaults();
  await thread.press('dana', /^Retry/);
  await thread.press('sam', /^Approve S3/);
  await thread.see(/^\*S4 .*: UNSAFE/);
  expect(begun()).toEqual(['atscale_stop query-01', 'atscale_stop query-01']);
}, 60_000);

test('a leader that moved between card and click voids the approval', async () => {
  const thread = await town.begin();
  await thread.press('sam', /^Approve S3/);
  await thread.see(/^\*S4 .*: UNSAFE/);
  town.hosts.cluster.switchover();
  await thread.press('sam', /^Approve S4/);
  await thread.see(/was engine-02 and is now engine-01|was engine-01 and is now engine-02/);
  expect(begun()).toEqual(['atscale_stop query-01']);
  await thread.press('dana', /^Use New Roles/);
  await thread.press('sam', /^Approve S4/);
  await town.hosts.cluster.waitForLog((entry) => entry.program === 'atscale_stop' && entry.event === 'end' && entry.host === 'engine-01');
  expect(begun()).toEqual(['atscale_stop query-01', 'atscale_stop engine-01']);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 60_000);
