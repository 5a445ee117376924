/** The clusters of the demo, each in a folder of its own below `<folder>/hosts`. A further product is one more entry of `CLUSTERS`. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { type ClusterFileOptions, clusterFile } from '../cluster-file.ts';
import { makeAlationPackage } from '../hosts/alation/package.ts';
import { type AlationPair, createAlationPair } from '../hosts/alation/pair.ts';
import { type AmpPair, createAmpPair } from '../hosts/amp/amp.ts';
import { type AtscaleCluster, createAtscaleCluster } from '../hosts/atscale/cluster.ts';
import { DEFAULT_VERSION } from '../hosts/atscale/options.ts';
import { makePackage } from '../hosts/atscale/package.ts';
import { type DemoHosts, startDemoHosts } from '../hosts/demo-hosts.ts';
import type { SandboxProduct } from '../hosts/product.ts';

type Made = {
  readonly product: SandboxProduct;
  /** The hosts that are not as in everyday operation, each with what it is. */
  readonly leftAs: () => Readonly<Record<string, string>>;
  /** Files that its procedures copy from the worker, by name. */
  readonly files?: Readonly<Record<string, string>>;
};

type Cluster = {
  /** As in `/ha restart <name>`; its folder and its file are called so. */
  readonly name: string;
  readonly title: string;
  /** Keys of its cluster file beside the usual ones, or in their place. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Lays it out under this folder, or takes up the one that is there. Hurried: for tests, every stage of a host takes tenths of a second. */
  readonly make: (dir: string, hurried: boolean) => Made | Promise<Made>;
};

const SLOW_ENOUGH_TO_BE_WATCHED = { stop: 4, start: 4, services: 5 } as const;
const HURRIED = { stop: 0.3, start: 0.3, services: 0.3 } as const;
const ALATION_SLOW_ENOUGH = { restart: 3, postgres: 20, kvstore: 8, update: 12 } as const;
const ALATION_HURRIED = { restart: 0.2, postgres: 0.3, kvstore: 0.3, update: 0.3 } as const;
const AMP_SLOW_ENOUGH = { startMs: 1_500, timeoutMs: 10_000 } as const;
const AMP_HURRIED = { startMs: 50, heartbeatMs: 100, timeoutMs: 1_000 } as const;
const STAGE = {
  coordinator: 'stage-coord-01',
  engines: ['stage-engine-01', 'stage-engine-02'] as const,
  replacements: ['stage-engine-03'],
};
const NEWER_ALATION = '2022.1.0.10';

const [DANA, SAM, APPROVERS, STAKEHOLDERS] = ['U0DANA0001', 'U0SAM00001', 'S0APPROVE1', 'C0STAKE001'];

const DAY = 86_400_000;

/** From yesterday for a week, so that whoever tries the demo is in the middle of it, in whatever zone. `now` in milliseconds. */
function quarterEnd(now: number): object {
  const day = (after: number): string => new Date(now + after * DAY).toISOString().slice(0, 10);
  return { time_zone: 'Europe/Zurich', override: [SAM], windows: [{ title: 'Quarter end', dates: { first: day(-1), last: day(6) } }] };
}

const CLUSTERS: readonly Cluster[] = [
  {
    name: 'atscale-prod',
    title: 'AtScale production',
    make: (dir, hurried) => {
      const product = createAtscaleCluster(dir, { seconds: hurried ? HURRIED : SLOW_ENOUGH_TO_BE_WATCHED });
      return { product, leftAs: () => others(product.state().hosts, 'running') };
    },
  },
  {
    // Two approve, and Sam is one of them. Without query engines, of which the vendor's document says nothing; beside it a machine without AtScale and a package, for `replace-host`.
    name: 'atscale-stage',
    title: 'AtScale staging',
    more: { may: { start: [DANA], approve: { count: 2, of: [APPROVERS, 'U0ROBIN001'] } } },
    make: (dir, hurried) => {
      const seconds = hurried ? HURRIED : SLOW_ENOUGH_TO_BE_WATCHED;
      const product = createAtscaleCluster(dir, { seconds, homes: 'own', queryEngines: 0, ...STAGE });
      const rpm = `atscale-${DEFAULT_VERSION}.rpm`;
      makePackage(join(dir, rpm), { version: DEFAULT_VERSION, type: 'rpm', bytes: 50_000_000 });
      return { product, files: { [rpm]: join(dir, rpm) }, leftAs: () => stageStates(product) };
    },
  },
  {
    // Two servers apart, for `/ha ha-setup alation-prod`; and a package beside them, for an update of the pair.
    name: 'alation-prod',
    title: 'Alation production',
    make: async (dir, hurried) => {
      const product = await createAlationPair(dir, { seconds: hurried ? ALATION_HURRIED : ALATION_SLOW_ENOUGH });
      makeAlationPackage(join(dir, `alation-${NEWER_ALATION}.rpm`), { version: NEWER_ALATION, bytes: 50_000_000 });
      return { product, leftAs: () => others(alationStates(product), 'running') };
    },
  },
  {
    // In a freeze window, and with a glass to break. Master and standby, set up, for `/ha failover-drill amp-prod`; and a pair of SSH keys for `share-ssh-keys`. Their servers are real processes.
    name: 'amp-prod',
    title: 'AMP production',
    more: { freeze: quarterEnd(Date.now()), break_glass: { people: [DANA], channel: STAKEHOLDERS } },
    make: async (dir, hurried) => {
      const product = createAmpPair(dir, { ...(hurried ? AMP_HURRIED : AMP_SLOW_ENOUGH), owner: process.pid });
      // Those of a demo that was killed a moment ago may be ending still.
      await product.close();
      await product.comeUp();
      return { product, files: sshKeys(join(dir, 'keys')), leftAs: () => ampStates(product) };
    },
  },
];

/** The spare machine has no AtScale until it replaces another. */
function stageStates(cluster: AtscaleCluster): Readonly<Record<string, string>> {
  const left = Object.entries(others(cluster.state().hosts, 'running'));
  return Object.fromEntries(left.filter(([name, state]) => !STAGE.replacements.includes(name) || state !== 'absent'));
}

/** A pair fails over by itself: it is as it should be with one master, whoever that is, and standbys. */
function ampStates(pair: AmpPair): Readonly<Record<string, string>> {
  const states = Object.fromEntries(pair.hosts.map(({ name }) => [name, pair.state(name)]));
  const usual =
    Object.values(states).filter((state) => state === 'MASTER').length === 1 ? ['MASTER', 'STANDBY', 'HOT_STANDBY'] : ['STANDBY'];
  return Object.fromEntries(Object.entries(states).filter(([, state]) => !usual.includes(state)));
}

/** Made once and kept: the names under which procedures know them, and where they lie. */
function sshKeys(folder: string): Readonly<Record<string, string>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [own, open] = [join(folder, 'id_rsa'), join(folder, 'id_rsa.pub')];
  if (!existsSync(open)) {
    const made = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, comment: 'amp of the demo' });
    writeFileSync(own, made.private, { mode: 0o600 });
    writeFileSync(open, `${made.public}\n`);
  }
  return { id_rsa: own, 'id_rsa.pub': open };
}

/** Apart or a pair, a server is as it should be; services that are down or a copy that broke off are not. */
function alationStates(pair: AlationPair): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pair.hosts.map(({ name }) => {
      const { services, postgres, kvstore } = pair.state(name);
      const broken = [postgres, kvstore].find((copy) => copy === 'copying' || copy === 'interrupted' || copy === 'failed');
      return [name, services === 'running' && broken !== undefined ? `${broken} in the middle of a copy` : services];
    }),
  );
}

/** Dana of the sandbox workspace starts, the group of the approvers approves, the stakeholders' channel hears of it. */
const PEOPLE = { start: [DANA], approve: [APPROVERS], announce: [STAKEHOLDERS] };

export type DemoClusters = {
  /** The texts of the cluster files, by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly knownHosts: string;
  /** Files for KEYTURN_FILES: the name there, and where each lies. */
  readonly workerFiles: Readonly<Record<string, string>>;
  /** The hosts that were left other than in everyday operation, by name, each with what it is. */
  readonly leftAs: Readonly<Record<string, string>>;
  /** The process groups of the commands that run just now on any host. */
  readonly groups: () => readonly number[];
  close(): Promise<void>;
};

/** Starts every cluster, or none: what was started is closed again where a later one cannot be. */
export async function startDemoClusters(folder: string, hurried: boolean): Promise<DemoClusters> {
  const started: { readonly hosts: DemoHosts; readonly cluster: Cluster; readonly made: Made }[] = [];
  const close = async (): Promise<void> => {
    for (const { hosts } of started) await hosts.close();
  };
  try {
    for (const cluster of CLUSTERS) {
      const dir = join(folder, cluster.name);
      mkdirSync(dir, { recursive: true });
      const made = await cluster.make(dir, hurried);
      started.push({ cluster, made, hosts: await startDemoHosts(made.product) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    files: Object.fromEntries(started.map(({ cluster, hosts }) => [`${cluster.name}.yaml`, demoClusterFile(cluster, hosts)])),
    knownHosts: started.map(({ hosts }) => hosts.knownHosts).join(''),
    workerFiles: Object.assign({}, ...started.map(({ made }) => made.files ?? {})),
    leftAs: Object.assign({}, ...started.map(({ made }) => made.leftAs())),
    groups: () => started.flatMap(({ hosts }) => hosts.groups()),
    close,
  };
}

/** The text of the demo's cluster file for these hosts. */
export function demoClusterFile({ name, title, more }: Pick<ClusterFileOptions, 'name' | 'title' | 'more'>, hosts: DemoHosts): string {
  return clusterFile({ name, title, ...hosts, ...PEOPLE, ...(more === undefined ? {} : { more }) });
}

function others(states: Readonly<Record<string, string>>, usual: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(states).filter(([, state]) => state !== usual));
}
