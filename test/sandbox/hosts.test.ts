/** The sandbox hosts over a real sshd: the order that the vendor documents, the tables, the services, the faults. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFile } from '../../infra/sandbox/cluster-file.ts';
import type { AtscaleCluster, AtscaleOptions } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { findHost, hostsIn } from '../../src/inventory/hosts.ts';
import { parseCluster } from '../../src/inventory/parse.ts';
import { type AtscaleHosts, startAtscaleHosts } from '../support/sandbox-hosts.ts';
import { runSsh, type Ssh } from '../support/ssh-command.ts';

const QUICK = { seconds: { stop: 0.05, start: 0.05, services: 0 } } as const;

describe('over a real sshd', () => {
  let hosts: AtscaleHosts;
  const begin = async (options: AtscaleOptions = {}): Promise<AtscaleCluster> => {
    hosts = await startAtscaleHosts({ ...QUICK, ...options });
    writeFileSync(join(hosts.dir, 'known_hosts'), hosts.knownHosts);
    return hosts.cluster;
  };
  const on = (name: string, program: string): Promise<Ssh> => {
    const entry = hosts.entry(name);
    return runSsh(entry, { keyPath: hosts.keyPath, knownHosts: join(hosts.dir, 'known_hosts') }, `${hosts.cluster.productHome}/${program}`);
  };
  const stop = (name: string) => on(name, 'bin/atscale_stop');
  const start = (name: string) => on(name, 'bin/atscale_start');
  const members = (name: string) => on(name, 'current/bin/database/postgres_nodes');
  const status = (name: string) => on(name, 'bin/atscale_service_control status');

  afterEach(() => hosts.close());

  test('the documented order passes on every host', async () => {
    const cluster = await begin({ queryEngines: 2 });
    const down = ['query-01', 'query-02', 'engine-02', 'engine-01', 'coord-01'];
    const up = ['coord-01', 'engine-01', 'engine-02', 'query-01', 'query-02'];
    for (const name of down) expect(await stop(name)).toMatchObject({ code: 0 });
    expect(new Set(Object.values(cluster.state().hosts))).toEqual(new Set(['stopped']));
    for (const name of up) expect(await start(name)).toMatchObject({ code: 0 });
    expect(new Set(Object.values(cluster.state().hosts))).toEqual(new Set(['running']));
    expect(cluster.violations()).toEqual([]);
    const ends = cluster.log().filter((entry) => entry.event === 'end');
    expect(ends.map((entry) => entry.host)).toEqual([...down, ...up]);
  });

  test('every wrong order is refused and written down', async () => {
    const cluster = await begin({ queryEngines: 2 });
    const walk: readonly (readonly [allowed: string, refused: readonly (readonly [string, RegExp])[]])[] = [
      [
        'stop query-01',
        [
          ['stop coord-01', /engine engine-01 must be stopped before the coordinator coord-01/],
          ['stop engine-01', /replica engine-02 must be stopped before the leader engine-01/],
          ['stop engine-02', /query engine query-01 must be stopped before engine-02/],
          ['start query-01', /query-01 is started already/],
        ],
      ],
      [
        'stop query-02',
        [
          ['stop query-01', /query-01 is stopped already/],
          ['stop engine-02', /query engine query-02 must be stopped/],
        ],
      ],
      [
        'stop engine-02',
        [
          ['stop engine-01', /replica engine-02 must be stopped before the leader engine-01/],
          ['stop coord-01', /engine engine-01 must/],
        ],
      ],
      ['stop engine-01', [['stop coord-01', /engine engine-01 must be stopped before the coordinator/]]],
      ['stop coord-01', [['stop engine-01', /engine-01 is stopped already/]]],
      [
        'start coord-01',
        [
          ['start engine-01', /coordinator coord-01 must be running before engine-01/],
          ['start query-01', /coordinator coord-01 must be running before query-01/],
        ],
      ],
      [
        'start engine-01',
        [
          ['start engine-02', /engine-01, which was the leader, must be running/],
          ['start query-01', /engine engine-01 must be running/],
        ],
      ],
      ['start engine-02', [['start query-01', /engine engine-02 must be running before query engine query-01/]]],
      ['start query-01', [['start engine-02', /engine-02 is started already/]]],
    ];
    const does = (words: string): Promise<Ssh> => {
      const [verb, name = ''] = words.split(' ');
      return verb === 'stop' ? stop(name) : start(name);
    };
    let objections = 0;
    for (const [allowed, refused] of walk) {
      for (const [words, reason] of refused) {
        const before = cluster.state();
        const refusal = await does(words);
        expect(refusal.stderr).toMatch(reason);
        expect(refusal.code).toBe(3);
        expect(cluster.state()).toEqual(before);
        objections += 1;
        expect(cluster.violations()).toHaveLength(objections);
        expect(cluster.violations().at(-1)?.verdict).toMatch(/^ORDER VIOLATION atscale_(stop|start) on /);
      }
      expect(await does(allowed)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('a wrong order that is obeyed fails over', async () => {
    const cluster = await begin({ queryEngines: 0, onViolation: 'obey' });
    expect((await stop('engine-01')).code).toBe(3);
    expect(cluster.state()).toMatchObject({ leader: 'engine-02', timeline: 4, hosts: { 'engine-01': 'stopped', 'engine-02': 'running' } });
    expect(cluster.violations()).toHaveLength(1);
  });

  test('the member table follows a switchover', async () => {
    const cluster = await begin();
    const before = (await members('engine-02')).stdout;
    expect(before).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - WARNING - Using /);
    expect(before).toMatch(
      /\| engine-01\.atscale-prod\.example +\| engine-01\.atscale-prod\.example:10520 \| Leader +\| running \| +3 \| +\|/,
    );
    expect(before).toMatch(
      /\| engine-02\.atscale-prod\.example +\| engine-02\.atscale-prod\.example:10520 \| Replica +\| running \| +3 \| +0 \|/,
    );
    const widths = new Set(
      before
        .split('\n')
        .filter((line) => /^[+|]/.test(line))
        .map((line) => line.length),
    );
    expect(widths.size).toBe(1);
    cluster.switchover();
    expect((await members('engine-01')).stdout).toMatch(/engine-02\.atscale-prod\.example:10520 \| Leader +\| running \| +4 /);
  });

  test('the document table comes with single blanks', async () => {
    await begin({ table: 'seed', logLine: 'stderr' });
    const table = await members('engine-01');
    expect(table.stderr).toMatch(/WARNING - Using atscale-postgres14-cluster/);
    const lines = table.stdout.split('\n');
    expect(lines[1]).toBe('| Member | Host | Role | State | TL | Lag in MB |');
    expect(lines[2]).toMatch(/^\+ Cluster: atscale_postgres14_cluster \(7121824910042921340\) -+\+/);
    expect(lines[3]).toBe('| engine-01.atscale-prod.example | engine-01.atscale-prod.example:10520 | Leader | running | 3 | |');
  });

  test('patronictl prints the older table with empty roles', async () => {
    await begin();
    const older = (await on('engine-01', 'current/bin/database/patronictl list')).stdout;
    expect(older).toMatch(/\| Cluster +\| Member +\| Host +\| Role +\| State +\| Lag in MB \|/);
    expect(older).toMatch(/\| engine-02\.atscale-prod\.example \| engine-02\.atscale-prod\.example \| {8}\| running \|/);
  });

  test('the services start one after the other', async () => {
    await begin({ queryEngines: 0, seconds: { stop: 0, start: 0, services: 600 } });
    expect((await status('coord-01')).stdout).toMatch(/^agent +RUNNING +pid \d+, uptime 3 days, 4:\d\d:\d\d\n/);
    for (const name of ['engine-02', 'engine-01', 'coord-01']) await stop(name);
    const stopped = await status('coord-01');
    expect(states(stopped.stdout)).toEqual(Array(5).fill('STOPPED'));
    expect(stopped.code).toBe(3);
    await start('coord-01');
    const starting = await status('coord-01');
    expect(states(starting.stdout)).toEqual(Array(5).fill('STARTING'));
    expect(starting.code).toBe(3);
  });

  test('a stopped supervisor answers with an error', async () => {
    await begin({ queryEngines: 0, afterStop: 'supervisor-down' });
    await stop('engine-02');
    expect(await status('engine-02')).toMatchObject({ code: 4, stdout: 'unix:///opt/atscale/run/supervisor.sock no such file\n' });
  });

  test('faults of the member table show and clear', async () => {
    const cluster = await begin();
    const table = async () => (await members('engine-01')).stdout;
    cluster.fault('two-leaders');
    expect((await table()).match(/\| Leader /g)).toHaveLength(2);
    cluster.clearFaults();
    cluster.fault('no-leader');
    expect(await table()).not.toMatch(/Leader/);
    cluster.clearFaults();
    cluster.fault('unknown-member');
    expect(await table()).toMatch(/\| stranger\.elsewhere\.example +\|/);
    cluster.clearFaults();
    cluster.fault('member-starting', 'engine-02');
    expect(await table()).toMatch(/engine-02\S+ +\| Replica \| starting \|/);
    cluster.fault('member-stopped', 'engine-02');
    expect(await table()).toMatch(/engine-02\S+ +\| Replica \| stopped \| +3 \| +unknown \|/);
    cluster.clearFaults();
    expect((await table()).match(/running/g)).toHaveLength(2);
  });

  test('an engine without a database says so', async () => {
    const cluster = await begin();
    cluster.fault('no-connection', 'engine-01');
    expect(await members('engine-01')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/Connection refused/) });
    expect((await members('engine-02')).code).toBe(0);
  });

  test('a service that fails keeps the next host waiting', async () => {
    const cluster = await begin({ queryEngines: 1 });
    for (const name of ['query-01', 'engine-02', 'engine-01', 'coord-01']) await stop(name);
    cluster.fault('service-fatal', 'coord-01');
    expect((await start('coord-01')).code).toBe(0);
    expect(states((await status('coord-01')).stdout)).toEqual(['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING', 'FATAL']);
    expect((await start('engine-01')).stderr).toMatch(/coordinator coord-01 must be running/);
    cluster.clearFaults();
    cluster.fault('service-backoff', 'coord-01');
    expect(states((await status('coord-01')).stdout).at(-1)).toBe('BACKOFF');
  });

  test('a stop that fails halfway can be finished', async () => {
    const cluster = await begin();
    cluster.fault('stop-fails', 'query-01');
    expect(await stop('query-01')).toMatchObject({ code: 1, stderr: 'engine: ERROR (timed out while stopping)\n' });
    expect(cluster.state().hosts['query-01']).toBe('halfway');
    expect(states((await status('query-01')).stdout)).toEqual(['STOPPED', 'RUNNING']);
    cluster.clearFaults();
    expect((await stop('query-01')).stdout).toBe('engine: stopped\n');
    expect(cluster.violations()).toEqual([]);
  });

  test('a stop that hangs ends at its signal', async () => {
    const cluster = await begin();
    cluster.fault('stop-hangs', 'query-01');
    const hanging = stop('query-01');
    const { pid } = await cluster.waitForLog((entry) => entry.host === 'query-01' && entry.verdict === 'hangs');
    expect((await stop('query-01')).stderr).toMatch(/another stop of query-01 is under way/);
    process.kill(pid, 'SIGTERM');
    expect((await hanging).code).toBe(143);
    expect(cluster.log().find((entry) => entry.pid === pid && entry.event === 'end')).toMatchObject({
      code: 143,
      verdict: 'ended by TERM',
    });
  });

  test('hostile and plentiful output arrives byte for byte', async () => {
    const cluster = await begin();
    cluster.fault('prints', 'query-01', { value: 3, program: 'atscale_service_control' });
    cluster.fault('hostile-output', 'query-01');
    const { stdout } = await status('query-01');
    expect(Buffer.byteLength(stdout)).toBeGreaterThan(3 * 1024 * 1024);
    for (const part of ['\u001b[31m', '<!channel>', '```', '\u202e', '\0']) expect(stdout).toContain(part);
  });

  test('a new host key is refused by strict clients', async () => {
    await begin();
    await hosts.sshd('query-01').restart({ newHostKey: true });
    const refused = await status('query-01');
    expect(refused.code).toBe(255);
    expect(refused.stderr).toMatch(/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/);
  });

  test('the cluster file reads as a cluster', async () => {
    await begin();
    const text = clusterFile({
      name: 'atscale-prod',
      title: 'AtScale production',
      ...hosts,
      hosts: hosts.hostEntries,
      start: ['U0DANA0001'],
      approve: ['S0APPROVE1'],
      announce: ['C0STAKE001'],
    });
    const parsed = parseCluster(text, 'atscale-prod.yaml');
    if (parsed.kind !== 'ok') throw new Error(JSON.stringify(parsed));
    expect(findHost(parsed.cluster, 'engine-02.atscale-prod.example')?.port).toBe(hosts.entry('engine-02').port);
    expect(hostsIn(parsed.cluster, 'query_engine')).toHaveLength(1);
    expect(parsed.cluster.variables).toEqual({ atscale_home: hosts.cluster.productHome });
  });
});

function states(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/)[1] ?? '');
}
