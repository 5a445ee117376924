/** Where an AMP server's files lie on each host, the stand-ins for system programs, and what the servers share. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { put, putOnce } from '../layout.ts';

/** What the programs of one host read at every start, by name. */
export type HostConf = Readonly<Record<string, string>>;

/** Folders and files that all servers of one sandbox share. */
export type Shared = {
  /** The log, the faults, what each server says of itself. */
  readonly folder: string;
  /** Stands for the NFS folder that is mounted on every host. */
  readonly persistence: string;
  readonly tls: string;
};

export const sharedOf = (dir: string): Shared => ({
  folder: join(dir, 'cluster'),
  persistence: join(dir, 'cluster', 'brooklyn-persistence'),
  tls: join(dir, 'cluster', 'tls'),
});

export const LAUNCHER_CFG = join('etc', 'org.apache.brooklyn.osgilauncher.cfg');
const STARTERS = ['start', 'stop', 'status'] as const;

/** The launch directory of one host: programs, libraries, configuration. What is there is replaced, save for what a procedure may have edited. */
export function layOutHome(home: string, conf: HostConf, files: { readonly port: number; readonly brooklyn: HostConf }): void {
  put(
    join(home, 'conf', 'sandbox.conf'),
    linesOf(conf, (name, value) => `${name}=${quoted(value)}`),
  );
  copyAll('home/bin', join(home, 'bin'), 0o755);
  copyAll('home/lib', join(home, 'lib'), 0o644);
  put(join(home, 'lib', 'sandbox.sh'), readFileSync(join(programs(), '..', '..', 'programs', 'sandbox.sh'), 'utf8'));
  put(join(home, 'etc', 'org.ops4j.pax.web.cfg'), `org.osgi.service.http.port.secure = ${files.port}\n`);
  put(
    join(home, 'etc', 'brooklyn.cfg'),
    linesOf(files.brooklyn, (key, value) => `${key} = ${value}`),
  );
  chmodSync(join(home, 'etc', 'brooklyn.cfg'), 0o600);
  putOnce(join(home, LAUNCHER_CFG), LAUNCHER_TEXT);
}

/** As it is delivered: every option of high availability commented out, and a folder of the host's own for the state. */
const LAUNCHER_TEXT = `# Settings of the AMP launcher.

# DISABLED, AUTO, MASTER, STANDBY, HOT_STANDBY or HOT_BACKUP
#highAvailabilityMode=AUTO

# AUTO, DISABLED, REBIND or CLEAN
#persistMode=AUTO

# Where the state is kept
persistenceDir=data/brooklyn-persisted-state

#persistPeriod=1s
`;

/** The launch directory that is valid on every host: its programs find the host by HOME and go on as that host's own. */
export function layOutDispatchers(home: string): void {
  for (const program of STARTERS) {
    const path = join(home, 'bin', program);
    put(path, dispatcher(program));
    chmodSync(path, 0o755);
  }
}

function dispatcher(program: string): string {
  return `#!/bin/sh
# Goes on as the program of the host whose login this is; a login has the HOME <host>/home.
own=$HOME/../opt/amp/bin/${program}
if [ ! -x "$own" ]; then
  echo "This is no login of a sandbox host: HOME is $HOME, and $own does not exist." >&2
  exit 127
fi
exec "$own" "$@"
`;
}

/** The stand-ins for system programs in `<to>/bin`, which belongs at the front of PATH. */
export function layOutTools(to: string): void {
  copyAll('tools', join(to, 'bin'), 0o755);
  put(join(to, 'lib', 'host.sh'), readFileSync(join(programs(), 'tools', 'host.sh'), 'utf8'));
}

/** The folders that the programs write into and never make themselves. */
export function layOutShared({ folder, persistence }: Shared, hosts: readonly { readonly name: string; readonly ampHome: string }[]): void {
  for (const path of [persistence, join(folder, 'state'), join(folder, 'owners')]) mkdirSync(path, { recursive: true });
  put(join(folder, 'hosts'), hosts.map(({ name, ampHome }) => `${name}\t${ampHome}\n`).join(''));
  putOnce(join(folder, 'executed.log'), '');
}

function copyAll(from: string, to: string, mode: number): void {
  for (const name of readdirSync(join(programs(), from))) {
    put(join(to, name), readFileSync(join(programs(), from, name), 'utf8'));
    chmodSync(join(to, name), mode);
  }
}

/** Compiled code runs from dist/, where the stand-ins are not. */
function programs(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const places = [join(here, 'programs'), join(here, '../../../../../infra/sandbox/hosts/amp/programs')];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`The stand-in programs are in none of ${places.join(', ')}.`);
  return found;
}

function linesOf(conf: HostConf, line: (name: string, value: string) => string): string {
  return Object.entries(conf)
    .map(([name, value]) => `${line(name, value)}\n`)
    .join('');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
