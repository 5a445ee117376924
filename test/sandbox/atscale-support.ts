/** An AtScale cluster with machines that can replace others, and the parts of a replacement that are done by hand. */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AtscaleCluster, type AtscaleOptions, createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { makePackage } from '../../infra/sandbox/hosts/atscale/package.ts';
import { runOnHost } from '../support/on-host.ts';
import type { Ssh } from '../support/ssh-command.ts';

export const VERSION = '2024.1.2.4207';
export const QUICK = { stop: 0.02, start: 0.02, configure: 0.02, services: 0 } as const;

export type Replacing = {
  readonly cluster: AtscaleCluster;
  readonly run: (host: string, command: string, input?: string) => Promise<Ssh>;
  /** `configurator.sh` of that host, answered with these words; `y` unless told. */
  readonly configure: (host: string, mode: '--activate' | '--apply', input?: string) => Promise<Ssh>;
  /** Installs the package there. */
  readonly install: (host: string) => Promise<void>;
  /** Stops these hosts in this order. */
  readonly stop: (...hosts: readonly string[]) => Promise<void>;
  /** Changes atscale.yaml on one host: every occurrence of a host's name by another's. */
  readonly edit: (on: string, from: string, to: string) => void;
  readonly copyYaml: (from: string, ...to: readonly string[]) => void;
  readonly yamlOf: (host: string) => string;
  readonly states: () => Readonly<Record<string, string>>;
  readonly objections: () => readonly string[];
};

/** Without query engines; engine-01 leads, engine-03 and coord-02 are new machines. Deleted by `release`. */
export function startReplacing(options: AtscaleOptions = {}): Replacing & { release(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'keyturn-replacing-'));
  const cluster = createAtscaleCluster(dir, { queryEngines: 0, replacements: ['engine-03', 'coord-02'], seconds: QUICK, ...options });
  return { ...handOf(cluster), release: () => rmSync(dir, { recursive: true, force: true }) };
}

/** The same for a cluster that there is. */
export function handOf(cluster: AtscaleCluster): Replacing {
  const yamlOf = (host: string): string => join(cluster.dir, host, 'opt', 'atscale', 'conf', 'atscale.yaml');
  const run = (host: string, command: string, input = ''): Promise<Ssh> => runOnHost(cluster, host, command, input);
  const states = () => cluster.state().hosts;
  return {
    cluster,
    run,
    yamlOf,
    states,
    configure: (host, mode, input = 'y\n') => run(host, `${cluster.productHome}/versions/${VERSION}/bin/configurator.sh ${mode}`, input),
    install: async (host) => {
      const path = join(cluster.dir, host, 'home', 'atscale.rpm');
      makePackage(path, { version: VERSION, type: 'rpm' });
      expect(await run(host, `sudo -E rpm -i ${path}`)).toEqual({ code: 0, stdout: '', stderr: '' });
    },
    stop: async (...hosts) => {
      for (const host of hosts) expect(await run(host, `${cluster.productHome}/bin/atscale_stop`)).toMatchObject({ code: 0, stderr: '' });
    },
    edit: (on, from, to) => {
      const text = readFileSync(yamlOf(on), 'utf8');
      expect(text).toContain(from);
      writeFileSync(yamlOf(on), text.replaceAll(from, to));
    },
    copyYaml: (from, ...to) => {
      for (const host of to) {
        copyFileSync(yamlOf(from), yamlOf(host));
        chmodSync(yamlOf(host), 0o640);
      }
    },
    objections: () => cluster.violations().map(({ verdict }) => verdict),
  };
}

/** Everything is stopped, engine-03 is installed, and every host has the file in which it stands in the place of engine-02. */
export async function readyForEngine03(hand: Replacing): Promise<void> {
  await hand.install('engine-03');
  await hand.stop('engine-02', 'engine-01', 'coord-01');
  hand.edit('engine-01', 'engine-02', 'engine-03');
  hand.copyYaml('engine-01', 'coord-01', 'engine-03');
}
