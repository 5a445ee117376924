/** The stand-ins for rpm and dpkg, the packages that they take, and machines on which there is no AtScale yet. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { makePackage } from '../../infra/sandbox/hosts/atscale/package.ts';
import { type Replacing, startReplacing, VERSION } from './atscale-support.ts';

let hand: Replacing & { release(): void };
const begin = (options: Parameters<typeof startReplacing>[0] = {}): void => {
  hand = startReplacing(options);
};
afterEach(() => hand.release());

const packageOf = (type: 'rpm' | 'deb', version = VERSION): string => {
  const path = join(hand.cluster.dir, 'engine-03', 'home', `atscale-${version}.${type}`);
  makePackage(path, { version, type });
  return path;
};
const on03 = (command: string) => hand.run('engine-03', command);
const productOf = (host: string): string => join(hand.cluster.dir, host, 'opt', 'atscale');

test('a new machine has a login and no AtScale', async () => {
  begin();
  expect(existsSync(productOf('engine-03'))).toBe(false);
  expect(hand.states()).toMatchObject({ 'engine-03': 'absent', 'coord-02': 'absent', 'engine-02': 'running' });
  expect(hand.cluster.hosts.filter(({ roles }) => roles.includes('replacement')).map(({ name }) => name)).toEqual([
    'engine-03',
    'coord-02',
  ]);
  const stop = await on03(`${hand.cluster.productHome}/bin/atscale_stop`);
  expect(stop).toEqual({ code: 127, stdout: '', stderr: `/bin/sh: ${hand.cluster.productHome}/bin/atscale_stop: not found\n` });
});

test('a new machine is no reason to object elsewhere', async () => {
  begin();
  await hand.stop('engine-02', 'engine-01', 'coord-01');
  for (const host of ['coord-01', 'engine-01', 'engine-02'])
    expect(await hand.run(host, `${hand.cluster.productHome}/bin/atscale_start`)).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['rpm', 'rpm', 'sudo rpm -i', ''],
  ['rpm that says what it does', 'rpm', 'sudo rpm -Uvh', 'Preparing...'],
  ['dpkg', 'deb', 'sudo dpkg --install', 'Selecting previously unselected package atscale.'],
] as const)('%s lays out what only waits for its activation', async (_what, type, command, says) => {
  begin();
  const done = await on03(`${command} ${packageOf(type)}`);
  expect(done).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(says) });
  expect(readdirSync(productOf('engine-03')).sort()).toEqual(['conf', 'versions']);
  expect(readdirSync(join(productOf('engine-03'), 'conf'))).toEqual([]);
  expect(readdirSync(join(productOf('engine-03'), 'versions'))).toEqual([VERSION]);
  expect(existsSync(join(productOf('engine-03'), 'versions', VERSION, 'bin', 'configurator.sh'))).toBe(true);
  expect(hand.states()['engine-03']).toBe('installed');
  expect(hand.cluster.violations()).toEqual([]);
  expect(hand.cluster.log().some(({ program, verdict }) => program === 'sudo' && verdict.startsWith('as root: '))).toBe(true);
});

test('a version that no host has yet can be reached by the common path', async () => {
  begin();
  await on03(`sudo rpm -i ${packageOf('rpm', '2024.2.0.1')}`);
  const said = await on03(`cd ${hand.cluster.productHome}/versions/2024.2.0.1 && ./bin/configurator.sh --apply`);
  expect(said.stderr).toMatch(/there is no \S+engine-03\/opt\/atscale\/conf\/atscale\.yaml/);
});

test('what is installed can be asked for', async () => {
  begin();
  expect(await on03('rpm -q atscale')).toMatchObject({ code: 1, stdout: 'package atscale is not installed\n' });
  expect(await on03('dpkg -s atscale')).toMatchObject({ code: 1, stderr: expect.stringMatching(/'atscale' is not installed/) });
  await on03(`sudo rpm -i ${packageOf('rpm')}`);
  expect(await on03('rpm -q atscale')).toMatchObject({ code: 0, stdout: `atscale-${VERSION}-1.x86_64\n` });
  expect((await on03('dpkg -s atscale')).stdout).toContain(`Version: ${VERSION}\n`);
});

describe('objections', () => {
  type Case = readonly [what: string, command: () => string, says: RegExp, writesDown: RegExp, code: number];
  const cases: readonly Case[] = [
    ['rpm without root', () => `rpm -i ${packageOf('rpm')}`, /Permission denied/, /VIOLATION rpm on engine-03: .* needs root/, 1],
    ['dpkg without root', () => `dpkg -i ${packageOf('deb')}`, /requires superuser privilege/, /VIOLATION dpkg .* needs root/, 2],
    ['rpm as another user', () => `sudo -u atscale rpm -i ${packageOf('rpm')}`, /Permission denied/, /needs root/, 1],
    ['rpm with a Debian package', () => `sudo rpm -i ${packageOf('deb')}`, /not an rpm package/, /is a package for dpkg/, 1],
    ['dpkg with an RPM package', () => `sudo dpkg -i ${packageOf('rpm')}`, /not a Debian format archive/, /is a package for rpm/, 1],
  ];

  test.each(cases)('%s', async (_what, command, says, writesDown, code) => {
    begin();
    expect(await on03(command())).toMatchObject({ code, stderr: expect.stringMatching(says) });
    expect(hand.objections()).toEqual([expect.stringMatching(writesDown)]);
    expect(hand.states()['engine-03']).toBe('absent');
    expect(existsSync(productOf('engine-03'))).toBe(false);
  });

  test.each([
    ['rpm', 'rpm', 'sudo rpm -Uvh'],
    ['dpkg', 'deb', 'sudo dpkg -i'],
  ] as const)('%s where a version is installed already', async (_what, type, command) => {
    begin();
    expect((await on03(`${command} ${packageOf(type)}`)).code).toBe(0);
    for (const host of ['engine-03', 'engine-02']) {
      const again = await hand.run(host, `${command} ${packageOf(type, '2024.9.9')}`);
      expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/is(?: already installed| installed already)/) });
      expect(readdirSync(join(productOf(host), 'versions'))).toEqual([VERSION]);
    }
    expect(hand.objections()).toHaveLength(2);
  });

  test.each([
    ['rpm', 'rpm', 'rpm -i', /prein\(atscale-\S+\) scriptlet failed/],
    ['dpkg', 'deb', 'dpkg --install', /pre-installation script subprocess returned error/],
  ] as const)('%s without ATSCALE_USER where it is not atscale', async (_what, type, command, says) => {
    begin({ account: 'bi' });
    const file = packageOf(type);
    expect(await on03(`sudo ${command} ${file}`)).toMatchObject({ code: 1, stderr: expect.stringMatching(says) });
    expect(hand.objections()).toEqual([expect.stringMatching(/ATSCALE_USER is not in the environment, and AtScale runs as bi here/)]);
    expect(existsSync(productOf('engine-03'))).toBe(false);
    // As the document says: sudo -E keeps it.
    expect((await on03(`sudo -E ${command} ${file}`)).code).toBe(0);
  });
});

describe('files that cannot be installed', () => {
  test.each([
    ['rpm', 'rpm', 'sudo rpm -i', /open of \S+ failed: No such file/, /not an rpm package/, /Payload SHA256 digest: BAD/],
    ['dpkg', 'deb', 'sudo dpkg -i', /cannot access archive: No such file/, /not a Debian format archive/, /unexpected end of file/],
  ] as const)('%s tells missing, strange and cut-off files apart', async (_what, type, command, missing, strange, cutOff) => {
    begin();
    const home = join(hand.cluster.dir, 'engine-03', 'home');
    expect((await on03(`${command} ${home}/nothing.${type}`)).stderr).toMatch(missing);
    writeFileSync(join(home, 'text'), 'KEYTURN SANDBOX PACKAGE other 1 rpm\n');
    writeFileSync(join(home, 'zeros'), Buffer.alloc(100_000));
    for (const name of ['text', 'zeros']) expect((await on03(`${command} ${home}/${name}`)).stderr).toMatch(strange);
    const file = packageOf(type);
    truncateSync(file, 4000);
    expect((await on03(`${command} ${file}`)).stderr).toMatch(cutOff);
    truncateSync(file, 4096);
    expect((await on03(`${command} ${file}`)).stderr).toMatch(cutOff);
    expect(hand.states()['engine-03']).toBe('absent');
    expect(hand.objections()).toEqual([]);
  });

  test('a package of any size takes no room and is installed at once', async () => {
    begin();
    const file = join(hand.cluster.dir, 'engine-03', 'home', 'big.rpm');
    makePackage(file, { version: VERSION, type: 'rpm', bytes: 500 * 1024 * 1024 });
    const { size, blocks } = statSync(file);
    expect(size).toBe(500 * 1024 * 1024);
    expect(blocks * 512).toBeLessThan(1024 * 1024);
    expect((await on03(`sudo rpm -i ${file}`)).code).toBe(0);
    expect(() => makePackage(file, { version: VERSION, type: 'rpm', bytes: 10 })).toThrow(/at least 256 bytes/);
  });
});

describe('a new machine behind an old name', () => {
  test('it is empty, and the other engine leads', async () => {
    begin();
    const home = join(hand.cluster.dir, 'engine-01', 'home');
    mkdirSync(join(home, '.keyturn'));
    hand.cluster.replaceMachine('engine-01');
    expect(readdirSync(home)).toEqual([]);
    expect(existsSync(productOf('engine-01'))).toBe(false);
    expect(hand.cluster.state()).toMatchObject({ leader: 'engine-02', hosts: { 'engine-01': 'absent' }, roles: { 'engine-01': 'engine' } });
    const members = await hand.run('engine-02', `${hand.cluster.productHome}/current/bin/database/postgres_nodes`);
    expect(members.stdout).toMatch(/engine-02\S+ +\| Leader/);
    expect(members.stdout).not.toMatch(/engine-01/);
  });

  test('it stays as it is when the cluster is taken up again', async () => {
    begin();
    hand.cluster.replaceMachine('engine-02');
    await hand.install('engine-03');
    const { dir } = hand.cluster;
    const before = { state: hand.cluster.state(), yaml: readFileSync(hand.yamlOf('engine-01'), 'utf8') };
    const again = createAtscaleCluster(dir, { queryEngines: 0, replacements: ['engine-03', 'coord-02', 'engine-04'] });
    expect(again.state().hosts).toEqual({ ...before.state.hosts, 'engine-04': 'absent' });
    expect(existsSync(productOf('engine-02'))).toBe(false);
    expect(readdirSync(productOf('engine-03')).sort()).toEqual(['conf', 'versions']);
    expect(readFileSync(hand.yamlOf('engine-01'), 'utf8')).toBe(before.yaml);
  });
});

describe('the host that is to be replaced', () => {
  test('it may be stopped by itself', async () => {
    begin({ queryEngines: 1 });
    const stop = `${hand.cluster.productHome}/bin/atscale_stop`;
    expect((await hand.run('coord-01', stop)).code).toBe(3);
    hand.cluster.toBeReplaced('coord-01');
    expect(await hand.run('coord-01', stop)).toMatchObject({ code: 0, stderr: '' });
    expect(await hand.run('coord-01', stop)).toMatchObject({ code: 3, stdout: expect.stringMatching(/^agent: ERROR \(not running\)\n/) });
  });

  test('a leader that loses its power fails over', () => {
    begin();
    hand.cluster.powerOff('engine-01');
    expect(hand.cluster.state()).toMatchObject({ leader: 'engine-02', hosts: { 'engine-01': 'stopped' } });
    hand.cluster.powerOff('engine-02');
    expect(hand.cluster.state()).toMatchObject({ leader: 'engine-02', hosts: { 'engine-02': 'stopped' } });
  });
});
