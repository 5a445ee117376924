/** Where things lie on the disk: what each host has of its own, and the paths that are valid on both. */
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quote } from '../../../../src/quote.ts';
import { put } from '../layout.ts';

/** Programs of the Alation shell; they lie where only that shell looks. */
const SHELL = ['alation_action', 'alation_conf', 'alation_version', 'replication_helper', 'replication_port_check'] as const;
/** Programs of the host, and where the path that is valid on both hosts lies. */
const HOST = {
  alation: 'etc/init.d',
  rpm: 'bin',
  df: 'bin',
  pre_upgrade_reindex: 'people',
  rotate_keys: 'people',
} as const;
const LIBRARIES = ['alation.sh', 'rules.sh', 'update.sh', 'cluster.sh'] as const;

/** Lays a host's programs and what they read at every start into `<folder>/sandbox`; what is there already is replaced file by file. */
export function layOutHost(folder: string, conf: Readonly<Record<string, string>>): void {
  const product = join(folder, 'sandbox');
  for (const name of Object.keys(HOST)) copyProgram(`alation/programs/${name}`, join(product, 'bin', name));
  for (const name of SHELL) copyProgram(`alation/programs/${name}`, join(product, 'shell', name));
  for (const name of LIBRARIES) copyProgram(`alation/programs/${name}`, join(product, 'lib', name));
  copyProgram('programs/sandbox.sh', join(product, 'lib', 'sandbox.sh'));
  const lines = Object.entries(conf).map(([name, value]) => `${name}=${quote(value)}\n`);
  put(join(product, 'conf', 'sandbox.conf'), lines.join(''));
}

/** Lays out the paths that are valid on both hosts: programs there go on as the program of the host that HOME names. */
export function layOutShared(any: string): void {
  for (const [name, folder] of Object.entries(HOST)) copyProgram('alation/programs/dispatch', join(any, folder, name));
  copyProgram('alation/programs/sudo', join(any, 'bin', 'sudo'));
  mkdirSync(join(any, 'data'), { recursive: true });
}

function copyProgram(name: string, to: string): void {
  put(to, readFileSync(join(hostsFolder(), name), 'utf8'));
  chmodSync(to, 0o755);
}

/** Compiled code runs from dist/, where the stand-ins are not. */
function hostsFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const places = [join(here, '..'), join(here, '../../../../../infra/sandbox/hosts')];
  const found = places.find((place) => existsSync(join(place, 'alation/programs')));
  if (found === undefined) throw new Error(`The stand-in programs are in none of ${places.join(', ')}.`);
  return found;
}
