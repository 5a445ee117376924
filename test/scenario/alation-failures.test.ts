/** What the documents of Alation warn of, and what can go wrong on the way: each is told with its offender, and can be tried again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlationFault, AlationFaultOptions } from '../../infra/sandbox/hosts/alation/faults.ts';
import { makeAlationPackage } from '../../infra/sandbox/hosts/alation/package.ts';
import type { AlationOptions } from '../../infra/sandbox/hosts/alation/pair.ts';
import { runSsh } from '../support/ssh-command.ts';
import { type Bench, openBench, type Stand, troubleOf, willing } from './alation-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const ONE = 'alation-01';
const TWO = 'alation-02';
type Fault = readonly [kind: AlationFault, host: string, options?: AlationFaultOptions];

/** Programs that changed something on any host; looks are none. */
function deeds({ pair }: Stand): readonly string[] {
  const looks = /^(alation shell|alation_conf \S+|replication_port_check.*|df .*)$/;
  return pair.log().flatMap(({ event, program, args, host }) => {
    const what = `${program} ${args}`.trim();
    return event === 'begin' && !looks.test(what) ? [`${what} on ${host}`] : [];
  });
}

/** As a person does it on the host, beside the run. */
async function byHand({ hosts, pair }: Stand, host: string, command: string): Promise<void> {
  const knownHosts = join(pair.dir, 'known_hosts');
  writeFileSync(knownHosts, hosts.knownHosts);
  const script = `sudo -n ${pair.variables.alation_init} shell <<'END'\n${command}\nEND\n`;
  expect(await runSsh(hosts.entry(host), { keyPath: hosts.keyPath, knownHosts }, script)).toMatchObject({ code: 0 });
}

/** As if the pair had failed over, and nobody had changed the cluster file. */
function failOver({ pair }: Stand): void {
  const file = (host: string): string => join(pair.dir, 'cluster', 'state', host, 'conf', 'alation.cluster.replication_mode');
  writeFileSync(file(ONE), 'slave\n');
  writeFileSync(file(TWO), 'master\n');
}

async function warningsOf(stand: Stand, run: string): Promise<readonly string[]> {
  return (await stand.events(run, 'hostPassed')).flatMap(({ warnings }) => warnings ?? []);
}

describe('a set-up stops before anything is done', () => {
  test.each<[string, AlationOptions, Fault | undefined, Record<string, string>, string, RegExp]>([
    [
      'versions differ',
      {},
      ['different-version', TWO],
      {},
      'version-secondary',
      /alation-02 has 2020\.3\.7\.1200, alation-01 has 2021\.4\.1\.3456/,
    ],
    ['sizes differ', {}, ['different-sizes', TWO], {}, 'sizes-secondary', /alation-02 has 52428800 KB, alation-01 has 209715200 KB/],
    ['a port of the secondary is closed', {}, ['port-closed', TWO], {}, 'ports-before', /From alation-01 .*: 10\.0\.0\.2 5432 closed/],
    [
      'a port of the primary is closed',
      {},
      ['port-closed', ONE, { value: 22 }],
      {},
      'ports-before',
      /From alation-02 .*: 10\.0\.0\.1 22 closed/,
    ],
    ['another release runs', {}, undefined, { release: '2020.4' }, 'version', /the build 2021\.4\.1\.3456, which is not release 2020\.4/],
    [
      'the build tells no release',
      { version: '10.0.0.1474' },
      undefined,
      {},
      'version',
      /The build 10\.0\.0\.1474 .*not tell the release.*release=2021\.4/,
    ],
  ])('where %s', async (_title, options, fault, params, step, why) => {
    const stand = await bench.stand(options);
    if (fault !== undefined) stand.pair.fault(...fault);
    const { problems } = await stand.plan('ha-setup', params);
    expect(problems[0]).toMatch(new RegExp(`^${step} .*${why.source}`));
    const state = await stand.run('ha-setup', params);
    expect(troubleOf(state)).toMatch(new RegExp(`^${step} alation-0. failed: .*${why.source}`));
    expect(deeds(stand)).toEqual([]);
  });

  test('where roles are the wrong way round', async () => {
    const stand = await bench.stand({ paired: true });
    failOver(stand);
    const state = await stand.run('ha-setup');
    expect(troubleOf(state)).toMatch(/^mode alation-0. failed: alation-0. is (slave|master) of a pair, and the cluster file has it as/);
    expect(deeds(stand)).toEqual([]);
  });

  test('where nobody confirms that there is a backup', async () => {
    const stand = await bench.stand();
    const state = await stand.run('ha-setup', {}, { say: () => 'declined' });
    expect(troubleOf(state)).toMatch(/^valid-backup .*Sam says that it is not so/);
    expect(state.trouble?.choices).toEqual(['askAgain', 'abort']);
    expect(deeds(stand)).toEqual([]);
  });
});

test('each failure of a set-up is told and tried again', async () => {
  const stand = await bench.stand();
  const { pair } = stand;
  const troubles: readonly [Fault, RegExp, 'retry' | 'lookAgain'][] = [
    [['action-fails', TWO, { program: 'cluster_generate_keys' }], /^S2 alation-02 failed: .*exit status 1/, 'retry'],
    [['action-fails', ONE, { program: 'cluster_enter_master_mode' }], /^S4 alation-01 failed: .*exit status 1/, 'retry'],
    [['port-closed', TWO], /^S7 alation-01 failed: .*exit status 1/, 'retry'],
    [['postgres-replication-fails', TWO], /^S8 alation-02 failed: .*exit status 1/, 'retry'],
    [['lag-unknown', ONE], /^lag alation-01 checkFailed: .*not "unknown": not so within 2 s\. .*"byte_lag":"unknown"/, 'lookAgain'],
    [['rsync-error', TWO], /^files alation-02 failed: rsync reported errors\. .*ticket for Alation Support/, 'retry'],
  ];
  const run = await stand.begin('ha-setup');
  for (const [fault, why, choice] of troubles) {
    pair.fault(...fault);
    expect(troubleOf(await stand.drive(run))).toMatch(why);
    pair.clearFaults();
    await stand.settle(run, choice);
  }
  expect(troubleOf(await stand.drive(run))).toBe('no trouble, succeeded');
  const files = (await stand.events(run, 'attemptEnded')).filter(({ step }) => step === 'files');
  expect(files[0]?.output?.head.match(/^rsync.*$/gm)).toHaveLength(4);
  expect(pair.violations()).toEqual([]);
}, 60_000);

test('a secondary that is protected again is not added', async () => {
  const stand = await bench.stand();
  const run = await stand.begin('ha-setup');
  await stand.drive(run, { approve: (step) => step !== 'S7' });
  await byHand(stand, TWO, 'alation_conf alation.cluster.protected_instance -s True');
  expect(troubleOf(await stand.drive(run))).toMatch(/^S7 alation-01 failed: .*exit status 3/);
  const [refused] = (await stand.events(run, 'attemptEnded')).filter(({ step }) => step === 'S7');
  expect(refused?.output?.head).toMatch(/instance protection of alation-02 is still on/);
  await byHand(stand, TWO, 'alation_conf alation.cluster.protected_instance -s False');
  await stand.settle(run, 'retry');
  await stand.drive(run, { approve: (step) => step === 'S7' });
  expect(stand.pair.state(TWO).mode).toBe('slave');
  expect(stand.pair.violations()).toHaveLength(1);
}, 60_000);

test('a helper that is not confirmed is asked anew alone', async () => {
  const stand = await bench.stand();
  stand.pair.fault('helper-asks-more', TWO);
  const run = await stand.begin('ha-setup');
  const asked = await stand.drive(run);
  const question = Object.values(asked.questions).find(({ about }) => about === 'prompt');
  expect(question).toMatchObject({
    step: 'S3',
    host: TWO,
    text: expect.stringMatching(/Replace the existing known hosts entry\? \(yes\/no\) $/),
  });
  const say = ({ about }: { readonly about: string }) => (about === 'prompt' ? 'no' : 'done');
  expect(troubleOf(await stand.drive(run, { say }))).toMatch(/^S3 alation-02 failed: .*exit status 1/);
  stand.pair.clearFaults();
  await stand.settle(run, 'retry');
  await stand.drive(run, { approve: () => false });
  const helpers = stand.pair.log().filter(({ program, event }) => program === 'replication_helper' && event === 'end');
  expect(helpers.map(({ host, code }) => `${host} ${code}`).sort()).toEqual([`${ONE} 0`, `${TWO} 0`, `${TWO} 1`]);
  await stand.act(run, { kind: 'cancel', reason: '' });
}, 60_000);

describe('the state of a pair', () => {
  test('with a lag that only grows is a warning', async () => {
    const stand = await bench.stand({ paired: true });
    stand.pair.fault('lag-grows', ONE);
    const state = await stand.run('ha-status');
    expect(troubleOf(state)).toBe('no trouble, succeeded');
    expect(await warningsOf(stand, state.run)).toEqual([
      expect.stringMatching(/grew at each of five readings: \d+, .*alation-02 is too slow/),
    ]);
  });

  test.each<[string, AlationOptions, Fault | undefined, RegExp]>([
    ['a lag that is unknown', {}, ['lag-unknown', ONE], /^lag alation-01 failed: Postgres does not replicate: .* says unknown, unknown/],
    ['a port that is closed', {}, ['port-closed', TWO], /^ports alation-01 failed: .*10\.0\.0\.2 5432 closed/],
    ['another version', {}, ['different-version', TWO], /^version-secondary alation-02 failed: .*alation-02 has 2020\.3\.7\.1200/],
    ['no pair', { paired: false }, undefined, /^mode alation-0[12] failed: .*says that it is standalone/],
  ])('names %s', async (_title, options, fault, why) => {
    const stand = await bench.stand({ paired: true, ...options });
    if (fault !== undefined) stand.pair.fault(...fault);
    expect(troubleOf(await stand.run('ha-status'))).toMatch(why);
    expect(deeds(stand)).toEqual([]);
  });

  test('names backups that are off or differ', async () => {
    const stand = await bench.stand({ paired: true, backupV1: false, backupV2: false });
    await byHand(stand, TWO, 'alation_conf alation.backup.enabled -s True');
    const state = await stand.run('ha-status');
    expect(troubleOf(state)).toBe('no trouble, succeeded');
    expect(await warningsOf(stand, state.run)).toEqual([
      'No backup of alation-01 is made on schedule: Backup V1 and V2 are both off.',
      expect.stringMatching(/^alation\.backup\.enabled is True on alation-02 and False on alation-01\./),
    ]);
  });
});

describe('an update', () => {
  const TO = '2021.4.1.3456';

  async function paired(version: string, target = TO, options: AlationOptions = {}): Promise<{ stand: Stand; package: string }> {
    const stand = await bench.stand({ version, paired: true, ...options });
    const path = join(stand.pair.dir, `alation-${target}.rpm`);
    makeAlationPackage(path, { version: target });
    return { stand, package: path };
  }

  test.each<[string, Record<string, string>, RegExp]>([
    ['another release runs', { from: '2021.1' }, /^version .*runs the build 2021\.2\.3\.500, which is not release 2021\.1/],
    ['it would go backwards', { to: '2020.4' }, /^version .*to=2020\.4 is before from=2021\.2/],
    ['the package is another one', { to: '2021.3' }, /^package .*holds 2021\.4\.1\.3456, which is not release 2021\.3/],
    ['the package is not there', { package: '/nonexistent/alation-2021.4.1.3456.rpm' }, /^package .*exit status 1/],
    ['the backup tool is another one', { backup: 'v1-keep' }, /^backup .*You said backup=v1-keep; on alation-01 Backup V2 is on/],
  ])('is not begun where %s', async (_title, given, why) => {
    const { stand, package: path } = await paired('2021.2.3.500');
    const state = await stand.run('update-split', { from: '2021.2', to: '2021.4', package: path, backup: 'v2', ...given });
    expect(troubleOf(state)).toMatch(why);
    expect(deeds(stand)).toEqual([]);
  });

  test('explains a package that rpm cannot read, and an update that fails', async () => {
    const { stand, package: path } = await paired('2021.2.3.500');
    const { pair } = stand;
    pair.fault('rpm-header-bad', TWO);
    pair.fault('update-fails', TWO);
    const run = await stand.begin('update-split', { from: '2021.2', to: '2021.4', package: path, backup: 'v2' });
    expect(troubleOf(await stand.drive(run))).toMatch(/^U8 alation-02 failed: rpm on alation-02 cannot read the header.*damaged.*too old/);
    pair.clearFaults();
    pair.fault('update-fails', TWO);
    await stand.settle(run, 'retry');
    expect(troubleOf(await stand.drive(run))).toMatch(/^U9 alation-02 failed: the command ended with exit status 1/);
    const failed = (await stand.events(run, 'attemptEnded')).find(({ step }) => step === 'U9');
    expect(failed?.output?.tail).toMatch(/ERROR migration rosemeta\.0417 failed: could not extend file/);
    expect(pair.state(ONE).version).toBe('2021.2.3.500');
    pair.clearFaults();
    await stand.settle(run, 'retry');
    expect(troubleOf(await stand.drive(run))).toBe('no trouble, succeeded');
    expect([ONE, TWO].map((host) => pair.state(host).version)).toEqual([TO, TO]);
    expect(pair.state(ONE).conf['alation.backup_v2.enabled']).toBe('True');
    expect(pair.violations()).toEqual([]);
  }, 60_000);

  test.each([
    ['5.12.4.90000', 'VR7', '2020.3.7.1200', '2020.3', 'v1-keep'],
    ['2020.4.2.300', '2020.4', '2021.1.5.10', '2021.1', 'v2'],
  ])(
    'from %s (%s) to %s (%s) with %s meets no objection',
    async (version, from, target, to, backup) => {
      const { stand, package: path } = await paired(version, target, backup === 'v2' ? { backupV2: true } : {});
      const { pair } = stand;
      const state = await stand.run(
        'update-split',
        { from, to, package: path, backup },
        {
          say: (question) => {
            if (question.step === 'U2') pair.markKeysRotated();
            if (question.step === 'U3') pair.markReindexed();
            return willing.say(question);
          },
        },
      );
      expect(troubleOf(state)).toBe('no trouble, succeeded');
      expect(pair.state(TWO)).toMatchObject({ version: target, mode: 'slave', postgres: 'replicating', kvstore: 'copied', kafka: false });
      expect(pair.state(ONE).conf['alation.backup_v2.enabled']).toBe(backup === 'v2' ? 'True' : 'False');
      expect(pair.violations()).toEqual([]);
    },
    60_000,
  );
});
