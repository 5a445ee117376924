/**
 * A sandbox AtScale cluster: folders that stand for machines, with stand-ins for the vendor's programs in them.
 *
 * Owns what the hosts are and what is set up in their folders. Leaves to others how one logs in to a host (ssh-server.ts, or a real sshd in the
 * tests); all it asks of them is that HOME is the host's own and that `env` is there.
 *
 * Invariants
 *   A1  creating a cluster on a folder that has one keeps its state, its log, its faults and what is installed.
 *   A2  nothing runs here: a host "runs" because its files say so, and stays as it is when this process dies.
 *   A3  no program runs in the background, so a cluster whose folder is deleted is gone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearFaults, type FaultOptions } from '../faults.ts';
import { layOutCommon, layOutMachine, pathWith, put, putOnce, type Settings } from '../layout.ts';
import { readLog, waitForLog } from '../log.ts';
import type { SandboxHost, SandboxProduct } from '../product.ts';
import { atscaleYaml } from './atscale-yaml.ts';
import { type FaultKind, setFault } from './faults.ts';
import { layOutProduct, layOutShared, refreshProduct } from './layout.ts';
import { powerOff, replaceMachine, switchover, toBeReplaced } from './machines.ts';
import { type AtscaleOptions, type AtscaleRole, DEFAULT_ACCOUNT, DEFAULT_VERSION } from './options.ts';
import { type ClusterState, readState } from './state.ts';

export type { AtscaleOptions, AtscaleRole } from './options.ts';

export type AtscaleHost = SandboxHost & {
  /** What it was made as; `state().roles` says what has become of it. */
  readonly role: AtscaleRole;
  /** This host's own; `AtscaleCluster.productHome` is valid on every host. */
  readonly productHome: string;
};

export type AtscaleCluster = Omit<SandboxProduct, 'hosts'> & {
  readonly hosts: readonly AtscaleHost[];
  /** One path for the variable `atscale_home`: on every host it leads to that host's own programs. */
  readonly productHome: string;
  state(): ClusterState;
  /** The other engine is the leader from now on. */
  switchover(): void;
  /** This host may be stopped by itself from now on, without the order of a restart; until there is a new machine behind its name. */
  toBeReplaced(host: string): void;
  /** Nothing runs on this host any longer. Whoever wants it unreachable ends its SSH server as well. */
  powerOff(host: string): void;
  /** A new, empty machine stands behind this name. Whoever wants that to show in its host key restarts its SSH server with a new one. */
  replaceMachine(host: string): void;
  /** On one host, or on all where none is named; faults of the member table are the cluster's. */
  fault(kind: FaultKind, host?: string, options?: FaultOptions): void;
  clearFaults(): void;
};

const DOMAIN = 'atscale-prod.example';
/** Names of folders beside the hosts' own. */
const TAKEN: readonly string[] = ['any', 'cluster', 'secrets', 'ssh'];

/** Lays out a cluster under this folder, or takes up the one that is there (A1). */
export function createAtscaleCluster(dir: string, options: AtscaleOptions = {}): AtscaleCluster {
  const { account = DEFAULT_ACCOUNT, version = DEFAULT_VERSION } = options;
  const hosts = hostsOf(dir, options);
  const names = hosts.map((host) => host.name);
  const known = (host: string): string => knownOf(names, host);
  const shared = join(dir, 'cluster');
  const bin = join(dir, 'any', 'bin');
  const productHome = join(dir, 'any', 'opt', 'atscale');
  layOutCommon(shared, bin);
  layOutShared(shared, productHome, bin, version);
  layOutMembership(shared, hosts);
  const yaml = yamlOf(hosts, account);
  for (const host of hosts) {
    layOutMachine(dir, settingsOf(shared, productHome, host, options));
    layOutState(shared, host, version, yaml);
  }
  for (const host of options.toBeReplaced ?? []) toBeReplaced(shared, known(host));
  return {
    dir,
    product: 'atscale',
    hosts,
    variables: { atscale_home: productHome },
    secrets: {},
    env: { PATH: pathWith(bin), ...(account === DEFAULT_ACCOUNT ? {} : { ATSCALE_USER: account }) },
    productHome,
    log: () => readLog(shared),
    violations: () => readLog(shared).filter((entry) => entry.event === 'violation'),
    state: () => readState(shared, names),
    switchover: () => switchover(shared),
    toBeReplaced: (host) => toBeReplaced(shared, known(host)),
    powerOff: (host) => powerOff(shared, known(host)),
    replaceMachine: (host) => replaceMachine(dir, shared, known(host)),
    fault: (kind, host, faultOptions) => setFault(shared, kind, host === undefined ? names : [known(host)], faultOptions),
    clearFaults: () => clearFaults(shared),
    waitForLog: (predicate, { timeoutMs = 10_000 } = {}) => waitForLog(shared, predicate, { timeoutMs }),
    close: async () => undefined,
  };
}

function hostsOf(dir: string, options: AtscaleOptions): AtscaleHost[] {
  const { coordinator = 'coord-01', engines = ['engine-01', 'engine-02'], queryEngines = 1, replacements = [], homes = 'any' } = options;
  const queries = typeof queryEngines === 'number' ? numbered(queryEngines) : queryEngines;
  const roles: (readonly [string, AtscaleRole])[] = [[coordinator, 'coordinator']];
  for (const name of engines) roles.push([name, 'engine']);
  for (const name of queries) roles.push([name, 'query_engine']);
  for (const name of replacements) roles.push([name, 'replacement']);
  return roles.map(([name, role]) => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || TAKEN.includes(name))
      throw new Error(`A sandbox host cannot be called ${JSON.stringify(name)}.`);
    const productHome = join(dir, name, 'opt', 'atscale');
    const host = { name, fqdn: `${name}.${DOMAIN}`, role, roles: [role], productHome, home: join(dir, name, 'home') };
    return homes === 'any' ? host : { ...host, variables: { atscale_home: productHome, package_folder: host.home } };
  });
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `query-${String(index + 1).padStart(2, '0')}`);
}

function knownOf(names: readonly string[], host: string): string {
  if (!names.includes(host)) throw new Error(`There is no sandbox host ${JSON.stringify(host)}; there are ${names.join(', ')}.`);
  return host;
}

/** Who is a member is kept; a host that was not there before is added. */
function layOutMembership(shared: string, hosts: readonly AtscaleHost[]): void {
  const path = join(shared, 'hosts');
  const kept = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const added = hosts.filter(({ name }) => !`\n${kept}`.includes(`\n${name} `));
  put(path, `${kept}${added.map(({ name, role, fqdn }) => `${name} ${role} ${fqdn}\n`).join('')}`);
  const first = hosts.find((host) => host.role === 'engine');
  putOnce(join(shared, 'state', 'leader'), `${first?.name ?? ''} 3\n`);
}

/** A new host comes as its role says; one that was there before keeps what is installed. */
function layOutState(shared: string, host: AtscaleHost, version: string, yaml: string): void {
  const phase = join(shared, 'state', host.name, 'phase');
  const threeDaysAgo = Date.now() - 274_000_000;
  if (existsSync(phase)) refreshProduct(host.productHome);
  else if (host.role !== 'replacement') layOutProduct(host.productHome, version, yaml);
  putOnce(phase, host.role === 'replacement' ? 'absent\n' : `up ${threeDaysAgo} ${threeDaysAgo + 90_000}\n`);
}

function yamlOf(hosts: readonly AtscaleHost[], account: string): string {
  const named = (role: AtscaleRole): string[] => hosts.filter((host) => host.role === role).map(({ fqdn }) => fqdn);
  const [coordinator = ''] = named('coordinator');
  return atscaleYaml({ coordinator, engines: named('engine'), queryEngines: named('query_engine') }, account);
}

function settingsOf(shared: string, anyHome: string, host: AtscaleHost, options: AtscaleOptions): Settings {
  const { stop = 0.2, start = 0.2, configure = 0.2, services = 0.2 } = options.seconds ?? {};
  const milliseconds = (seconds: number): string => String(Math.round(seconds * 1000));
  return {
    SANDBOX: shared,
    HOST: host.name,
    PRODUCT_HOME: host.productHome,
    ANY_HOME: anyHome,
    ACCOUNT: options.account ?? DEFAULT_ACCOUNT,
    CLUSTER_NAME: 'atscale_postgres14_cluster',
    CLUSTER_ID: '7121824910042921340',
    TABLE_FORM: options.table ?? 'current',
    LOG_LINE: options.logLine ?? 'stdout',
    STOP_MS: milliseconds(stop),
    START_MS: milliseconds(start),
    CONFIGURE_MS: milliseconds(configure),
    SETTLE_MS: milliseconds(services),
    AFTER_STOP: options.afterStop ?? 'services',
    STATUS_EXIT: options.statusExit ?? 'supervisor',
    ON_VIOLATION: options.onViolation ?? 'refuse',
  };
}
