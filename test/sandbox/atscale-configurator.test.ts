/** The stand-in for AtScale's configurator.sh: its file, its confirmation, and what can go wrong with it. */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makePackage } from '../../infra/sandbox/hosts/atscale/package.ts';
import { startOnHost } from '../support/on-host.ts';
import type { endOf } from '../support/ssh-command.ts';
import { type Replacing, readyForEngine03, startReplacing, VERSION } from './atscale-support.ts';

let hand: Replacing & { release(): void };
const begin = (options: Parameters<typeof startReplacing>[0] = {}): void => {
  hand = startReplacing(options);
};
afterEach(() => hand.release());

const confirmation = 'Do you want to apply this configuration? [y/n] ';

describe('atscale.yaml', () => {
  test('it is the same on every host, readable by its owner and group', () => {
    begin();
    const text = readFileSync(hand.yamlOf('engine-01'), 'utf8');
    for (const host of ['coord-01', 'engine-02']) expect(readFileSync(hand.yamlOf(host), 'utf8')).toBe(text);
    expect(statSync(hand.yamlOf('engine-01')).mode & 0o777).toBe(0o640);
    for (const host of ['coord-01', 'engine-01', 'engine-02'])
      expect(text.match(new RegExp(`\\b${host}\\.atscale-prod\\.example\\b`, 'g'))?.length).toBe(3);
  });
});

describe('the confirmation', () => {
  beforeEach(async () => {
    begin();
    await readyForEngine03(hand);
  });

  test('it says what it read and asks without a line end', async () => {
    const said = await hand.configure('coord-01', '--apply', '');
    expect(said.stdout.split('\n').slice(0, -1)).toEqual([
      `AtScale configurator ${VERSION}`,
      `Configuration read from ${hand.yamlOf('coord-01')}:`,
      '  coordinator   coord-01.atscale-prod.example',
      '  application   engine-01.atscale-prod.example',
      '  application   engine-03.atscale-prod.example',
      'This host: coord-01.atscale-prod.example',
      `${confirmation}Nothing was changed.`,
    ]);
  });

  test.each([
    ['n', 'n\n'],
    ['the end of the input', ''],
    ['a blank line', '\n'],
    ['another word', 'yes\n'],
    ['Y', 'Y\n'],
  ])('%s changes nothing', async (_what, input) => {
    const before = hand.states();
    for (const [host, mode] of [
      ['engine-03', '--activate'],
      ['coord-01', '--apply'],
    ] as const)
      expect(await hand.configure(host, mode, input)).toMatchObject({ code: 1, stderr: '' });
    expect(hand.states()).toEqual(before);
    expect(hand.objections()).toEqual([]);
  });

  test('y does it step by step and starts the services', async () => {
    const said = await hand.configure('coord-01', '--apply');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    const done = said.stdout.slice(said.stdout.indexOf(confirmation) + confirmation.length);
    expect(done.split('\n').filter((line) => line.endsWith('... done'))).toHaveLength(4);
    expect(done).toMatch(/Starting the services\nagent: started\ncoordinator: started\n/);
    expect(hand.states()['coord-01']).toBe('running');
    expect(hand.cluster.state().roles).toMatchObject({ 'engine-02': 'replaced', 'engine-03': 'engine' });
  });

  test('it waits for its answer as long as it takes', async () => {
    const child = startOnHost(
      hand.cluster,
      'coord-01',
      `cd ${hand.cluster.productHome}/versions/${VERSION} && ./bin/configurator.sh --apply`,
    );
    const ended = collect(child);
    await hand.cluster.waitForLog(({ verdict }) => verdict.startsWith('asks: Do you want'));
    expect(hand.states()['coord-01']).toBe('stopped');
    child.stdin?.write('y\n');
    expect((await ended).code).toBe(0);
  });

  test('a signal while it asks changes nothing', async () => {
    const child = startOnHost(
      hand.cluster,
      'engine-03',
      `exec ${hand.cluster.productHome}/versions/${VERSION}/bin/configurator.sh --activate`,
    );
    const ended = once(child, 'exit');
    const { pid } = await hand.cluster.waitForLog(({ verdict }) => verdict.startsWith('asks: '));
    process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual([143, null]);
    expect(hand.states()['engine-03']).toBe('installed');
  });

  test('other words on its command line are refused', async () => {
    for (const words of ['', '--activate --apply', '--help']) {
      const said = await hand.run('coord-01', `${hand.cluster.productHome}/versions/${VERSION}/bin/configurator.sh ${words}`);
      expect(said).toMatchObject({ code: 2, stderr: expect.stringMatching(/^usage: /) });
    }
  });
});

describe('faults', () => {
  beforeEach(async () => {
    begin();
    hand.cluster.replaceMachine('engine-02');
    await hand.install('engine-02');
    hand.copyYaml('engine-01', 'engine-02');
  });

  test('an activation that fails leaves a broken host', async () => {
    hand.cluster.fault('activation-fails', 'engine-02');
    const failed = await hand.configure('engine-02', '--activate');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/503 Service Unavailable[\s\S]*must be uninstalled from this host and installed again/);
    hand.cluster.clearFaults();
    expect(await hand.configure('engine-02', '--activate')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/full reinstallation/),
    });
    expect(hand.states()['engine-02']).toBe('broken');
  });

  test('an activation whose services do not start leaves a broken host', async () => {
    hand.cluster.fault('start-fails', 'engine-02');
    expect(await hand.configure('engine-02', '--activate')).toMatchObject({ code: 1, stderr: expect.stringMatching(/spawn error/) });
    expect(hand.states()['engine-02']).toBe('broken');
    const { productHome } = hand.cluster;
    expect(await hand.run('engine-02', `${productHome}/bin/atscale_service_control status`)).toMatchObject({ code: 4 });
    const stop = await hand.run('engine-02', `${productHome}/bin/atscale_stop`);
    expect(stop).toMatchObject({ code: 1, stdout: expect.stringMatching(/^agent: ERROR \(not running\)\n/) });
  });

  test('an applied configuration that fails can be tried again', async () => {
    await hand.configure('engine-02', '--activate');
    await hand.stop('engine-02');
    hand.cluster.fault('apply-fails', 'engine-02');
    expect(await hand.configure('engine-02', '--apply')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ERROR: .* 503/) });
    expect(hand.states()['engine-02']).toBe('stopped');
    hand.cluster.clearFaults();
    expect((await hand.configure('engine-02', '--apply')).code).toBe(0);
    expect(hand.states()['engine-02']).toBe('running');
    expect(hand.objections()).toEqual([]);
  });

  test.each([
    ['y', 'y\ny\n', 0, 'running'],
    ['n', 'y\nn\n', 0, 'running'],
    ['the end of the input', 'y\n', 1, 'broken'],
  ])('a further question answered with %s', async (_what, input, code, state) => {
    hand.cluster.fault('asks-more', 'engine-02');
    const said = await hand.configure('engine-02', '--activate', input);
    expect(said.stdout).toContain(' ... Overwrite the existing certificate? [y/N] ');
    expect(said.code).toBe(code);
    expect(hand.states()['engine-02']).toBe(state);
  });

  test('a configurator that does not ask still waits', async () => {
    hand.cluster.fault('silent-prompt', 'engine-02');
    const said = await hand.configure('engine-02', '--activate', 'n\n');
    expect(said).toMatchObject({ code: 1, stdout: expect.not.stringContaining('Do you want') });
    expect((await hand.configure('engine-02', '--activate')).code).toBe(0);
  });
});

/** Shells that stand behind /bin/sh on hosts. BusyBox joins in where it is installed. */
const shells = [
  ['dash', 'dash'],
  ['bash', 'bash --posix'],
  ['busybox', 'busybox ash'],
].filter(([name]) => ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name ?? ''))));

test.each(shells)('the programs are the same under %s', async (_name, shell) => {
  begin();
  const { dir } = hand.cluster;
  const own = (host: string, program: string): string => join(dir, host, 'opt', 'atscale', program);
  const packageFile = join(dir, 'engine-03', 'home', 'atscale.deb');
  makePackage(packageFile, { version: VERSION, type: 'deb' });
  const does = async (host: string, program: string, input = ''): Promise<void> =>
    expect(await hand.run(host, `${shell} ${program}`, input)).toMatchObject({ code: 0, stderr: '' });
  await does('engine-03', `${dir}/any/bin/sudo -n ${shell} ${dir}/any/bin/dpkg -i ${packageFile}`);
  for (const host of ['engine-02', 'engine-01', 'coord-01']) await does(host, own(host, 'bin/atscale_stop'));
  hand.edit('engine-01', 'engine-02', 'engine-03');
  hand.copyYaml('engine-01', 'coord-01', 'engine-03');
  const configurator = `versions/${VERSION}/bin/configurator.sh`;
  await does('coord-01', `${own('coord-01', configurator)} --apply`, 'y\n');
  await does('engine-01', `${own('engine-01', configurator)} --apply`, 'y\n');
  await does('engine-03', `${own('engine-03', configurator)} --activate`, 'y\n');
  await does('engine-03', `${own('engine-03', 'bin/atscale_service_control')} status`);
  await does('engine-03', `${own('engine-03', 'current/bin/database/patronictl')} list`);
  expect(hand.states()).toMatchObject({ 'coord-01': 'running', 'engine-01': 'running', 'engine-02': 'stopped', 'engine-03': 'running' });
  expect(hand.objections()).toEqual([]);
});

function collect(child: ReturnType<typeof startOnHost>): ReturnType<typeof endOf> {
  const out: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  return once(child, 'close').then(([code]) => ({ code: Number(code), stdout: Buffer.concat(out).toString(), stderr: '' }));
}
