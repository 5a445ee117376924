/** A town whose AtScale cluster can lose a machine: each host has its own product folder and package folder, and the worker has a package. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AtscaleOptions, createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { DEFAULT_VERSION } from '../../infra/sandbox/hosts/atscale/options.ts';
import { makePackage } from '../../infra/sandbox/hosts/atscale/package.ts';
import { OPS, startTownOn, type ThreadView, type Town } from './town.ts';

export const RPM = `atscale-${DEFAULT_VERSION}.rpm`;
export const DEB = `atscale-${DEFAULT_VERSION}.deb`;

export function startReplaceTown(options: AtscaleOptions, bytes = 4096): Promise<Town> {
  return startTownOn('atscale-prod', (dir) => createAtscaleCluster(dir, { homes: 'own', queryEngines: 0, ...options }), {
    files: {
      [RPM]: (path) => makePackage(path, { version: DEFAULT_VERSION, type: 'rpm', bytes }),
      [DEB]: (path) => makePackage(path, { version: DEFAULT_VERSION, type: 'deb', bytes }),
    },
  });
}

/** Begins the replacement of `old`; by a host of its own name, or by `next`. */
export function replace(town: Town, old: string, next = '', file = RPM): Promise<ThreadView> {
  const by = next === '' ? '' : ` new=${next}`;
  return town.begin(`/ha replace-host atscale-prod old=${old}${by} package=${file} version=${DEFAULT_VERSION}`);
}

/** Every program that was begun on a host, in order: `engine-01 atscale_stop`. */
export function begun(town: Town, ...programs: readonly string[]): readonly string[] {
  return town.hosts.cluster
    .log()
    .filter(({ event, program }) => event === 'begin' && programs.includes(program))
    .map(({ host, program, args }) => [host, program, args].filter((word) => word !== '' && word !== '-').join(' '));
}

/** Presses Done on the card of that manual step, whichever others there are. */
export async function done(town: Town, thread: ThreadView, step: RegExp, person = 'dana'): Promise<void> {
  const card = await thread.see(step, 60_000);
  await town.slack.person(person).click({ channel: OPS, ts: card.ts, label: /^Done/ });
}

/** The configuration that a host has, and what was kept of earlier ones. */
export function configuration(town: Town, host: string): { readonly text: string; readonly kept: readonly string[] } {
  const folder = join(town.hosts.cluster.hosts.find(({ name }) => name === host)?.productHome ?? '', 'conf');
  const kept = readdirSync(folder).filter((name) => /^atscale\.yaml\.keyturn-\d{8}T\d{6}Z$/.test(name));
  return { text: readFileSync(join(folder, 'atscale.yaml'), 'utf8'), kept };
}
