/** Replacing a host by hand, over a real sshd, in the order of the vendor's document: the stand-ins let it through to the end. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePackage } from '../../infra/sandbox/hosts/atscale/package.ts';
import { type AtscaleHosts, startAtscaleHosts } from '../support/sandbox-hosts.ts';
import { runSsh, type Ssh, startSsh } from '../support/ssh-command.ts';
import { QUICK, VERSION } from './atscale-support.ts';

let hosts: AtscaleHosts;
afterEach(() => hosts.close());

const begin = async (options: Parameters<typeof startAtscaleHosts>[0] = {}): Promise<void> => {
  hosts = await startAtscaleHosts({ queryEngines: 0, homes: 'own', seconds: { ...QUICK, services: 0.2 }, ...options });
  trust();
};
const knownHosts = (): string => join(hosts.dir, 'known_hosts');
const trust = (): void => writeFileSync(knownHosts(), [...hosts.sshds.values()].map((sshd) => sshd.hostKeyLine('127.0.0.1')).join(''));
const login = () => ({ keyPath: hosts.keyPath, knownHosts: knownHosts() });
/** The variable of the host's entry in the cluster file. */
const homeOf = (name: string): string => hosts.entry(name).variables?.atscale_home ?? '';
const on = (name: string, command: string): Promise<Ssh> => runSsh(hosts.entry(name), login(), command);

/** Runs it and expects that it went well. */
async function does(name: string, command: string): Promise<string> {
  const said = await on(name, command);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  return said.stdout;
}

const stop = (name: string): Promise<string> => does(name, `${homeOf(name)}/bin/atscale_stop`);

/** Sends a file's bytes to another host, as it is. */
async function copy(from: string, to: string): Promise<void> {
  const text = await does(from, `cat ${homeOf(from)}/conf/atscale.yaml`);
  const path = `${homeOf(to)}/conf/atscale.yaml`;
  const child = startSsh(hosts.entry(to), login(), `umask 027; cat >${path}.part && mv ${path}.part ${path} && cksum <${path}`);
  const ended = endOfOutput(child);
  child.stdin?.end(text);
  expect(await ended).toBe(await does(from, `cksum <${homeOf(from)}/conf/atscale.yaml`));
}

/** Waits for the question, then answers it. */
async function configure(name: string, mode: '--activate' | '--apply'): Promise<void> {
  const child = startSsh(hosts.entry(name), login(), `cd ${homeOf(name)}/versions/${VERSION} && ./bin/configurator.sh ${mode}`);
  const ended = once(child, 'exit');
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const asked = said.includes('[y/n] ');
    said += chunk.toString();
    if (!asked && said.includes('[y/n] ')) child.stdin?.end('y\n');
  });
  expect(await ended).toEqual([0, null]);
  expect(said).toContain(`This host: ${name}.atscale-prod.example\n`);
  await isRunning(name);
}

async function endOfOutput(child: ReturnType<typeof startSsh>): Promise<string> {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  return said;
}

async function isRunning(name: string): Promise<void> {
  for (;;) {
    const { code, stdout } = await on(name, `${homeOf(name)}/bin/atscale_service_control status`);
    if (code === 0) return;
    expect(stdout).toMatch(/STARTING/);
  }
}

async function install(name: string, tool: 'rpm' | 'dpkg'): Promise<void> {
  const file = join(hosts.dir, name, 'home', 'package');
  makePackage(file, { version: VERSION, type: tool === 'rpm' ? 'rpm' : 'deb' });
  await does(name, tool === 'rpm' ? `sudo -E rpm -i ${file}` : `sudo -E dpkg --install ${file}`);
}

/** Rows of the older table: member and role. */
async function members(name: string): Promise<string[][]> {
  const table = await does(name, `${homeOf(name)}/current/bin/database/patronictl list`);
  const rows = table.split('\n').filter((line) => line.startsWith('| atscale_postgres14_cluster'));
  return rows.map((row) => row.split('|').map((cell) => cell.trim())).map((cells) => [cells[2] ?? '', cells[4] ?? '', cells[5] ?? '']);
}

const fqdn = (name: string): string => `${name}.atscale-prod.example`;
const allRun = (): void => {
  const { roles, hosts: states } = hosts.cluster.state();
  for (const [name, role] of Object.entries(roles)) if (!role.startsWith('repl')) expect([name, states[name]]).toEqual([name, 'running']);
  expect(hosts.cluster.violations()).toEqual([]);
};

describe('by a machine of the same name', () => {
  test.each([
    ['rpm', 'engine-02', 'engine-01'],
    ['dpkg', 'coord-01', 'engine-01'],
    ['rpm', 'engine-01', 'engine-02'],
  ] as const)('with a package for %s: %s', async (tool, replaced, source) => {
    await begin();
    hosts.cluster.toBeReplaced(replaced);
    await stop(replaced);
    mkdirSync(join(hosts.dir, replaced, 'home', '.keyturn'));
    hosts.cluster.replaceMachine(replaced);
    await hosts.sshd(replaced).restart({ newHostKey: true });
    expect((await on(replaced, 'true')).stderr).toMatch(/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/);
    trust();
    expect(await does(replaced, 'ls -A "$HOME"')).toBe('');
    await install(replaced, tool);
    await copy(source, replaced);
    await configure(replaced, '--activate');
    allRun();
    const leader = replaced === 'engine-01' ? 'engine-02' : 'engine-01';
    const rows = [
      [fqdn('engine-01'), leader === 'engine-01' ? 'Leader' : '', 'running'],
      [fqdn('engine-02'), leader === 'engine-02' ? 'Leader' : '', 'running'],
    ];
    expect(await members(leader)).toEqual(rows);
  });
});

describe('by a machine of another name', () => {
  test('an application host', async () => {
    await begin({ replacements: ['engine-03'] });
    await install('engine-03', 'rpm');
    expect(await members('engine-01')).toEqual([
      [fqdn('engine-01'), 'Leader', 'running'],
      [fqdn('engine-02'), '', 'running'],
    ]);
    for (const name of ['engine-02', 'engine-01', 'coord-01']) await stop(name);
    await does('engine-01', `sed -i.before 's/engine-02\\./engine-03./' ${homeOf('engine-01')}/conf/atscale.yaml`);
    for (const name of ['coord-01', 'engine-03']) await copy('engine-01', name);
    await configure('coord-01', '--apply');
    await configure('engine-01', '--apply');
    await configure('engine-03', '--activate');
    allRun();
    expect(await members('engine-03')).toEqual([
      [fqdn('engine-01'), 'Leader', 'running'],
      [fqdn('engine-03'), '', 'running'],
    ]);
    expect(hosts.cluster.state().roles).toEqual({
      'coord-01': 'coordinator',
      'engine-01': 'engine',
      'engine-02': 'replaced',
      'engine-03': 'engine',
    });
  });

  test('the coordinator', async () => {
    await begin({ replacements: ['coord-02'], account: 'bi' });
    await install('coord-02', 'rpm');
    for (const name of ['engine-02', 'engine-01', 'coord-01']) await stop(name);
    await does('engine-01', `sed -i.before 's/coord-01\\./coord-02./' ${homeOf('engine-01')}/conf/atscale.yaml`);
    for (const name of ['coord-02', 'engine-02']) await copy('engine-01', name);
    await configure('coord-02', '--activate');
    await configure('engine-01', '--apply');
    await configure('engine-02', '--apply');
    allRun();
    const status = await does('coord-02', `${homeOf('coord-02')}/bin/atscale_service_control status`);
    expect(status.match(/^\S+/gm)).toEqual(['agent', 'coordinator', 'egress', 'ingress', 'service_registry']);
  });

  test('a host that is gone, and does not answer', async () => {
    await begin({ replacements: ['engine-03'], queryEngines: 1 });
    hosts.cluster.powerOff('engine-01');
    await hosts.sshd('engine-01').stop();
    expect((await on('engine-01', 'true')).code).toBe(255);
    await install('engine-03', 'dpkg');
    expect(await members('engine-02')).toEqual([
      [fqdn('engine-01'), '', 'stopped'],
      [fqdn('engine-02'), 'Leader', 'running'],
    ]);
    for (const name of ['query-01', 'engine-02', 'coord-01']) await stop(name);
    await does('engine-02', `sed -i.before 's/engine-01\\./engine-03./' ${homeOf('engine-02')}/conf/atscale.yaml`);
    for (const name of ['coord-01', 'engine-03']) await copy('engine-02', name);
    await configure('coord-01', '--apply');
    await configure('engine-02', '--apply');
    await configure('engine-03', '--activate');
    await does('query-01', `${homeOf('query-01')}/bin/atscale_start`);
    await isRunning('query-01');
    allRun();
  });
});
