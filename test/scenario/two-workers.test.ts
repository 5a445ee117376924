import { startTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await startTown({ role: 'bot', hosts: { seconds: { stop: 1, start: 0.2, services: 0.2 } } });
}, 60_000);
afterAll(() => town.close());

test('a second worker takes over from one killed mid-stop', async () => {
  const workers = [await town.spawn('worker'), await town.spawn('worker')];
  const thread = await town.begin();
  await thread.press('sam', /^Approve S3/);
  await town.hosts.cluster.waitForLog((entry) => entry.program === 'atscale_stop' && entry.event === 'begin');
  await workers[0]?.kill();
  await thread.approveToTheEnd();
  await thread.see(/\bsucceeded\b/);
  const begun = town.hosts.cluster
    .log()
    .flatMap((entry) => (entry.event === 'begin' && /atscale_(stop|start)/.test(entry.program) ? [`${entry.program} ${entry.host}`] : []));
  expect(begun).toHaveLength(8);
  expect(new Set(begun).size).toBe(8);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 90_000);
