/** A worker without Slack: real Redis, real sshd, one host that holds every role, procedures written in the test. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import type { Config } from '../../src/config.ts';
import { readInstallationKey } from '../../src/installation-key.ts';
import { createRegister, type RegisterEntry } from '../../src/journal/register.ts';
import { startKeyturn } from '../../src/keyturn.ts';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Recorded, RunEvent } from '../../src/run/events.ts';
import type { RunState } from '../../src/run/state.ts';
import type { Desk } from '../../src/slack/ports.ts';
import { type Sshd, startSshd } from '../ssh/support.ts';
import { startRedis } from '../support/redis.ts';
import { allOf, expectSound } from '../support/sound.ts';

const BUILT = resolve(import.meta.dirname, '../../dist/src/main.js');

/** With everything that a shell could take amiss. */
export const PASSWORD = `pa"ss'w$(id)ord`;

export type Shop = {
  readonly desk: Desk;
  readonly sshd: Sshd;
  readonly folder: string;
  readonly redisUrl: string;
  /** Writes a procedure, starts it, and gives the run's id. */
  begin(yaml: string): Promise<string>;
  /** The run, as soon as `look` is content with it; looks again after each change of the journal. */
  until(run: string, look: (state: RunState) => boolean): Promise<RunState>;
  events(run: string): Promise<readonly RunEvent[]>;
  recorded(run: string): Promise<readonly Recorded[]>;
  /** The register from its beginning, each seal proved, as another process reads it. */
  registered(): Promise<readonly RegisterEntry[]>;
  /** What was logged as fatal by hired workers. */
  readonly fatal: readonly string[];
  /** A worker in a process of its own, as built; for a shop that was opened without one. */
  hire(): Promise<Hired>;
  /** Fails if a journal of the shop is not sound. */
  close(): Promise<void>;
};

/** A worker that a test can do away with. */
export type Hired = {
  /** kill -9, and comes back when it is gone. */
  kill(): Promise<void>;
};

export const dana: Standing = { person: { team: 'T1', user: 'U0DANA', name: 'Dana' }, kind: { kind: 'member' }, memberOf: [] };
export const sam: Standing = { person: { team: 'T1', user: 'U0SAM', name: 'Sam' }, kind: { kind: 'member' }, memberOf: [] };

/** `staffed: false`: only the desk is open, and nothing is done until somebody is hired. */
export async function openShop({ staffed = true }: { readonly staffed?: boolean } = {}): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-shop-'));
  const redis = await startRedis();
  const sshd = await startSshd();
  mkdirSync(join(folder, 'clusters'));
  mkdirSync(join(folder, 'procedures', 'sample'), { recursive: true });
  writeFileSync(join(folder, 'clusters', 'prod.yaml'), clusterYaml(sshd, folder));
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
  writeFileSync(join(folder, 'people.yaml'), 'people: {}\n');
  const config: Config = { ...configOf(folder, redis.url, sshd), role: staffed ? 'worker' : 'bot' };
  const hired: ChildProcess[] = [];
  const fatal: string[] = [];
  const keyturn = await startKeyturn(config, pino({ level: process.env.TEST_LOG ?? 'silent' }));
  let requests = 0;
  return {
    desk: keyturn.desk,
    sshd,
    folder,
    redisUrl: redis.url,
    fatal,
    begin: async (yaml) => {
      const name = /procedure: (\S+)/.exec(yaml)?.[1] ?? 'none';
      writeFileSync(join(folder, 'procedures', 'sample', `${name}.yaml`), yaml);
      const requestId = `r${++requests}`;
      const started = await keyturn.desk.start({
        procedure: name,
        cluster: 'prod',
        params: {},
        standing: dana,
        channel: { team: 'T1', id: 'C1' },
        requestId,
      });
      if (started.kind !== 'started') throw new Error(JSON.stringify({ kind: started.kind, findings: keyturn.desk.findings() }));
      return started.run;
    },
    until: (run, look) => until(keyturn.desk, run, look),
    events: async (run) => ((await keyturn.desk.journal(run))?.recorded ?? []).map((recorded) => recorded.event),
    recorded: async (run) => (await keyturn.desk.journal(run))?.recorded ?? [],
    registered: () => registered(redis.url, config.keyFile),
    hire: async () => {
      const worker = await launch(config, fatal);
      hired.push(worker);
      return { kill: () => end(worker, 'SIGKILL') };
    },
    close: () =>
      allOf(
        () => Promise.all(hired.map((worker) => end(worker, 'SIGTERM'))),
        () => keyturn.close(),
        () => sshd.stop(),
        () => expectSound(redis.url, join(folder, 'data', 'installation.key')),
        () => redis.stop(),
        () => rmSync(folder, { recursive: true, force: true }),
      ),
  };
}

async function registered(url: string, keyFile: string): Promise<readonly RegisterEntry[]> {
  const log = pino({ level: 'silent' });
  const redis = await connectRedis(url, { role: 'journal', log });
  try {
    const key = (await readInstallationKey(keyFile))('register');
    const found: unknown[] = [];
    const register = createRegister({ redis, key, onDamage: (error) => found.push(error) });
    const entries = await register.read({ from: 1, limit: 1_000 });
    found.push(...(await register.verify()));
    if (found.length > 0) throw new Error(`the register is not whole: ${JSON.stringify(found)}`);
    return entries;
  } finally {
    await disconnectRedis(redis);
  }
}

async function launch({ redisUrl, procedures, clusters, data }: Config, fatal: string[]): Promise<ChildProcess> {
  const folders = { KEYTURN_PROCEDURES: procedures, KEYTURN_CLUSTERS: clusters, KEYTURN_DATA: data };
  const env = { PATH: process.env.PATH, REDIS_URL: redisUrl, LOG_LEVEL: 'info', ...folders };
  const child = fork(BUILT, ['worker'], { env, cwd: data, silent: true, execArgv: [] });
  const said: string[] = [];
  await new Promise<void>((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (line.includes('"level":60')) fatal.push(line);
        if (line.includes('Keyturn is ready')) done();
      });
    }
    child.once('exit', (code) => failed(new Error(`the worker ended with code ${code} before it was ready:\n${said.join('\n')}`)));
  });
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function until(desk: Desk, run: string, look: (state: RunState) => boolean): Promise<RunState> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    const state = await desk.state(run);
    if (state !== undefined && look(state)) return state;
    if (performance.now() > deadline)
      throw new Error(`not seen in ${run}: ${JSON.stringify({ ...state, procedure: 0, cluster: 0 }, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function configOf(folder: string, redisUrl: string, sshd: Sshd): Config {
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'known_hosts'), `[127.0.0.1]:${sshd.port},[localhost]:${sshd.port} ${hostKeyOf(sshd)}`);
  return {
    role: 'worker',
    slack: undefined,
    lookup: undefined,
    redisUrl,
    procedures: join(folder, 'procedures'),
    clusters: join(folder, 'clusters'),
    people: join(folder, 'people.yaml'),
    peopleNamed: false,
    data,
    record: data,
    archiveAfterDays: 30,
    keepDays: undefined,
    status: undefined,
    keyFile: join(data, 'installation.key'),
    files: join(data, 'files'),
    replicas: 0,
    postsPerSecond: 1,
    administrators: [],
    ssh: { key: undefined, passphrase: undefined, agent: undefined },
    logLevel: 'silent',
    notices: [],
  };
}

function hostKeyOf(sshd: Sshd): string {
  return readFileSync(sshd.knownHosts, 'utf8').split(' ').slice(1).join(' ');
}

function clusterYaml(sshd: Sshd, folder: string): string {
  const { user, port, identity } = sshd.target;
  const key = identity.kind === 'key' ? identity.path : '';
  return `cluster: prod
product: sample
title: The sample
defaults: { user: ${user}, port: ${port}, key: ${key} }
hosts:
  - { name: alpha, address: 127.0.0.1, roles: [main, node] }
  - { name: beta, address: localhost, roles: [node], variables: { colour: blue } }
  - { name: gone, address: 127.0.0.1, port: 1, roles: [spare] }
variables: { colour: red }
secrets: { password: { file: ${folder}/password } }
may: { start: [U0DANA], approve: [U0SAM] }
`;
}
