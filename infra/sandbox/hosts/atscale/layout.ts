/** Where AtScale's stand-ins lie: a product home per host, what the cluster shares, and one product home that is valid on every host. */
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { putDispatcher, putOnce, putProgram, sourceFolder } from '../layout.ts';

/** In the folder `bin` of a version, which `current/bin` and `bin` of the product home lead to. */
const PROGRAMS = ['configurator.sh', 'atscale_stop', 'atscale_start', 'atscale_service_control'] as const;
const DATABASE_PROGRAMS = ['postgres_nodes', 'patronictl'] as const;
const SYSTEM_PROGRAMS = ['rpm', 'dpkg'] as const;
const LIBRARIES = ['phases.sh', 'members.sh', 'order.sh', 'membership.sh', 'package.sh'] as const;

/** What all hosts share: the libraries, what a package holds, the programs of the system, and the product home for every host. */
export function layOutShared(shared: string, anyHome: string, bin: string, version: string): void {
  for (const library of LIBRARIES) putProgram(join(programs(), library), join(shared, 'lib', library));
  for (const program of SYSTEM_PROGRAMS) putProgram(join(programs(), program), join(bin, program));
  layOutVersion(join(shared, 'package'));
  const paths = [
    `versions/${version}/bin/configurator.sh`,
    ...PROGRAMS.filter((program) => program !== 'configurator.sh').map((program) => `bin/${program}`),
    ...DATABASE_PROGRAMS.map((program) => `current/bin/database/${program}`),
  ];
  for (const path of paths) putDispatcher(join(anyHome, path), `opt/atscale/${path}`);
}

/** A product home as a finished activation leaves it, with its settings. */
export function layOutProduct(home: string, version: string, atscaleYaml: string): void {
  layOutVersion(join(home, 'versions', version));
  link(`versions/${version}`, join(home, 'current'));
  link('current/bin', join(home, 'bin'));
  const settings = join(home, 'conf', 'atscale.yaml');
  putOnce(settings, atscaleYaml);
  chmodSync(settings, 0o640);
}

/** Brings the stand-ins of every version that is installed there up to date. */
export function refreshProduct(home: string): void {
  const versions = join(home, 'versions');
  if (!existsSync(versions)) return;
  for (const version of readdirSync(versions)) layOutVersion(join(versions, version));
}

function layOutVersion(folder: string): void {
  for (const program of PROGRAMS) putProgram(join(programs(), program), join(folder, 'bin', program));
  for (const program of DATABASE_PROGRAMS) putProgram(join(programs(), program), join(folder, 'bin', 'database', program));
}

function link(target: string, path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  if (!existsSync(path)) symlinkSync(target, path);
}

function programs(): string {
  return sourceFolder(import.meta.url, 'programs');
}
