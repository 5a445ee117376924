/** failover-drill and promote: the master changes, on purpose, and each reason why it does not. Three servers, of which one that dies is FAILED for AMP. */
import { abort, type AmpTown, carryThrough, checkAgain, post, setVariables, startAmpTown } from './amp-town.ts';

let town: AmpTown;
beforeAll(async () => {
  town = await startAmpTown({ hosts: 3, timedOut: 'FAILED' });
  await town.hosts.cluster.setUp();
}, 60_000);
afterAll(() => town.close());
afterEach(() => town.hosts.cluster.clearFaults());

const HOSTS = ['amp-01', 'amp-02', 'amp-03'];
const drill = (params = '') => carryThrough(town, 'failover-drill', params);
const promote = (params: string) => carryThrough(town, 'promote', params);
const states = () => Object.fromEntries(HOSTS.map((host) => [host, town.hosts.cluster.state(host)]));
const master = (): string => HOSTS.filter((host) => town.hosts.cluster.state(host) === 'MASTER').join(' and ');
const requests = (): string[] =>
  town.hosts.cluster.log().flatMap(({ host, verdict }) => (verdict.startsWith('POST') ? [`${host} ${verdict}`] : []));
/** Starts what does not run, so that the next test finds three servers again. */
async function heal(host: string): Promise<void> {
  await town.hosts.cluster.run(host, 'start');
  await town.hosts.cluster.waitForState(host, 'STANDBY');
}

test('a plan names the master and what would be changed', async () => {
  await town.type('dana', '/ha plan failover-drill amp-prod');
  const told = await town.slack.waitFor(() => (/scripts, (\d+) of \1/.test(town.told('dana')) ? town.told('dana') : undefined), {
    what: 'the plan',
  });
  expect(told).toMatch(/master: amp-01/);
  expect(told).toMatch(/sets highAvailabilityMode to AUTO/);
  expect(requests()).toEqual([]);
  expect(master()).toBe('amp-01');
}, 30_000);

test('after a graceful end a standby is master at once', async () => {
  const ended = await drill();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Yes, Confirmed', 'Approve D3', 'Approve D4-graceful', 'Done']);
  expect(ended.text).toMatch(/-highAvailabilityMode = MASTER\n\+highAvailabilityMode = AUTO/);
  const took = Number(/The failover took (\d+) s, from when amp-01 answered no more/.exec(ended.text)?.[1]);
  expect(took).toBeLessThanOrEqual(1);
  expect(master()).toMatch(/^amp-0[23]$/);
  expect(states()).toMatchObject({ 'amp-01': 'STANDBY' });
  expect(ended.text).toMatch(/amp-01 is STANDBY after \d+ s/);
  expect(ended.text).toMatch(/Move the floating IP address: skipped/);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);

test('a killed master is followed after the heartbeat timeout', async () => {
  const old = master();
  const ended = await drill('mode=hard floating_ip=yes');
  expect(ended.trouble).toBeUndefined();
  // The old master is configured as AUTO since it came back, so that is not asked again.
  expect(ended.pressed).toEqual(['Yes, Confirmed', 'Approve D4-hard', 'Done', 'Done']);
  expect(ended.text).toMatch(new RegExp(`D3 .*not needed on ${old}: It is configured so already`));
  expect(ended.text).toMatch(new RegExp(`Allocate the floating IP address to ${master()}, which is master now`));
  const took = Number(/The failover took (\d+) s/.exec(ended.text)?.[1]);
  expect(took).toBeGreaterThanOrEqual(1);
  expect(master()).not.toBe(old);
  expect(states()).toMatchObject({ [old]: 'STANDBY' });
  expect(ended.text).toMatch(new RegExp(`${old} is STANDBY and takes ${master()} for the master`));
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);

test('AMP of a package is killed and started by systemctl', async () => {
  const old = master();
  const restore = setVariables(town, { amp_service: 'amp' });
  const ended = await drill('mode=hard');
  restore();
  expect(ended.trouble).toBeUndefined();
  const calls = town.hosts.cluster.log().filter(({ program, event }) => program === 'systemctl' && event === 'begin');
  expect(calls.map(({ host, args }) => `${host} ${args}`)).toEqual([`${old} kill --signal=SIGKILL amp`, `${old} start amp`]);
  expect(states()).toMatchObject({ [old]: 'STANDBY' });
}, 30_000);

test('where no standby takes over the run says so and waits', async () => {
  const old = master();
  town.hosts.cluster.fault('never-promotes');
  const restore = setVariables(town, { failover_margin: '1' });
  const ended = await drill('mode=hard');
  restore();
  expect(ended.trouble).toMatch(/D5 [\s\S]*a standby to take over from amp-0\d: not so within 2 s/);
  expect(ended.trouble).toMatch(/AMP has no master now/);
  expect(master()).toBe('');
  town.hosts.cluster.clearFaults();
  const after = await checkAgain(town, ended);
  expect(after.trouble).toBeUndefined();
  expect(states()).toMatchObject({ [old]: 'STANDBY' });
  expect(master()).not.toBe('');
}, 40_000);

test('a chosen server is promoted over one of higher priority', async () => {
  const old = master();
  const [chosen = '', other = ''] = HOSTS.filter((host) => host !== old);
  await post(town, old, 'priority', 'priority=7');
  await post(town, other, 'priority', 'priority=3');
  const ended = await promote(`server=${chosen}`);
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Yes, Confirmed', 'Approve P5']);
  expect(ended.text).toMatch(new RegExp(`${chosen} has the priority 8, the highest of all`));
  expect(ended.text).toMatch(new RegExp(`${old} was MASTER and is STANDBY`));
  expect(states()).toEqual({ [chosen]: 'MASTER', [old]: 'STANDBY', [other]: 'STANDBY' });
  expect(requests().slice(-2)).toEqual([
    `${chosen} POST /v1/server/ha/priority priority=8: 200, was 0`,
    `${old} POST /v1/server/ha/state mode=STANDBY: 200, was MASTER, is STANDBY`,
  ]);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);

test('the master itself and a server that ended are not promoted', async () => {
  const before = requests().length;
  const itself = await promote(`server=${master()}`);
  expect(itself.trouble).toMatch(/is the master already/);
  await abort(town, itself);
  const [chosen = ''] = HOSTS.filter((host) => host !== master());
  await town.hosts.cluster.run(chosen, 'stop');
  await town.hosts.cluster.waitUntilDown(chosen);
  const gone = await promote(`server=${chosen}`);
  expect(gone.trouble).toMatch(/P1 [\s\S]*A server that has ended cannot become master/);
  expect(gone.text).toMatch(new RegExp(`L1 .*not needed on ${chosen}: No AMP answers there`));
  await abort(town, gone);
  await heal(chosen);
  expect([itself.pressed, gone.pressed]).toEqual([[], []]);
  expect(requests()).toHaveLength(before);
}, 30_000);

test('a promotion goes past a server that does not run', async () => {
  const [chosen = '', other = ''] = HOSTS.filter((host) => host !== master());
  await town.hosts.cluster.run(other, 'stop');
  await town.hosts.cluster.waitUntilDown(other);
  const ended = await promote(`server=${chosen} floating_ip=yes`);
  await heal(other);
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Yes, Confirmed', 'Approve P5', 'Done']);
  expect(ended.text).toMatch(new RegExp(`No AMP answers on ${other}`));
  expect(master()).toBe(chosen);
}, 30_000);

test('a master that moved meanwhile is not asked to step back', async () => {
  const old = master();
  const [chosen = '', other = ''] = HOSTS.filter((host) => host !== old);
  const thread = await town.begin(`/ha promote amp-prod server=${chosen}`);
  await thread.press('dana', /^Yes, Confirmed/);
  await thread.see(/^\*P5 .*: UNSAFE/);
  await post(town, other, 'priority', 'priority=99');
  await post(town, old, 'state', 'mode=STANDBY');
  await town.hosts.cluster.waitForState(other, 'MASTER');
  const before = requests().length;
  await thread.press('sam', /^Approve P5/);
  await thread.see(new RegExp(`master was ${old} and is now ${other}`));
  expect(requests()).toHaveLength(before);
  await abort(town, { thread });
  await post(town, other, 'priority', 'priority=0');
}, 30_000);

test('a chosen server that never becomes master leaves the run waiting', async () => {
  const [chosen = ''] = HOSTS.filter((host) => host !== master());
  town.hosts.cluster.fault('never-promotes', chosen);
  const restore = setVariables(town, { failover_margin: '1' });
  const ended = await promote(`server=${chosen}`);
  restore();
  expect(ended.trouble).toMatch(new RegExp(`P6 [\\s\\S]*${chosen} to be MASTER: not so within 2 s`));
  town.hosts.cluster.clearFaults();
  await town.hosts.cluster.waitForState(chosen, 'MASTER');
  expect((await checkAgain(town, ended)).trouble).toBeUndefined();
  expect(master()).toBe(chosen);
}, 40_000);

test('without a standby a drill would be an outage', async () => {
  const others = HOSTS.filter((host) => host !== master());
  for (const host of others) {
    await town.hosts.cluster.run(host, 'stop');
    await town.hosts.cluster.waitUntilDown(host);
  }
  const ended = await drill();
  expect(ended.trouble).toMatch(/D1 [\s\S]*Without a standby this would be no drill but an outage/);
  expect(ended.pressed).toEqual([]);
  await abort(town, ended);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);
