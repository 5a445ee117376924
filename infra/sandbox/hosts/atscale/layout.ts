/** Where things lie on the disk: one product home per host, what the cluster shares, and one product home that is valid on every host. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  postgres_nodes: 'current/bin/database',
  patronictl: 'current/bin/database',
  atscale_stop: 'bin',
  atscale_start: 'bin',
  atscale_service_control: 'bin',
} as const;
const LIBRARIES = ['members.sh', 'order.sh'] as const;

/** What the stand-ins of one host read at every start, by name. */
export type HostConf = Readonly<Record<string, string>>;

/** Lays the stand-ins and their configuration into a product home; what is there already is replaced file by file. */
export function layOutProduct(home: string, conf: HostConf): void {
  for (const [program, folder] of Object.entries(PROGRAMS)) copyProgram(program, join(home, folder, program));
  for (const library of LIBRARIES) copyProgram(library, join(home, 'lib', library));
  copyProgram('../../programs/sandbox.sh', join(home, 'lib', 'sandbox.sh'));
  const lines = Object.entries(conf).map(([name, value]) => `${name}=${quoted(value)}\n`);
  put(join(home, 'conf', 'sandbox.conf'), lines.join(''));
}

/**
 * Lays out the product home that a cluster file can name for every host: each program in it finds the host by HOME and goes on as
 * that host's own program, so one path means another machine's files wherever it is run, as /opt/atscale does.
 */
export function layOutDispatcher(home: string): void {
  for (const [program, folder] of Object.entries(PROGRAMS)) {
    const path = join(home, folder, program);
    put(path, dispatcher(`${folder}/${program}`));
    chmodSync(path, 0o755);
  }
}

function dispatcher(program: string): string {
  return `#!/bin/sh
# Goes on as the program of the host whose login this is; a login has the HOME <host>/home.
own=$HOME/../opt/atscale/${program}
if [ ! -x "$own" ]; then
  echo "This is no login of a sandbox host: HOME is $HOME, and $own does not exist." >&2
  exit 127
fi
exec "$own" "$@"
`;
}

function copyProgram(name: string, to: string): void {
  put(to, readFileSync(join(programsFolder(), name), 'utf8'));
  chmodSync(to, 0o755);
}

/** Compiled code runs from dist/, where the stand-ins are not. */
function programsFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const places = [join(here, 'programs'), join(here, '../../../../../infra/sandbox/hosts/atscale/programs')];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`The stand-in programs are in none of ${places.join(', ')}.`);
  return found;
}

/** Writes by rename: a program that runs goes on reading the file that it began with. */
export function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Writes only where there is nothing yet: what happened before is kept. */
export function putOnce(path: string, text: string): void {
  if (!existsSync(path)) put(path, text);
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
