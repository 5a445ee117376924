/** The stand-in for AtScale's configurator.sh: its confirmation, what it objects to, and what can go wrong with it. */
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

describe('an activation that is refused breaks the host', () => {
  type Case = readonly [what: string, prepare: () => Promise<string> | string, reason: RegExp];
  const cases: readonly Case[] = [
    ['a second activation', () => 'engine-02', /engine-02 is activated already/],
    [
      'no atscale.yaml',
      async () => {
        await hand.install('engine-03');
        return 'engine-03';
      },
      /there is no \S+atscale\.yaml/,
    ],
    [
      'a file that does not list the host',
      async () => {
        await hand.install('engine-03');
        hand.copyYaml('engine-01', 'engine-03');
        return 'engine-03';
      },
      /does not list this host, engine-03\.atscale-prod\.example/,
    ],
    [
      "a file that differs from the leader's",
      async () => {
        await readyForEngine03(hand);
        hand.edit('engine-03', 'max_connections: 400', 'max_connections: 500');
        return 'engine-03';
      },
      /differs from that of the database leader engine-01/,
    ],
    [
      'a coordinator that is not up yet',
      async () => {
        await readyForEngine03(hand);
        return 'engine-03';
      },
      /coordinator coord-01 must be running before engine-03/,
    ],
    [
      'a leader that is not up yet',
      async () => {
        await readyForEngine03(hand);
        expect((await hand.configure('coord-01', '--apply')).code).toBe(0);
        return 'engine-03';
      },
      /engine-01, which was the leader, must be running before engine-03/,
    ],
    [
      'AtScale that still runs somewhere',
      async () => {
        await hand.install('engine-03');
        hand.edit('engine-01', 'engine-02', 'engine-03');
        hand.copyYaml('engine-01', 'engine-03');
        await hand.stop('engine-02');
        return 'engine-03';
      },
      /AtScale must be stopped on coord-01 before another host takes the place of engine-02/,
    ],
  ];

  test.each(cases)('%s', async (_what, prepare, reason) => {
    begin();
    const host = await prepare();
    const roles = hand.cluster.state().roles;
    const refused = await hand.configure(host, '--activate');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(reason);
    expect(hand.objections()).toEqual([expect.stringMatching(/^ORDER VIOLATION configurator\.sh on /)]);
    expect(hand.states()[host]).toBe('broken');
    expect(hand.cluster.state().roles).toEqual(roles);
    const again = await hand.configure(host, '--activate');
    expect(again).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/a full reinstallation is needed/) });
    expect(hand.objections()).toHaveLength(2);
  });

  test('a leader that breaks fails over', async () => {
    begin();
    expect((await hand.configure('engine-01', '--activate')).code).toBe(3);
    expect(hand.cluster.state()).toMatchObject({ leader: 'engine-02', timeline: 4, hosts: { 'engine-01': 'broken' } });
    const members = await hand.run('engine-02', `${hand.cluster.productHome}/current/bin/database/patronictl list`);
    expect(members.stdout).not.toMatch(/engine-01/);
  });
});

describe('a configuration that is refused changes nothing', () => {
  type Case = readonly [what: string, prepare: () => Promise<string> | string, reason: RegExp];
  const cases: readonly Case[] = [
    [
      'a host that was never activated',
      async () => {
        await hand.install('engine-03');
        hand.copyYaml('engine-01', 'engine-03');
        return 'engine-03';
      },
      /engine-03 has never been activated/,
    ],
    ['a host that still runs', () => 'engine-02', /AtScale must be stopped on engine-02 first/],
    [
      'no atscale.yaml',
      async () => {
        await hand.stop('engine-02');
        rmSync(hand.yamlOf('engine-02'));
        return 'engine-02';
      },
      /there is no \S+atscale\.yaml/,
    ],
    [
      'the leader before the coordinator',
      async () => {
        await readyForEngine03(hand);
        return 'engine-01';
      },
      /coordinator coord-01 must be running before engine-01/,
    ],
    [
      'a file that still lists a host that was replaced',
      async () => {
        const before = readFileSync(hand.yamlOf('engine-01'));
        await readyForEngine03(hand);
        expect((await hand.configure('coord-01', '--apply')).code).toBe(0);
        writeFileSync(hand.yamlOf('engine-01'), before);
        return 'engine-01';
      },
      /still lists engine-02, which has been replaced/,
    ],
    [
      'a file in which the old name is left in one entry',
      async () => {
        await readyForEngine03(hand);
        hand.edit('engine-01', '- engine-03.atscale-prod.example:10520', '- engine-02.atscale-prod.example:10520');
        hand.copyYaml('engine-01', 'coord-01');
        return 'coord-01';
      },
      /names engine-02 in some entries and not under hosts/,
    ],
    [
      'a file in which the new host is added to the others',
      async () => {
        await readyForEngine03(hand);
        hand.edit('engine-01', '  application:\n', '  application:\n    - fqdn: engine-02.atscale-prod.example\n');
        hand.copyYaml('engine-01', 'coord-01');
        return 'coord-01';
      },
      /lists engine-03 and still lists every host that it could replace/,
    ],
    [
      'a file with a name that nobody has',
      async () => {
        await readyForEngine03(hand);
        hand.edit('engine-01', 'engine-03', 'engine-30');
        hand.copyYaml('engine-01', 'coord-01');
        return 'coord-01';
      },
      /leaves out engine-02 and lists no new host in its place/,
    ],
    [
      'two exchanges in one file',
      async () => {
        await readyForEngine03(hand);
        await hand.install('coord-02');
        hand.edit('engine-01', 'coord-01', 'coord-02');
        return 'engine-01';
      },
      /exchanges more than one host at a time/,
    ],
    [
      'a new host under another role',
      async () => {
        await readyForEngine03(hand);
        hand.edit('engine-01', 'engine-03', 'coord-02');
        hand.copyYaml('engine-01', 'coord-01');
        hand.edit('coord-01', '  application:\n', '  query_engine:\n');
        hand.copyYaml('coord-01', 'engine-01');
        return 'coord-01';
      },
      /lists engine-01 under query_engine/,
    ],
    [
      'the leader as the one that is replaced',
      async () => {
        await hand.install('engine-03');
        await hand.stop('engine-02', 'engine-01', 'coord-01');
        hand.edit('engine-01', 'engine-01', 'engine-03');
        hand.copyYaml('engine-01', 'coord-01');
        return 'coord-01';
      },
      /engine-01 is the database leader, which is never the one that is replaced/,
    ],
    [
      'an old host that is still up',
      async () => {
        await hand.install('engine-03');
        hand.edit('engine-01', 'engine-02', 'engine-03');
        hand.copyYaml('engine-01', 'coord-01');
        hand.cluster.powerOff('coord-01');
        return 'coord-01';
      },
      /AtScale must be stopped on engine-01 before another host takes the place of engine-02/,
    ],
  ];

  test.each(cases)('%s', async (_what, prepare, reason) => {
    begin();
    const host = await prepare();
    const before = hand.cluster.state();
    const refused = await hand.configure(host, '--apply');
    expect(refused.stderr).toMatch(reason);
    expect(refused.code).toBe(3);
    expect(hand.cluster.state()).toEqual(before);
    expect(hand.objections()).toHaveLength(1);
  });

  test('root, who is not the account of AtScale', async () => {
    begin();
    await hand.install('engine-03');
    const command = `${hand.cluster.productHome}/versions/${VERSION}/bin/configurator.sh --activate`;
    const refused = await hand.run('engine-03', `sudo ${command}`, 'y\n');
    expect(refused).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/must run as atscale, not as root/) });
    expect(hand.states()['engine-03']).toBe('installed');
    expect((await hand.run('engine-03', `sudo -u atscale ${command}`, 'n\n')).stderr).toMatch(/there is no /);
  });

  test('an activation while another is under way', async () => {
    begin({ seconds: { stop: 0, start: 0, configure: 60, services: 0 } });
    hand.cluster.replaceMachine('engine-02');
    await hand.install('engine-02');
    hand.copyYaml('engine-01', 'engine-02');
    const first = startOnHost(
      hand.cluster,
      'engine-02',
      `exec ${hand.cluster.productHome}/versions/${VERSION}/bin/configurator.sh --activate`,
    );
    const ended = once(first, 'exit');
    first.stdin?.write('y\n');
    await hand.cluster.waitForLog(({ verdict }) => verdict === 'activating begins');
    const second = await hand.configure('engine-02', '--activate');
    expect(second).toMatchObject({ code: 3, stderr: expect.stringMatching(/configuration of engine-02 is under way/) });
    expect(hand.states()['engine-02']).toBe('activating');
    process.kill(-(first.pid ?? 0), 'SIGKILL');
    await ended;
    expect(hand.states()['engine-02']).toBe('broken');
    expect((await hand.configure('engine-02', '--activate')).code).toBe(4);
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

function collect(child: ReturnType<typeof startOnHost>): ReturnType<typeof endOf> {
  const out: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  return once(child, 'close').then(([code]) => ({ code: Number(code), stdout: Buffer.concat(out).toString(), stderr: '' }));
}
