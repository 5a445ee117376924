import { quick, startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
let thread: ThreadView;
beforeAll(async () => {
  town = await startTown({ procedures: quick });
}, 60_000);
afterAll(() => town.close());
afterEach(async () => {
  town.hosts.cluster.clearFaults();
  await town.type('dana', `/ha cancel ${thread.run}`);
  await thread.see(/\bcancelled\b/);
});

test.each([
  ['two-leaders', /exactly one Leader/, undefined],
  ['no-leader', /exactly one Leader/, undefined],
  ['unknown-member', /knows no host|does not know/, undefined],
  ['member-starting', /not every database member is running/i, 'engine-02'],
] as const)('%s stops the run before anything is stopped', async (fault, words, host) => {
  town.hosts.cluster.fault(fault, host);
  thread = await town.begin();
  await thread.see(words);
  await thread.see(/Retry/);
  expect(town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === 'atscale_stop')).toEqual([]);
});

test('a silent engine is passed over for the other', async () => {
  town.hosts.cluster.fault('no-connection', 'engine-01');
  thread = await town.begin();
  await thread.see(/Approve/);
  await thread.see(/leader.*engine-01|engine-01.*leader/is);
});
