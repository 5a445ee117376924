/** ha-setup: from two servers that do not run to a master and a standby, and each reason why not. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { abort, type AmpTown, carryThrough, type Ended, setVariables, startAmpTown } from './amp-town.ts';
import { quick } from './town.ts';

let town: AmpTown;
beforeAll(async () => {
  town = await startAmpTown({}, { procedures: (yaml) => quick(yaml).replaceAll('within: 2m', 'within: 2s') });
}, 60_000);
afterAll(() => town.close());
afterEach(() => town.hosts.cluster.clearFaults());

const setUp = (params = 'first=amp-01'): Promise<Ended> => carryThrough(town, 'ha-setup', params);
const configOf = (host: string): string => readFileSync(town.hosts.entry(host).variables?.amp_config ?? '', 'utf8');
const sharedFolder = (): string => town.hosts.cluster.variables.persistence_dir ?? '';
const verdicts = (): string[] => town.hosts.cluster.log().map(({ verdict }) => verdict);

/** Ends the run in its trouble, and sees that nobody was asked, no server started and no configuration changed. */
async function nothingHappened(ended: Ended): Promise<void> {
  await abort(town, ended);
  expect(ended.pressed).toEqual([]);
  expect(town.hosts.cluster.processes()).toEqual([]);
  for (const host of ['amp-01', 'amp-02']) expect(configOf(host)).not.toMatch(/^highAvailabilityMode/m);
}

test('a folder that is not mounted on one server stops it', async () => {
  town.hosts.cluster.fault('not-mounted', 'amp-02');
  const ended = await setUp();
  expect(ended.trouble).toMatch(/H2 .* on amp-02/);
  expect(ended.text).toMatch(/nothing is mounted there: AMP would keep its state on this machine alone/);
  await nothingHappened(ended);
}, 30_000);

test('servers with different folders do not pass for one', async () => {
  const other = join(town.hosts.dir, 'amp-02', 'other-folder');
  mkdirSync(other, { recursive: true });
  const mountpoint = join(town.hosts.dir, 'any', 'bin', 'mountpoint');
  const standIn = readFileSync(mountpoint, 'utf8');
  writeFileSync(mountpoint, '#!/bin/sh\necho "$1 is a mountpoint"\n');
  const restore = setVariables(town, { persistence_dir: other }, 'amp-02');
  const ended = await setUp();
  restore();
  writeFileSync(mountpoint, standIn);
  expect(ended.trouble).toMatch(/H4 [\s\S]*every server to read what the others wrote: not so within 2 s/);
  await nothingHappened(ended);
}, 30_000);

test('a folder that cannot be written to is told apart', async () => {
  const restore = setVariables(town, { persistence_dir: '/proc' });
  const mountpoint = join(town.hosts.dir, 'any', 'bin', 'mountpoint');
  const standIn = readFileSync(mountpoint, 'utf8');
  writeFileSync(mountpoint, '#!/bin/sh\necho "$1 is a mountpoint"\n');
  const ended = await setUp();
  restore();
  writeFileSync(mountpoint, standIn);
  expect(ended.trouble).toMatch(/H3 /);
  expect(ended.text).toMatch(/\/proc cannot be written to by/);
  await nothingHappened(ended);
}, 30_000);

test('a server that runs already is not set up over', async () => {
  await town.hosts.cluster.run('amp-02', 'start');
  await town.hosts.cluster.waitForState('amp-02', 'MASTER');
  const ended = await setUp();
  await town.hosts.cluster.run('amp-02', 'stop');
  await town.hosts.cluster.waitUntilDown('amp-02');
  expect(ended.trouble).toMatch(/AMP runs on amp-02 already/);
  await nothingHappened(ended);
}, 30_000);

test('a launch that fails stops before the second server', async () => {
  town.hosts.cluster.fault('start-fails', 'amp-01', { value: 'launch' });
  const restore = setVariables(town, { start_limit: '2' });
  const ended = await setUp();
  restore();
  expect(ended.pressed).toEqual(['Approve H7']);
  expect(ended.trouble).toMatch(/H8 [\s\S]*exit status 1/);
  expect(ended.text).toMatch(/The Java virtual machine could not be created/);
  town.hosts.cluster.fault('start-fails', 'amp-01');
  await ended.thread.press('dana', /^Retry/);
  await ended.thread.see(/amp-01 to be MASTER: not so within 2 s. Seen last: exit status 7/);
  expect(configOf('amp-02')).not.toMatch(/^highAvailabilityMode/m);
  await abort(town, ended);
}, 30_000);

test('the first server becomes master, the other its standby', async () => {
  const before = verdicts().length;
  const ended = await setUp();
  expect(ended.trouble).toBeUndefined();
  // The first server is configured since the test before.
  expect(ended.pressed).toEqual(['Approve H10', 'Done', 'Done']);
  expect(ended.text).toMatch(/H7 .*not needed on amp-01: It is configured so already/);
  expect(ended.text).toMatch(/-persistenceDir=data\/brooklyn-persisted-state\n\+persistenceDir=.*brooklyn-persistence/);
  expect(ended.text).toMatch(/H4 .* on amp-02: succeeded[\s\S]*amp-02 reads what every server wrote/);
  expect([town.hosts.cluster.state('amp-01'), town.hosts.cluster.state('amp-02')]).toEqual(['MASTER', 'STANDBY']);
  expect(configOf('amp-01')).toMatch(/^highAvailabilityMode = MASTER\npersistMode = AUTO$/m);
  expect(configOf('amp-02')).toMatch(/^highAvailabilityMode = AUTO\npersistMode = AUTO$/m);
  for (const host of ['amp-01', 'amp-02']) expect(configOf(host)).toContain(`persistenceDir=${sharedFolder()}\n`);
  expect(town.hosts.cluster.violations()).toEqual([]);
  expect(
    verdicts()
      .slice(before)
      .filter((verdict) => /the document sets|is not the shared folder/.test(verdict)),
  ).toEqual([]);
  expect(readdirSync(sharedFolder()).filter((name) => name.startsWith('.keyturn'))).toEqual([]);
}, 30_000);

test('a state that is there already needs a second person', async () => {
  for (const host of ['amp-02', 'amp-01']) {
    await town.hosts.cluster.run(host, 'stop');
    await town.hosts.cluster.waitUntilDown(host);
  }
  const ended = await setUp();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Yes, Confirmed', 'Done', 'Done']);
  expect(ended.text).toMatch(/holds something already[\s\S]*Confirmed by .*Sam Okafor/);
  expect([town.hosts.cluster.state('amp-01'), town.hosts.cluster.state('amp-02')]).toEqual(['MASTER', 'STANDBY']);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);
