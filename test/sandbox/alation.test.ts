/** The sandbox Alation pair: the shell, the order that the documents give, the faults, the monitor, and both whole procedures by hand. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { entryOf } from '../../infra/sandbox/cluster-file.ts';
import { makeAlationPackage } from '../../infra/sandbox/hosts/alation/package.ts';
import { type AlationOptions, type AlationPair, createAlationPair } from '../../infra/sandbox/hosts/alation/pair.ts';
import { runSsh, startSsh } from '../support/ssh-command.ts';
import { clientKey, type HostSshd, startHostSshd } from '../support/sshd.ts';

const ONE = 'alation-01';
const TWO = 'alation-02';
const QUICK = { seconds: { postgres: 0, kvstore: 0, update: 0, reindex: 0, restart: 0 } } as const;
type Done = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

let dir: string;
let pair: AlationPair;

const begin = async (options: AlationOptions = {}): Promise<AlationPair> => {
  pair = await createAlationPair(dir, { ...QUICK, ...options });
  return pair;
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyturn-alation-'));
});

afterEach(async () => {
  await pair.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const installOf = (host: string): string => pair.hosts.find(({ name }) => name === host)?.variables?.alation_home ?? '';

/** A command of the host's own shell, as a login there has it. */
function start(host: string, command: string): ChildProcessWithoutNullStreams {
  const home = pair.hosts.find(({ name }) => name === host)?.home ?? '';
  return spawn('/bin/sh', ['-c', command], { env: { HOME: home, INIT: pair.variables.alation_init, ...pair.env }, cwd: home });
}

async function on(host: string, command: string, input = ''): Promise<Done> {
  const child = start(host, command);
  child.stdin.on('error', () => undefined).end(input);
  return ended(child);
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Done> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** A script of the Alation shell; its banner is taken off. */
async function inShell(host: string, script: string): Promise<Done> {
  const done = await on(host, 'sudo -n "$INIT" shell', `${script}\n`);
  return { ...done, stdout: done.stdout.replace(/^Alation shell on .*\n/, '') };
}

const action = (host: string, name: string): Promise<Done> => inShell(host, `alation_action ${name}`);
const conf = async (host: string, name: string): Promise<string> =>
  (await inShell(host, `alation_conf ${name}`)).stdout.replace(`${name} = `, '').trimEnd();

async function fine(doing: Promise<Done>): Promise<Done> {
  const done = await doing;
  expect(done).toMatchObject({ code: 0, stderr: '' });
  return done;
}

/** It is refused with this rule, the rule is in the log, and no host has changed. */
async function refused(doing: () => Promise<Done>, rule: RegExp): Promise<void> {
  const before = [pair.state(ONE), pair.state(TWO)];
  const known = pair.violations().length;
  const done = await doing();
  expect(done.stderr).toMatch(/order violation: /);
  expect(done.stderr).toMatch(rule);
  expect(done.code).toBe(3);
  expect([pair.state(ONE), pair.state(TWO)]).toEqual(before);
  const found = pair.violations().slice(known);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ code: 3, verdict: expect.stringMatching(rule) });
}

type Helper = { said: string; readonly child: ChildProcessWithoutNullStreams; until(pattern: RegExp): Promise<RegExpMatchArray> };

/** A replication_helper that waits for its answers. */
function helper(host: string, child = start(host, 'sudo -n "$INIT" shell')): Helper {
  child.stdin.on('error', () => undefined).write('exec replication_helper\n');
  const self: Helper = {
    said: '',
    child,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = self.said.match(pattern);
          if (found !== null) resolve(found);
        };
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`${host} never said ${pattern}, only: ${self.said}`)));
        look();
      }),
  };
  child.stdout.setEncoding('utf8').prependListener('data', (text: string) => {
    self.said += text;
  });
  return self;
}

/** Both helpers at once, each answered with what the other printed. */
async function exchange(helpers: readonly [Helper, Helper] = [helper(ONE), helper(TWO)]): Promise<void> {
  const ends = helpers.map(({ child }) => new Promise((resolve) => child.once('close', resolve)));
  const answer = async (question: RegExp): Promise<void> => {
    const [first, second] = await Promise.all(helpers.map((each) => each.until(question)));
    helpers[0].child.stdin.write(`${second?.[1]}\n`);
    helpers[1].child.stdin.write(`${first?.[1]}\n`);
  };
  await answer(/server:\n(ssh-rsa .+)\nPaste the public key of the remote server: $/);
  await answer(/IP address of this server: ([\d.]+)\nEnter the IP address of the remote server: $/);
  expect(await Promise.all(ends)).toEqual([0, 0]);
}

const overrideIp = (host: string, ip: string): Promise<Done> =>
  inShell(host, `alation_conf alation.cluster.override_ip -s ${ip} && alation_conf alation.cluster.enable_override_ip -s True`);
const unprotect = (host: string): Promise<Done> => inShell(host, 'alation_conf alation.cluster.protected_instance -s False');
const update = (host: string): Promise<Done> => on(host, 'sudo -n "$INIT" update');
const unpack = (host: string, version: string): Promise<Done> => {
  const path = join(dir, `alation-${version}.rpm`);
  makeAlationPackage(path, { version });
  return on(host, `sudo -n rpm -Uvh ${path}`);
};

/** To the point where the secondary can be added. */
async function prepared(options: AlationOptions = {}): Promise<void> {
  await begin(options);
  for (const host of [ONE, TWO]) await fine(action(host, 'cluster_generate_keys'));
  await exchange();
  await fine(action(ONE, 'cluster_enter_master_mode'));
  await fine(unprotect(TWO));
  await fine(overrideIp(ONE, '10.0.0.1'));
  await fine(overrideIp(TWO, '10.0.0.2'));
}

const split = async (): Promise<void> => {
  for (const host of [ONE, TWO]) await fine(action(host, 'cluster_enter_standalone_mode'));
};

/** The laid-out programs with another shell in their first lines. */
function withShell(shell: string): void {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const text = readFileSync(join(parentPath, name), 'latin1');
    if (text.startsWith('#!/bin/sh\n')) writeFileSync(join(parentPath, name), text.replace('/bin/sh', shell), 'latin1');
  }
}

describe('the way in', () => {
  test('the Alation shell has an environment of its own', async () => {
    await begin();
    const done = await on(ONE, 'SECRET=1 sudo -n "$INIT" shell', 'env | cut -d= -f1 | sort | tr "\\n" " "\nexit 7\n');
    expect(done.stdout).toMatch(/^Alation shell on alation-01, release 2021\.4\.1\.3456\nALATION_SHELL HOME PATH PWD SHLVL _ $/);
    expect(done.code).toBe(7);
  });

  test('a command in it reads the rest of the input', async () => {
    await begin();
    const script =
      'IFS= read -r first\none line\nsh -c \'read -r word; echo "$word"\' | tr a-z A-Z\nother\nif :; then\n  echo "$first"\nfi\n';
    expect((await on(TWO, 'sudo -n "$INIT" shell', script)).stdout).toMatch(/\nOTHER\none line\n$/);
  });

  test('its programs are nowhere else', async () => {
    await begin();
    expect((await on(ONE, 'alation_action cluster_generate_keys')).code).toBe(127);
    const path = join(dir, ONE, 'sandbox', 'shell', 'alation_action');
    await refused(() => on(ONE, `${path} cluster_generate_keys`), /runs in the Alation shell only/);
    const arguments_ = await on(ONE, 'sudo -n "$INIT" shell alation_action cluster_generate_keys');
    expect(arguments_).toMatchObject({ code: 2, stderr: expect.stringMatching(/reads commands from its standard input/) });
  });

  test('shell, update and services need root', async () => {
    await begin();
    for (const verb of ['shell', 'update', 'start', 'stop', 'restart'])
      expect(await on(ONE, `"$INIT" ${verb}`)).toMatchObject({ code: 1, stderr: expect.stringMatching(/must be run as root/) });
    expect((await on(ONE, 'sudo -n -u alation "$INIT" shell')).code).toBe(1);
    expect(await on(ONE, '"$INIT" status')).toMatchObject({ code: 0, stdout: 'Alation is running.\n' });
    await fine(on(ONE, 'sudo "$INIT" stop'));
    expect(await on(ONE, '"$INIT" status')).toMatchObject({ code: 3, stdout: 'Alation is stopped.\n' });
  });

  test('sudo keeps HOME and drops the rest unless told', async () => {
    await begin();
    const said = async (options: string): Promise<string> =>
      (await on(ONE, `A=1 sudo ${options} sh -c 'echo "$A $SANDBOX_ROOT $USER"'`)).stdout;
    expect(await said('-n')).toBe(' 1 root\n');
    expect(await said('-nE --')).toBe('1 1 root\n');
    expect(await said('-n -H -u alation')).toBe('  alation\n');
    expect(await said('-E --user=alation')).toBe('1  alation\n');
    expect((await on(ONE, 'sudo -n nonsuch')).stderr).toBe('sudo: nonsuch: command not found\n');
  });

  test('a login of no sandbox host is told so', async () => {
    await begin();
    const done = await on(ONE, 'HOME=/nonexistent "$INIT" status');
    expect(done).toMatchObject({ code: 127, stderr: expect.stringMatching(/This is no login of a sandbox host: HOME is \/nonexistent/) });
  });
});

describe('the whole procedures by hand', () => {
  test.each(['/bin/sh', '/bin/bash'])('ha-setup in documented order meets no objection (%s)', async (shell) => {
    await begin({ backupV2: true });
    withShell(shell);
    const releases = await Promise.all([ONE, TWO].map((host) => inShell(host, 'alation_version')));
    expect(releases.map(({ stdout }) => stdout)).toEqual(Array(2).fill('2021.4.1.3456\n'));
    for (const host of [ONE, TWO]) {
      const sizes = await fine(on(host, `df -P ${pair.variables.data_dir} ${installOf(host)}`));
      expect(sizes.stdout).toMatch(/\/dev\/sandbox-data +209715200 .*\n\/dev\/sandbox-install +104857600 .*\n$/);
      expect((await fine(on(host, `readlink ${installOf(host)}/alation`))).stdout).toBe('alation-2021.4.1.3456\n');
    }
    expect((await fine(inShell(ONE, 'replication_port_check 10.0.0.2'))).stdout).toBe('10.0.0.2 22 open\n10.0.0.2 5432 open\n');
    for (const host of [ONE, TWO]) await fine(action(host, 'cluster_generate_keys'));
    await exchange();
    await fine(action(ONE, 'cluster_enter_master_mode'));
    expect(await conf(ONE, 'alation.backup_v2.enabled')).toBe('False');
    await fine(unprotect(TWO));
    await fine(overrideIp(ONE, '10.0.0.1'));
    await fine(overrideIp(TWO, '10.0.0.2'));
    await fine(action(ONE, 'cluster_add_slaves'));
    const copy = await fine(action(TWO, 'cluster_replicate_postgres'));
    expect(copy.stdout).toMatch(
      /^cluster_replicate_postgres: 5%\n(.*\n)+cluster_replicate_postgres: 100%\ncluster_replicate_postgres: PostgreSQL is replicated\.\n$/,
    );
    await fine(action(TWO, 'cluster_kvstore_copy'));
    await fine(action(TWO, 'cluster_start_kafka_sync'));
    expect((await fine(inShell(ONE, 'replication_port_check'))).stdout).toMatch(/^10\.0\.0\.2 22 open\n/);
    expect((await fine(inShell(TWO, 'replication_port_check'))).stdout).toMatch(/^10\.0\.0\.1 22 open\n/);
    const lag = await fine(on(ONE, `curl -sL ${pair.variables.alation_url}/monitor/replication`));
    expect(JSON.parse(lag.stdout)).toEqual({ postgres: [{ host: '10.0.0.2', byte_lag: expect.any(Number) }] });
    await fine(action(ONE, 'enable_backupv2'));
    await fine(action(TWO, 'cluster_replicate_files'));
    expect(pair.state(ONE)).toMatchObject({ mode: 'master', services: 'running' });
    expect(pair.state(TWO)).toMatchObject({ mode: 'slave', postgres: 'replicating', kvstore: 'copied', kafka: true });
    expect(await conf(TWO, 'alation.backup_v2.enabled')).toBe('True');
    expect(pair.violations()).toEqual([]);
  });

  test.each(['/bin/sh', '/bin/bash'])('update-split from 2020.3 in documented order meets no objection (%s)', async (shell) => {
    await begin({ version: '2020.3.7.1200', paired: true, backupV1: true });
    withShell(shell);
    await fine(on(ONE, pair.people.rotateKeys));
    await fine(on(ONE, `sudo ${pair.people.reindex}`));
    expect(pair.state(ONE).services).toBe('stopped');
    await split();
    for (const host of [TWO, ONE]) {
      const log = join(installOf(host), 'alation-2021.4.1.3456', 'var', 'log', 'installer.log');
      await fine(unpack(host, '2021.4.1.3456'));
      expect(existsSync(log)).toBe(false);
      expect((await inShell(host, 'alation_version')).stdout).toBe('2020.3.7.1200\n');
      expect((await fine(update(host))).stdout).toContain(log);
      expect(readFileSync(log, 'utf8')).toMatch(
        /begins\n(.* INFO {2}\d+% of the update .*\n){20}.* INFO {2}update to 2021\.4\.1\.3456 is complete\n$/,
      );
      expect((await inShell(host, 'alation_version')).stdout).toBe('2021.4.1.3456\n');
    }
    expect(pair.state(ONE).services).toBe('running');
    await fine(action(ONE, 'cluster_enter_master_mode'));
    await fine(unprotect(TWO));
    await fine(overrideIp(ONE, '10.0.0.1'));
    await fine(overrideIp(TWO, '10.0.0.2'));
    await fine(action(ONE, 'cluster_add_slaves'));
    await fine(action(TWO, 'cluster_kvstore_copy'));
    await fine(action(TWO, 'cluster_replicate_postgres'));
    await fine(action(TWO, 'cluster_start_kafka_sync'));
    expect(await conf(ONE, 'alation.backup_v2.enabled')).toBe('True');
    expect(await conf(ONE, 'pgsql.config.archive_mode')).toBe('True');
    await fine(action(ONE, 'disable_backupv2'));
    const backup = await inShell(ONE, 'alation_conf | grep -e backup -e archive');
    expect(backup.stdout).toBe(
      'alation.backup.enabled = True\nalation.backup_v2.enabled = False\npgsql.config.archive_command = \npgsql.config.archive_mode = False\n',
    );
    expect(pair.violations()).toEqual([]);
  });

  test('an update of a release with Backup V2 leaves it on', async () => {
    await begin({ version: '2021.2.3.500', paired: true });
    await split();
    for (const host of [TWO, ONE]) {
      await fine(unpack(host, '2021.4.1.3456'));
      await fine(update(host));
    }
    await fine(action(ONE, 'cluster_enter_master_mode'));
    expect(await conf(ONE, 'alation.backup_v2.enabled')).toBe('True');
  });

  test('ha-setup over a real sshd outlives its connection', async () => {
    await begin({ seconds: { ...QUICK.seconds, postgres: 1.5 } });
    const keyPath = clientKey(join(dir, 'ssh'));
    const open = (at: 0 | 1): Promise<HostSshd> =>
      startHostSshd({ dir: join(dir, 'ssh', String(at)), home: pair.hosts[at].home, publicKey: `${keyPath}.pub`, env: pair.env });
    const sshds = [await open(0), await open(1)] as const;
    try {
      const knownHosts = join(dir, 'known_hosts');
      writeFileSync(knownHosts, sshds.map((sshd) => sshd.hostKeyLine('127.0.0.1')).join(''));
      const entry = (at: 0 | 1) => entryOf(pair.hosts[at], { address: '127.0.0.1', port: sshds[at].port, user: userInfo().username });
      const login = { keyPath, knownHosts };
      const run = async (at: 0 | 1, script: string): Promise<void> => {
        const done = await runSsh(entry(at), login, `sudo -n ${pair.variables.alation_init} shell <<'END'\n${script}\nEND\n`);
        expect(done).toMatchObject({ code: 0, stderr: '' });
      };
      const remoteHelper = (at: 0 | 1): Helper => {
        const child = startSsh(entry(at), login, `sudo -n ${pair.variables.alation_init} shell`);
        if (child.stdin === null || child.stdout === null || child.stderr === null) throw new Error('no pipes');
        return helper(pair.hosts[at].name, child as ChildProcessWithoutNullStreams);
      };
      await run(0, 'alation_action cluster_generate_keys');
      await run(1, 'alation_action cluster_generate_keys');
      await exchange([remoteHelper(0), remoteHelper(1)]);
      await run(0, 'alation_action cluster_enter_master_mode');
      await run(1, 'alation_conf alation.cluster.protected_instance -s False');
      for (const at of [0, 1] as const)
        await run(
          at,
          `alation_conf alation.cluster.override_ip -s 10.0.0.${at + 1}\nalation_conf alation.cluster.enable_override_ip -s True`,
        );
      await run(0, 'alation_action cluster_add_slaves');
      const quiet = 'alation_action cluster_replicate_postgres >/dev/null 2>&1 </dev/null';
      const cut = startSsh(entry(1), login, `echo '${quiet}' | sudo -n ${pair.variables.alation_init} shell`);
      await pair.waitForLog(({ verdict }) => verdict === 'cluster_replicate_postgres is under way');
      cut.kill('SIGKILL');
      await sshds[1].restart();
      expect(pair.state(TWO).postgres).toBe('copying');
      await pair.waitForLog(({ args, event }) => args === 'cluster_replicate_postgres' && event === 'end');
      expect(pair.state(TWO)).toMatchObject({ postgres: 'replicating', progress: { of: 'cluster_replicate_postgres', percent: 100 } });
      await run(1, 'alation_action cluster_kvstore_copy\nalation_action cluster_start_kafka_sync');
      expect(pair.violations()).toEqual([]);
    } finally {
      await Promise.all(sshds.map((sshd) => sshd.close()));
    }
  });
});

describe('what is objected to', () => {
  test('every wrong order of a set-up is refused', async () => {
    await begin();
    await refused(() => inShell(ONE, 'replication_helper'), /keys must be generated first/);
    for (const host of [ONE, TWO]) await fine(action(host, 'cluster_generate_keys'));
    await refused(() => action(ONE, 'cluster_enter_master_mode'), /keys must be exchanged on both hosts first, and alation-01 has none/);
    await exchange();
    await refused(() => action(TWO, 'cluster_enter_master_mode'), /master mode belongs on the primary, and alation-02 is the secondary/);
    await refused(() => action(ONE, 'cluster_add_slaves'), /must be in master mode first/);
    await fine(action(ONE, 'cluster_enter_master_mode'));
    await refused(() => action(ONE, 'cluster_enter_master_mode'), /in master mode already/);
    await refused(() => action(ONE, 'cluster_generate_keys'), /keys are in use/);
    await refused(() => unprotect(ONE), /the protection of the primary must stay on/);
    await refused(() => action(ONE, 'cluster_add_slaves'), /instance protection of alation-02 is still on/);
    await fine(unprotect(TWO));
    await refused(() => action(ONE, 'cluster_add_slaves'), /override_ip must be set first, and is not on alation-01/);
    await fine(overrideIp(ONE, '10.0.0.1'));
    await fine(inShell(TWO, 'alation_conf alation.cluster.override_ip -s 10.0.0.1'));
    await refused(
      () => action(ONE, 'cluster_add_slaves'),
      /override_ip of alation-02 must be its own address 10\.0\.0\.2, and is 10\.0\.0\.1/,
    );
    await fine(inShell(TWO, 'alation_conf alation.cluster.override_ip -s 10.0.0.2'));
    await refused(() => action(ONE, 'cluster_add_slaves'), /enable_override_ip must be True first, and is not on alation-02/);
    await fine(overrideIp(TWO, '10.0.0.2'));
    await refused(() => action(TWO, 'cluster_add_slaves'), /adding the secondary belongs on the primary/);
    await refused(() => action(TWO, 'cluster_replicate_postgres'), /the primary must add alation-02 first/);
    await refused(() => action(TWO, 'cluster_kvstore_copy'), /the primary must add alation-02 first/);
    await refused(() => action(TWO, 'cluster_replicate_files'), /the primary must add alation-02 first/);
    await refused(() => action(ONE, 'enable_backupv2'), /cluster_replicate_postgres on alation-02 comes first/);
    await fine(action(ONE, 'cluster_add_slaves'));
    await refused(() => action(ONE, 'cluster_add_slaves'), /alation-02 is added already/);
    for (const host of [ONE, TWO]) await refused(() => overrideIp(host, '10.0.0.9'), /must be set before the secondary is added/);
    await refused(() => action(ONE, 'cluster_replicate_postgres'), /the replication of Postgres belongs on the secondary/);
    await refused(() => action(ONE, 'cluster_kvstore_copy'), /the copy of the KV store belongs on the secondary/);
    await refused(
      () => action(TWO, 'cluster_replicate_files'),
      /cluster_replicate_postgres on alation-02 comes first \(its postgres is none\)/,
    );
    await refused(() => action(TWO, 'cluster_start_kafka_sync'), /cluster_replicate_postgres on alation-02 comes first/);
    await fine(action(TWO, 'cluster_replicate_postgres'));
    await refused(() => action(TWO, 'cluster_start_kafka_sync'), /cluster_kvstore_copy on alation-02 comes first/);
    await fine(action(TWO, 'cluster_kvstore_copy'));
    await refused(() => action(ONE, 'cluster_start_kafka_sync'), /Event Bus belongs on the secondary/);
    await refused(() => inShell(ONE, 'alation_conf alation.backup_v2.enabled -s True'), /not set by hand/);
    await refused(() => inShell(ONE, 'alation_conf pgsql.config.archive_mode -s True'), /not set by hand/);
    await refused(() => action(TWO, 'enable_backupv2'), /backups are the primary's/);
    await refused(() => action(TWO, 'disable_backupv2'), /backups are the primary's/);
    await fine(action(ONE, 'enable_backupv2'));
  });

  test('a copy under way bars what would disturb it', async () => {
    await prepared({ seconds: { ...QUICK.seconds, postgres: 600 } });
    await fine(action(ONE, 'cluster_add_slaves'));
    const copy = action(TWO, 'cluster_replicate_postgres');
    await pair.waitForLog(({ verdict }) => verdict === 'cluster_replicate_postgres is under way');
    await refused(() => action(TWO, 'cluster_replicate_postgres'), /a postgres copy is under way on alation-02/);
    await refused(() => action(TWO, 'cluster_kvstore_copy'), /a postgres copy is under way/);
    await refused(() => action(ONE, 'cluster_enter_standalone_mode'), /a postgres copy is under way on alation-02/);
    await pair.close();
    expect((await copy).code).toBe(143);
    expect(pair.state(TWO).postgres).toBe('interrupted');
  });

  test('a release before 2021.4 has no Event Bus', async () => {
    await begin({ version: '2021.3.2.9000', paired: true });
    await refused(() => action(TWO, 'cluster_start_kafka_sync'), /from release 2021\.4 on, and this is 2021\.3\.2\.9000/);
  });

  test('before 2020.4 no override address is asked for', async () => {
    await begin({ version: '2020.3.7.1200', paired: true });
    await split();
    await fine(action(ONE, 'cluster_enter_master_mode'));
    await fine(unprotect(TWO));
    await fine(action(ONE, 'cluster_add_slaves'));
  });

  test('a rebuilt pair needs its override addresses set again', async () => {
    await begin({ paired: true });
    await split();
    await fine(action(ONE, 'cluster_enter_master_mode'));
    await refused(() => action(ONE, 'cluster_add_slaves'), /instance protection of alation-02 is still on/);
    await fine(unprotect(TWO));
    await refused(() => action(ONE, 'cluster_add_slaves'), /override_ip of alation-01 was not set again since the cluster was split/);
  });

  test.each([
    ['different-version', /both hosts must run the same version: alation-01 has 2021\.4\.1\.3456, alation-02 has 2020\.3\.7\.1200/],
    ['different-sizes', /same sizes: .* 209715200:104857600 KB on alation-01, 52428800:104857600 KB on alation-02/],
  ] as const)('hosts that are not alike are not paired (%s)', async (kind, rule) => {
    await prepared();
    pair.fault(kind, TWO);
    await refused(() => action(ONE, 'cluster_add_slaves'), rule);
    if (kind === 'different-version') {
      expect((await inShell(TWO, 'alation_version')).stdout).toBe('2020.3.7.1200\n');
      expect((await on(TWO, `readlink ${installOf(TWO)}/alation`)).stdout).toBe('alation-2020.3.7.1200\n');
      pair.clearFaults();
      expect((await on(TWO, `readlink ${installOf(TWO)}/alation`)).stdout).toBe('alation-2021.4.1.3456\n');
    } else expect((await on(TWO, `df -Pk ${pair.variables.data_dir}`)).stdout).toMatch(/ 52428800 /);
  });

  test('every wrong order of an update is refused', async () => {
    const target = '2021.2.3.500';
    await begin({ version: '2020.3.7.1200', paired: true });
    await refused(() => unpack(TWO, target), /alation-02 is still part of a cluster/);
    await fine(action(TWO, 'cluster_enter_standalone_mode'));
    await refused(() => unpack(TWO, target), /alation-01 is still part of a cluster/);
    await fine(action(ONE, 'cluster_enter_standalone_mode'));
    await refused(
      () => unpack(TWO, target),
      /reindexing script must have run on alation-01 before an update from 2020\.3\.7\.1200 to 2021\.2\.3\.500/,
    );
    await refused(() => on(TWO, `sudo ${pair.people.reindex}`), /reindexing script belongs on the primary/);
    pair.markReindexed();
    await refused(() => unpack(TWO, target), /keys must have been rotated on alation-01/);
    await refused(() => on(TWO, pair.people.rotateKeys), /key rotation belongs on the primary/);
    pair.markKeysRotated();
    await refused(() => unpack(ONE, target), /the secondary is updated before the primary, and alation-02 has 2020\.3\.7\.1200/);
    await fine(unpack(TWO, target));
    await refused(() => unpack(ONE, target), /the secondary is updated before the primary/);
    await fine(update(TWO));
    await fine(unpack(ONE, target));
    await fine(action(ONE, 'cluster_enter_master_mode'));
    await refused(() => update(ONE), /alation-01 is still part of a cluster/);
  });

  test('a second update at once is refused', async () => {
    await begin({ seconds: { ...QUICK.seconds, update: 600 } });
    await fine(unpack(TWO, '2022.1.0.1'));
    const first = update(TWO);
    await pair.waitForLog(({ verdict }) => verdict === 'update is under way');
    await refused(() => update(TWO), /another update is under way on alation-02/);
    await pair.close();
    expect((await first).code).toBe(143);
    await begin();
    await fine(update(TWO));
  });

  test.each([
    ['2020.3.7.1200', '2020.4.0.1', true, false],
    ['5.12.4.90000', '2021.1.0.1', true, true],
    ['2020.4.2.300', '2021.1.5.10', false, false],
    ['2020.4.2.300', '2021.2.5.10', false, true],
    ['2020.4.2.300', '2020.4.10.5', false, false],
    ['2021.1.0.1', '2021.4.0.1', false, false],
    ['5.9.1.1', '5.12.1.1', false, false],
  ])('conditions by release from %s to %s', async (version, target, reindex, rotate) => {
    await begin({ version });
    if (reindex) {
      await refused(() => unpack(TWO, target), /reindexing script must have run/);
      pair.markReindexed();
    }
    if (rotate) {
      await refused(() => unpack(TWO, target), /keys must have been rotated/);
      pair.markKeysRotated();
    }
    await fine(unpack(TWO, target));
    await fine(update(TWO));
    expect(pair.state(TWO).version).toBe(target);
  });
});

describe('what goes wrong', () => {
  test('the helper takes only what the other side printed', async () => {
    await begin();
    for (const host of [ONE, TWO]) await fine(action(host, 'cluster_generate_keys'));
    const [own, other] = await Promise.all(
      [ONE, TWO].map(async (host) => (await inShell(host, 'replication_helper')).stdout.match(/^ssh-rsa .*$/m)?.[0]),
    );
    writeFileSync(join(dir, 'key.pub'), `${own}\n`);
    expect(execFileSync('ssh-keygen', ['-l', '-f', join(dir, 'key.pub')]).toString()).toMatch(/^2048 .*alation@alation-01 \(RSA\)/);
    const told = (answers: readonly (string | undefined)[]): Promise<Done> => inShell(ONE, ['replication_helper', ...answers].join('\n'));
    expect(await told([own])).toMatchObject({ code: 1, stderr: expect.stringMatching(/this is the public key of this server/) });
    expect(await told([`${other}x`])).toMatchObject({ code: 1, stderr: expect.stringMatching(/not the public key of the remote server/) });
    expect(await told(['nonsense'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/this is no public key/) });
    expect(await told([other, '10.0.0.1'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/10\.0\.0\.1 is the address of this server/),
    });
    expect(await told([other, '10.0.0.7'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/no server answers at 10\.0\.0\.7/) });
    expect(await told([])).toMatchObject({ code: 1, stderr: expect.stringMatching(/the input ended before the answer/) });
    expect(await conf(ONE, 'alation.cluster.hosts')).toBe('');
    pair.fault('helper-asks-more', ONE);
    expect((await told([other, '10.0.0.2', 'no'])).stderr).toMatch(/not confirmed/);
    const asked = await told([other, '10.0.0.2', 'yes']);
    expect(asked).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/remote server: Replace the existing known hosts entry\? \(yes\/no\) 10\.0\.0\.2 was added/),
    });
    expect(await conf(ONE, 'alation.cluster.hosts')).toBe('10.0.0.2');
  });

  test('new keys void the exchange', async () => {
    await prepared();
    await split();
    await fine(action(TWO, 'cluster_generate_keys'));
    await refused(() => action(ONE, 'cluster_enter_master_mode'), /alation-01 has none of its partner/);
  });

  test('a closed port shows and bars the secondary', async () => {
    await prepared();
    pair.fault('port-closed', TWO);
    expect(await inShell(ONE, 'replication_port_check')).toMatchObject({ code: 1, stdout: '10.0.0.2 22 open\n10.0.0.2 5432 closed\n' });
    expect((await inShell(TWO, 'replication_port_check')).code).toBe(0);
    expect((await action(ONE, 'cluster_add_slaves')).stderr).toBe('cluster_add_slaves: 10.0.0.2 port 5432: connection refused\n');
    pair.clearFaults();
    await fine(action(ONE, 'cluster_add_slaves'));
    await fine(on(TWO, 'sudo "$INIT" stop'));
    expect((await inShell(ONE, 'replication_port_check')).stdout).toMatch(/10\.0\.0\.2 5432 closed\n$/);
  });

  test('a broken Postgres copy can be done again', async () => {
    await prepared();
    await fine(action(ONE, 'cluster_add_slaves'));
    pair.fault('postgres-replication-fails', TWO);
    const broken = await action(TWO, 'cluster_replicate_postgres');
    expect(broken).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/: 50%\n$/),
      stderr: expect.stringMatching(/pg_basebackup: error/),
    });
    expect(pair.state(TWO)).toMatchObject({ postgres: 'failed', progress: { percent: 50 } });
    pair.clearFaults();
    await fine(action(TWO, 'cluster_replicate_postgres'));
    expect(pair.state(TWO).postgres).toBe('replicating');
  });

  test('a copy whose reader is gone is interrupted', async () => {
    await prepared({ seconds: { ...QUICK.seconds, kvstore: 4 } });
    await fine(action(ONE, 'cluster_add_slaves'));
    const child = start(TWO, 'sudo -n "$INIT" shell');
    child.stdin.end('alation_action cluster_kvstore_copy\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    await pair.waitForLog(({ verdict }) => verdict === 'cluster_kvstore_copy is under way');
    await new Promise((resolve) => child.once('close', resolve));
    expect(pair.state(TWO).kvstore).toBe('interrupted');
  });

  test('rsync says everything that went wrong', async () => {
    await begin({ paired: true });
    pair.fault('rsync-error', TWO);
    const done = await action(TWO, 'cluster_replicate_files');
    expect(done.code).toBe(1);
    expect(done.stderr.match(/^rsync( error)?: /gm)).toHaveLength(4);
  });

  test('rpm refuses what it cannot read or need not', async () => {
    await begin();
    const path = join(dir, 'alation-2022.1.0.1.rpm');
    const rpm = (): Promise<Done> => on(TWO, `sudo rpm -Uvh ${path}`);
    expect((await rpm()).stderr).toMatch(/^error: open of .* failed: No such file or directory\n$/);
    writeFileSync(path, '<html>');
    expect((await rpm()).stderr).toMatch(/not an rpm package/);
    makeAlationPackage(path, { version: '2022.1.0.1', bytes: 500_000_000 });
    pair.fault('rpm-header-bad', TWO);
    const bad = await rpm();
    expect(bad).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/: headerRead failed: hdr data: BAD, no\. of bytes\(1182544\) out of range\n/),
    });
    pair.clearFaults();
    truncateSync(path, 400_000_000);
    expect(await rpm()).toMatchObject({ code: 1, stderr: expect.stringMatching(/unpacking of archive failed: cpio: read/) });
    truncateSync(path, 500_000_000);
    expect((await on(TWO, `rpm -Uvh ${path}`)).stderr).toMatch(/Permission denied/);
    await fine(rpm());
    expect((await rpm()).stderr).toMatch(/package alation-2022\.1\.0\.1-1\.x86_64 is already installed/);
    expect((await unpack(TWO, '2021.4.2.1')).stderr).toMatch(/which is newer than alation-2021\.4\.2\.1-1/);
    expect((await on(TWO, 'rpm -q alation')).stdout).toBe('alation-2022.1.0.1-1.x86_64\n');
    expect(pair.state(TWO)).toMatchObject({ version: '2021.4.1.3456', unpacked: '2022.1.0.1' });
  });

  test('a failed update says why in its log only', async () => {
    await begin();
    expect((await update(TWO)).stderr).toMatch(/nothing to update to/);
    await fine(unpack(TWO, '2022.1.0.1'));
    pair.fault('update-fails', TWO);
    const failed = await update(TWO);
    expect(failed.code).toBe(1);
    const log = failed.stderr.match(/see (\S+)/)?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toMatch(/ERROR migration rosemeta\.0417 failed: .*\n.* ERROR update to 2022\.1\.0\.1 failed\n$/);
    expect(pair.state(TWO)).toMatchObject({ version: '2021.4.1.3456', unpacked: '2022.1.0.1' });
    pair.clearFaults();
    await fine(update(TWO));
    expect(pair.state(TWO).version).toBe('2022.1.0.1');
  });

  test('slowness and failure can be of one action', async () => {
    await begin({ paired: true });
    pair.fault('slow', TWO, { value: 1, program: 'cluster_kvstore_copy' });
    const began = Date.now();
    await fine(action(TWO, 'cluster_replicate_postgres'));
    await fine(action(TWO, 'cluster_kvstore_copy'));
    expect(Date.now() - began).toBeGreaterThan(1_000);
    pair.fault('action-fails', TWO, { program: 'cluster_replicate_files' });
    expect(await action(TWO, 'cluster_replicate_files')).toMatchObject({
      code: 1,
      stderr: 'cluster_replicate_files: failed: internal error\n',
    });
    await fine(action(TWO, 'cluster_start_kafka_sync'));
  });

  test('any program can be slow, talkative and hostile', async () => {
    await begin();
    pair.fault('prints', ONE, { value: 2, program: 'alation_version' });
    pair.fault('hostile-output', ONE, { program: 'alation_version' });
    pair.fault('takes', ONE, { value: 300, program: 'alation_version' });
    const began = Date.now();
    const { stdout } = await inShell(ONE, 'alation_version');
    expect(Date.now() - began).toBeGreaterThan(300);
    expect(Buffer.byteLength(stdout)).toBeGreaterThan(2 * 1024 * 1024);
    for (const part of ['\u001b[31m', '<!channel>', '\u202e', '\0', '2021.4.1.3456\n']) expect(stdout).toContain(part);
  });

  test('settings refuse what they cannot hold', async () => {
    await begin();
    const set = async (words: string): Promise<string> => (await inShell(ONE, `alation_conf ${words}`)).stderr;
    expect(await set('alation.nonsuch')).toBe('alation_conf: unknown parameter: alation.nonsuch\n');
    expect(await set('../version')).toBe('alation_conf: unknown parameter: ../version\n');
    expect(await set('alation.backup.enabled -s yes')).toMatch(/must be True or False, and not yes/);
    expect(await set('alation.cluster.override_ip -s host')).toMatch(/must be an IPv4 address/);
    expect(await set("alation.cluster.hosts -s 'a\nb'")).toMatch(/must be one line/);
    expect(await set('alation.cluster.replication_mode -s master')).toMatch(/is set by alation_action/);
    expect((await inShell(ONE, 'alation_conf alation.cluster.hosts -s 10.0.0.5')).stdout).toBe('alation.cluster.hosts = 10.0.0.5\n');
    expect((await action(ONE, 'nonsuch')).stderr).toBe('alation_action: unknown action: nonsuch\n');
  });
});

describe('the monitor and the folder', () => {
  const curl = async (options = '-sL'): Promise<string> =>
    (await on(ONE, `curl ${options} ${pair.variables.alation_url}/monitor/replication`)).stdout;
  const lag = async (): Promise<unknown> => {
    const page: unknown = JSON.parse(await curl());
    expect(page).toEqual({ postgres: [{ host: '10.0.0.2', byte_lag: expect.anything() }] });
    return (page as { readonly postgres: readonly { readonly byte_lag: unknown }[] }).postgres[0]?.byte_lag;
  };

  test('the lag falls, grows, or is unknown', async () => {
    await begin({ paired: true });
    expect(await curl('-s')).toBe('');
    expect([await lag(), await lag()]).toEqual([32_768, 16_384]);
    pair.fault('lag-grows', ONE);
    const grown = [await lag(), await lag(), await lag()].map(Number);
    expect(grown).toEqual([...grown].sort((a, b) => a - b));
    expect(new Set(grown).size).toBe(3);
    pair.fault('lag-unknown', ONE);
    expect(await lag()).toBe('unknown');
    pair.clearFaults();
    await fine(on(TWO, 'sudo "$INIT" stop'));
    expect(await lag()).toBe('unknown');
    await fine(on(ONE, 'sudo "$INIT" stop'));
    expect(await curl()).toBe('502 Bad Gateway\n');
  });

  test('who was split replicates no more', async () => {
    await begin({ paired: true });
    await fine(action(ONE, 'cluster_enter_standalone_mode'));
    expect(await lag()).toBe('unknown');
    expect(pair.state(TWO)).toMatchObject({ postgres: 'stopped', kvstore: 'none', kafka: false });
  });

  test('a pair without partners lists none', async () => {
    await begin();
    expect(await curl()).toBe('{"postgres":[]}\n');
  });

  test('the same folder is the same pair again', async () => {
    const first = await begin({ paired: true });
    await fine(action(ONE, 'cluster_enter_standalone_mode'));
    const before = [first.state(ONE), first.state(TWO)];
    await first.close();
    const again = await begin({ version: '2019.1.0.1' });
    expect([again.state(ONE), again.state(TWO)]).toEqual(before);
    expect(again.variables).toEqual(first.variables);
    expect(again.log()).toEqual(first.log());
    await fine(action(TWO, 'cluster_enter_standalone_mode'));
  });

  test('other paths are measured by the real df', async () => {
    await begin();
    const size = (text: string): string[] => text.split('\n')[1]?.split(/ +/).slice(0, 2) ?? [];
    expect(size((await on(ONE, 'df -P /')).stdout)).toEqual(size(execFileSync('df', ['-P', '/']).toString()));
    expect((await on(ONE, `df -h ${pair.variables.data_dir}`)).stderr).toMatch(/the stand-in knows -P and -k, and not -h/);
  });
});
