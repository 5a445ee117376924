/** Where AtScale's stand-ins lie: a product home per host, what the cluster shares, and one product home that is valid on every host. */
import { join } from 'node:path';
import { putDispatcher, putProgram, sourceFolder } from '../layout.ts';

const PROGRAMS = {
  postgres_nodes: 'current/bin/database',
  patronictl: 'current/bin/database',
  atscale_stop: 'bin',
  atscale_start: 'bin',
  atscale_service_control: 'bin',
} as const;
const LIBRARIES = ['phases.sh', 'members.sh', 'order.sh'] as const;

export function layOutLibraries(shared: string): void {
  for (const library of LIBRARIES) putProgram(join(programs(), library), join(shared, 'lib', library));
}

/** Lays the stand-ins into a product home; what is there already is replaced file by file. */
export function layOutProduct(home: string): void {
  for (const [program, folder] of Object.entries(PROGRAMS)) putProgram(join(programs(), program), join(home, folder, program));
}

/** Lays out the product home that a cluster file can name for every host. */
export function layOutAnyHome(home: string): void {
  for (const [program, folder] of Object.entries(PROGRAMS)) putDispatcher(join(home, folder, program), `opt/atscale/${folder}/${program}`);
}

function programs(): string {
  return sourceFolder(import.meta.url, 'programs');
}
