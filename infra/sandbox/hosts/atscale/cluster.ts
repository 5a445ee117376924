/**
 * A sandbox AtScale cluster: folders that stand for machines, with stand-ins for the vendor's programs in them.
 *
 * Owns the layout of the folder, the state that the programs share, the faults and the log. Leaves to others how one logs in to a host
 * (ssh-server.ts, or a real sshd in the tests); all it asks of them is that HOME is the host's own.
 *
 * Invariants
 *   A1  creating a cluster on a folder that has one keeps its state, its log and its faults.
 *   A2  nothing runs here: a host "runs" because its files say so, and stays as it is when this process dies.
 *   A3  no program runs in the background, so a cluster whose folder is deleted is gone.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearFaults, type FaultOptions } from '../faults.ts';
import { layOutCommon, layOutMachine, pathWith, put, putOnce, type Settings } from '../layout.ts';
import { readLog, waitForLog } from '../log.ts';
import type { SandboxHost, SandboxProduct } from '../product.ts';
import { type FaultKind, setFault } from './faults.ts';
import { layOutAnyHome, layOutLibraries, layOutProduct } from './layout.ts';
import { type ClusterState, readLeader, readState } from './state.ts';

export type AtscaleRole = 'coordinator' | 'engine' | 'query_engine';

export type AtscaleHost = SandboxHost & {
  readonly role: AtscaleRole;
  /** This host's own; `AtscaleCluster.productHome` is valid on every host. */
  readonly productHome: string;
};

export type AtscaleOptions = {
  /** The two that run Postgres; the first leads at the beginning. Default: engine-01, engine-02. */
  readonly engines?: readonly [string, string];
  /** Default: coord-01. */
  readonly coordinator?: string;
  /** How many (query-01, query-02, …) or their names. Default: 1. */
  readonly queryEngines?: number | readonly string[];
  /** How long a stop, a start, and from then until all services are RUNNING take. Default 0.2 each. */
  readonly seconds?: { readonly stop?: number; readonly start?: number; readonly services?: number };
  /** How postgres_nodes prints: as today, or word for word as in the vendor's document, with single blanks. Default `current`. */
  readonly table?: 'current' | 'seed';
  /** Where the warning before the table goes. Default stdout. */
  readonly logLine?: 'stdout' | 'stderr';
  /** What the supervisor of a stopped host says: STOPPED for each service, or nothing but a connection error. Default `services`. */
  readonly afterStop?: 'services' | 'supervisor-down';
  /** The status program's exit code: as a supervisor has it (3 if not all run), or always 0. Default `supervisor`. */
  readonly statusExit?: 'supervisor' | 'zero';
  /** What a wrong order meets: an exit 3 that changes nothing, or an exit 3 after it was done all the same. Default `refuse`. */
  readonly onViolation?: 'refuse' | 'obey';
};

export type AtscaleCluster = SandboxProduct & {
  readonly hosts: readonly AtscaleHost[];
  /** One path for the variable `atscale_home`: on every host it leads to that host's own programs. */
  readonly productHome: string;
  state(): ClusterState;
  /** The other engine is the leader from now on. */
  switchover(): void;
  /** On one host, or on all where none is named; faults of the member table are the cluster's. */
  fault(kind: FaultKind, host?: string, options?: FaultOptions): void;
  clearFaults(): void;
};

export const SERVICES: Readonly<Record<AtscaleRole, number>> = { coordinator: 5, engine: 4, query_engine: 2 };
const DOMAIN = 'atscale-prod.example';
/** Names of folders beside the hosts' own. */
const TAKEN: readonly string[] = ['any', 'cluster', 'secrets', 'ssh'];

/** Lays out a cluster under this folder, or takes up the one that is there (A1). */
export function createAtscaleCluster(dir: string, options: AtscaleOptions = {}): AtscaleCluster {
  const hosts = hostsOf(dir, options);
  const shared = join(dir, 'cluster');
  const productHome = join(dir, 'any', 'opt', 'atscale');
  const bin = join(dir, 'any', 'bin');
  layOutCommon(shared, bin);
  layOutLibraries(shared);
  layOutCluster(shared, hosts);
  layOutAnyHome(productHome);
  for (const host of hosts) {
    layOutMachine(dir, settingsOf(shared, host, options));
    layOutProduct(host.productHome);
  }
  const names = hosts.map((host) => host.name);
  return {
    dir,
    product: 'atscale',
    hosts,
    variables: { atscale_home: productHome },
    secrets: {},
    env: { PATH: pathWith(bin) },
    productHome,
    log: () => readLog(shared),
    violations: () => readLog(shared).filter((entry) => entry.event === 'violation'),
    state: () => readState(shared, names),
    switchover: () => switchover(shared, hosts),
    fault: (kind, host, faultOptions) => setFault(shared, kind, host === undefined ? names : [known(names, host)], faultOptions),
    clearFaults: () => clearFaults(shared),
    waitForLog: (predicate, { timeoutMs = 10_000 } = {}) => waitForLog(shared, predicate, { timeoutMs }),
    close: async () => undefined,
  };
}

function hostsOf(
  dir: string,
  { coordinator = 'coord-01', engines = ['engine-01', 'engine-02'], queryEngines = 1 }: AtscaleOptions,
): AtscaleHost[] {
  const queries = typeof queryEngines === 'number' ? numbered(queryEngines) : queryEngines;
  const roles: (readonly [string, AtscaleRole])[] = [[coordinator, 'coordinator']];
  for (const name of engines) roles.push([name, 'engine']);
  for (const name of queries) roles.push([name, 'query_engine']);
  return roles.map(([name, role]) => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || TAKEN.includes(name))
      throw new Error(`A sandbox host cannot be called ${JSON.stringify(name)}.`);
    return {
      name,
      fqdn: `${name}.${DOMAIN}`,
      role,
      roles: [role],
      productHome: join(dir, name, 'opt', 'atscale'),
      home: join(dir, name, 'home'),
    };
  });
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `query-${String(index + 1).padStart(2, '0')}`);
}

function known(names: readonly string[], host: string): string {
  if (!names.includes(host)) throw new Error(`There is no sandbox host ${JSON.stringify(host)}; there are ${names.join(', ')}.`);
  return host;
}

function layOutCluster(shared: string, hosts: readonly AtscaleHost[]): void {
  put(join(shared, 'hosts'), hosts.map((host) => `${host.name} ${host.role} ${host.fqdn}\n`).join(''));
  const first = hosts.find((host) => host.role === 'engine');
  putOnce(join(shared, 'state', 'leader'), `${first?.name ?? ''} 3\n`);
  const threeDaysAgo = Date.now() - 274_000_000;
  for (const host of hosts) putOnce(join(shared, 'state', host.name, 'phase'), `up ${threeDaysAgo} ${threeDaysAgo + 90_000}\n`);
}

function settingsOf(shared: string, host: AtscaleHost, options: AtscaleOptions): Settings {
  const { stop = 0.2, start = 0.2, services = 0.2 } = options.seconds ?? {};
  return {
    SANDBOX: shared,
    HOST: host.name,
    ROLE: host.role,
    CLUSTER_NAME: 'atscale_postgres14_cluster',
    CLUSTER_ID: '7121824910042921340',
    TABLE_FORM: options.table ?? 'current',
    LOG_LINE: options.logLine ?? 'stdout',
    STOP_STEP: (stop / SERVICES[host.role]).toFixed(3),
    START_STEP: (start / SERVICES[host.role]).toFixed(3),
    SETTLE_MS: String(Math.round(services * 1000)),
    AFTER_STOP: options.afterStop ?? 'services',
    STATUS_EXIT: options.statusExit ?? 'supervisor',
    ON_VIOLATION: options.onViolation ?? 'refuse',
  };
}

function switchover(shared: string, hosts: readonly AtscaleHost[]): void {
  const { leader, timeline } = readLeader(shared);
  const next = hosts.find((host) => host.role === 'engine' && host.name !== leader);
  if (next === undefined) throw new Error('There is no other engine.');
  put(join(shared, 'state', 'leader'), `${next.name} ${timeline + 1}\n`);
  const words = [
    new Date().toISOString(),
    next.name,
    'sandbox',
    '',
    process.pid,
    'note',
    '-',
    `switchover: ${next.name} is the leader now`,
  ];
  appendFileSync(join(shared, 'executed.log'), `${words.join('\t')}\n`);
}
