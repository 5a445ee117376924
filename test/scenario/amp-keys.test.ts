/** share-ssh-keys: the same keys on every server, AMP started again where it runs, and the private key seen by nobody. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { abort, type AmpTown, carryThrough, redisContent, startAmpTown, watchProcessList } from './amp-town.ts';

let town: AmpTown;
beforeAll(async () => {
  const pair = (comment: string) => (path: string) =>
    void execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'rsa',
      '-b',
      '2048',
      '-N',
      comment === 'locked' ? 'a passphrase' : '',
      '-C',
      comment,
      '-f',
      path,
    ]);
  town = await startAmpTown({}, { files: { id_rsa: pair('amp'), other: pair('other'), locked: pair('locked') } });
}, 60_000);
afterAll(() => town.close());

const HOSTS = ['amp-01', 'amp-02'];
const share = (params = '') => carryThrough(town, 'share-ssh-keys', params);
const fileOf = (name: string): string => readFileSync(join(town.folder, 'files', name), 'utf8');
const sumOf = (name: string): string => createHash('sha256').update(fileOf(name)).digest('hex');
const begun = (program: string): number =>
  town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === program).length;
const keys = (host: string) => town.hosts.cluster.keysOf(host);

test('keys that are not there are told before anything is changed', async () => {
  const ended = await share('private_key=nothing');
  expect(ended.trouble).toMatch(/K3 [\s\S]*nothing cannot be copied from the worker: there is no file/);
  await abort(town, ended);
  expect(keys('amp-01').id_rsa).toBeUndefined();
}, 30_000);

test('halves that do not belong together stop before any restart', async () => {
  const ended = await share('public_key=other.pub');
  expect(ended.trouble).toMatch(/K5 [\s\S]*the two halves do not belong together/);
  await abort(town, ended);
  const locked = await share('private_key=locked public_key=locked.pub');
  expect(locked.trouble).toMatch(/K5 [\s\S]*has a passphrase, which AMP could not give/);
  await abort(town, locked);
  expect(begun('start')).toBe(0);
}, 30_000);

test('where AMP does not run only the keys are placed', async () => {
  const ended = await share();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Approve K3']);
  for (const host of HOSTS) {
    expect(keys(host)).toEqual({
      '.ssh': { mode: '700', owner: 'amp:amp' },
      id_rsa: { mode: '600', owner: 'amp:amp', sha256: sumOf('id_rsa') },
      'id_rsa.pub': { mode: '644', owner: 'amp:amp', sha256: sumOf('id_rsa.pub') },
    });
  }
  expect(begun('start')).toBe(0);
}, 30_000);

test('servers that are no pair yet start again each by itself', async () => {
  for (const host of HOSTS) {
    await town.hosts.cluster.run(host, 'start');
    await town.hosts.cluster.waitForState(host, 'MASTER');
  }
  const before = town.hosts.cluster.nodeIds();
  const ended = await share();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Approve K3', 'Yes, Confirmed', 'Approve K10']);
  expect(HOSTS.map((host) => town.hosts.cluster.state(host))).toEqual(['MASTER', 'MASTER']);
  for (const host of HOSTS) expect(town.hosts.cluster.nodeIds()[host]).not.toBe(before[host]);
  expect(town.hosts.cluster.violations()).toEqual([]);
  for (const host of HOSTS) {
    await town.hosts.cluster.run(host, 'stop');
    await town.hosts.cluster.waitUntilDown(host);
  }
}, 30_000);

test('a running pair fails over once and nobody sees the secrets', async () => {
  await town.hosts.cluster.setUp();
  town.hosts.cluster.fault('slow', undefined, { value: 100 });
  const before = town.hosts.cluster.nodeIds();
  const list = watchProcessList();
  const ended = await share('floating_ip=yes');
  const commands = list.stop();
  town.hosts.cluster.clearFaults();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Approve K3', 'Yes, Confirmed', 'Approve K8', 'Approve K9', 'Approve K10', 'Done']);
  expect(ended.text).toMatch(/Allocate the floating IP address to amp-02, which is master now/);
  expect(ended.text).toMatch(/-highAvailabilityMode = MASTER\n\+highAvailabilityMode = AUTO/);
  expect(HOSTS.map((host) => town.hosts.cluster.state(host))).toEqual(['STANDBY', 'MASTER']);
  for (const host of HOSTS) expect(town.hosts.cluster.nodeIds()[host]).not.toBe(before[host]);
  expect(town.hosts.cluster.violations()).toEqual([]);
  expect(town.hosts.cluster.log().filter(({ verdict }) => verdict === 'SSH keys: the same on every server').length).toBeGreaterThan(0);

  expect(commands.some((command) => command.startsWith('curl '))).toBe(true);
  const password = town.hosts.cluster.secrets.amp_password ?? '';
  const keyLines = ['id_rsa', 'locked'].flatMap((name) => fileOf(name).split('\n')).filter((line) => /^[A-Za-z0-9+/=]{20,}$/.test(line));
  expect(keyLines.length).toBeGreaterThan(40);
  const places = {
    threads: JSON.stringify([...town.slack.channel('ops').messages(), ...town.slack.channel('stakeholders').messages()]),
    calls: JSON.stringify(town.slack.calls),
    redis: await redisContent(town),
    log: town.log.join('\n'),
    outputs: textUnder(join(town.folder, 'data')),
    commands: commands.join('\n'),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text.length).toBeGreaterThan(100);
    expect({ place, found: [password, ...keyLines].filter((secret) => text.includes(secret)) }).toEqual({ place, found: [] });
  }
}, 40_000);

test('another key that is there is kept beside the new one', async () => {
  const old = sumOf('id_rsa');
  for (const host of HOSTS) {
    await town.hosts.cluster.run(host, 'stop');
    await town.hosts.cluster.waitUntilDown(host);
  }
  for (const half of ['', '.pub']) copyFileSync(join(town.folder, 'files', `other${half}`), join(town.folder, 'files', `new${half}`));
  const ended = await share('private_key=new public_key=new.pub');
  expect(ended.trouble).toBeUndefined();
  expect(keys('amp-02').id_rsa).toMatchObject({ mode: '600', sha256: sumOf('new') });
  const folder = join(town.hosts.entry('amp-02').variables?.amp_user_home ?? '', '.ssh');
  const kept = readdirSync(folder).filter((name) => /^id_rsa\.keyturn-\d+T\d+Z$/.test(name));
  expect(
    kept.map((name) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ),
  ).toContain(old);
}, 30_000);

/** Every file below the folder, one after the other. */
function textUnder(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
}
