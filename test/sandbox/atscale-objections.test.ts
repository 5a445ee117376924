/** What the stand-in for AtScale's configurator.sh objects to, and what becomes of the host then. */
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { startOnHost } from '../support/on-host.ts';
import { type Replacing, readyForEngine03, startReplacing, VERSION } from './atscale-support.ts';

let hand: Replacing & { release(): void };
const begin = (options: Parameters<typeof startReplacing>[0] = {}): void => {
  hand = startReplacing(options);
};
afterEach(() => hand.release());

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

test('from then on the new host is in the order of a restart', async () => {
  begin();
  await readyForEngine03(hand);
  for (const [host, mode] of [
    ['coord-01', '--apply'],
    ['engine-01', '--apply'],
    ['engine-03', '--activate'],
  ] as const)
    expect((await hand.configure(host, mode)).code).toBe(0);
  const { productHome } = hand.cluster;
  const refused = await hand.run('engine-01', `${productHome}/bin/atscale_stop`);
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/replica engine-03 must be stopped before the leader/) });
  const old = await hand.run('engine-02', `${productHome}/bin/atscale_start`);
  expect(old).toMatchObject({ code: 3, stderr: expect.stringMatching(/engine-02 has been replaced by another host/) });
  await hand.stop('engine-03', 'engine-01', 'coord-01');
  for (const host of ['coord-01', 'engine-01', 'engine-03'])
    expect(await hand.run(host, `${productHome}/bin/atscale_start`)).toMatchObject({ code: 0, stderr: '' });
  hand.cluster.switchover();
  expect(hand.cluster.state().leader).toBe('engine-03');
  expect(hand.objections()).toHaveLength(2);
});
