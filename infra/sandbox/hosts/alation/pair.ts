/**
 * A sandbox Alation HA pair: two folders that stand for machines, with stand-ins for the vendor's programs in them.
 *
 * Owns the layout, the state that the programs share, the faults, the log and the monitor's page. Leaves to others how one logs in to a
 * host; all it asks of them is that HOME is the host's own and that the login has `env`.
 *
 * Invariants
 *   A1  creating a pair on a folder that has one keeps its state, its log, its faults and the port of its monitor.
 *   A2  no program runs in the background: a host is what its files say, also after this process died.
 *   A3  a program that takes long ends soon after `close`, and leaves the state of something interrupted.
 */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { put, putOnce } from '../layout.ts';
import { readLog, waitForLog } from '../log.ts';
import type { SandboxProduct } from '../product.ts';
import { type AlationFault, type AlationFaultOptions, clearFaults, setFault } from './faults.ts';
import { type AlationHost, type HostOptions, hostsIn, layOut, PRIMARY, SECONDARY } from './hosts.ts';
import { layOutShared } from './layout.ts';
import { startMonitor } from './monitor.ts';
import { atLeast, linkRelease, seedHosts } from './seed.ts';
import { type AlationHostState, readState, recall } from './state.ts';

export type AlationOptions = HostOptions & {
  /** Of both hosts, with three or four numbers. Default 2021.4.1.3456. */
  readonly version?: string;
  /** Whether Backup V2 is on. Default: from release 2021.2 on. */
  readonly backupV2?: boolean;
  /** Whether Backup V1 is on. Default: where V2 is not. */
  readonly backupV1?: boolean;
  /** Already an HA pair that replicates. Default false: installed and apart. */
  readonly paired?: boolean;
};

export type AlationPair = SandboxProduct & {
  /** The primary, then the secondary. */
  readonly hosts: readonly [AlationHost, AlationHost];
  /** Paths, valid on both hosts, of what stands for a person's work. */
  readonly people: { readonly reindex: string; readonly rotateKeys: string };
  state(host: string): AlationHostState;
  /** On one host, or on both where none is named; it holds from the next invocation on. */
  fault(kind: AlationFault, host?: string, options?: AlationFaultOptions): void;
  clearFaults(): void;
  /** As if the pre-upgrade reindexing script had run on the primary; its services stay as they are. */
  markReindexed(): void;
  /** As if the keys had been rotated on the primary. */
  markKeysRotated(): void;
};

/** Lays out a pair under this folder, or takes up the one that is there (A1), and starts the monitor's page. */
export async function createAlationPair(dir: string, options: AlationOptions = {}): Promise<AlationPair> {
  const hosts = hostsIn(dir);
  const [primary] = hosts;
  const shared = join(dir, 'cluster');
  layOutPair(dir, hosts, options);
  const monitor = await startMonitor({
    port: Number(recall(shared, 'monitor-port') ?? 0),
    shared,
    primary: primary.name,
    names: new Map(hosts.map(({ ip, name }) => [ip, name])),
    onReading: (text) => note(shared, primary.name, text),
  });
  put(join(shared, 'monitor-port'), `${monitor.port}\n`);
  const any = join(dir, 'any');
  const names = hosts.map(({ name }) => name);
  const known = (host: string): string => knownIn(names, host);
  const relink = (): void => hosts.forEach((host) => void linkRelease(shared, host));
  const mark = (key: string): void => put(join(shared, 'state', primary.name, key), 'yes\n');
  return {
    dir,
    product: 'alation',
    hosts,
    variables: {
      alation_init: join(any, 'etc', 'init.d', 'alation'),
      data_dir: join(any, 'data'),
      alation_url: `http://127.0.0.1:${monitor.port}`,
      primary_ip: PRIMARY.ip,
      secondary_ip: SECONDARY.ip,
      lag_pause: '0',
    },
    secrets: {},
    env: { PATH: `${join(any, 'bin')}:/usr/bin:/bin` },
    people: { reindex: join(any, 'people', 'pre_upgrade_reindex'), rotateKeys: join(any, 'people', 'rotate_keys') },
    log: () => readLog(shared),
    violations: () => readLog(shared).filter((entry) => entry.event === 'violation'),
    waitForLog: (predicate, { timeoutMs = 10_000 } = {}) => waitForLog(shared, predicate, { timeoutMs }),
    state: (host) => readState(shared, known(host)),
    fault: (kind, host, faultOptions) => {
      setFault(shared, kind, host === undefined ? names : [known(host)], faultOptions);
      if (kind === 'different-version') relink();
    },
    clearFaults: () => {
      clearFaults(shared);
      relink();
    },
    markReindexed: () => mark('reindexed'),
    markKeysRotated: () => mark('keys-rotated'),
    close: async () => {
      rmSync(join(shared, 'open'), { force: true });
      await monitor.close();
    },
  };
}

function layOutPair(dir: string, hosts: readonly AlationHost[], options: AlationOptions): void {
  const { version = '2021.4.1.3456', paired = false } = options;
  if (!/^\d+(\.\d+){2,3}$/.test(version)) throw new Error(`A release has three or four numbers, and ${JSON.stringify(version)} has not.`);
  const { backupV2 = atLeast(version, '2021.2') } = options;
  const { backupV1 = !backupV2 } = options;
  const shared = join(dir, 'cluster');
  putOnce(join(shared, 'executed.log'), '');
  put(join(shared, 'open'), '');
  seedHosts(shared, hosts, { version, paired, backupV1, backupV2 });
  layOutShared(join(dir, 'any'));
  for (const host of hosts) layOut(dir, host, options);
}

function knownIn(names: readonly string[], host: string): string {
  if (!names.includes(host)) throw new Error(`There is no sandbox host ${JSON.stringify(host)}; there are ${names.join(', ')}.`);
  return host;
}

function note(shared: string, host: string, text: string): void {
  const words = [new Date().toISOString(), host, 'monitor', '', process.pid, 'note', '-', text];
  appendFileSync(join(shared, 'executed.log'), `${words.join('\t')}\n`);
}
