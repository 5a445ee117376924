/** Laying the files of a sandbox product out on the disk. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Settings that stand-ins read by `. "$HOME/../sandbox.conf"`, by name. */
export type Settings = Readonly<Record<string, string>> & {
  /** What the hosts share: `lib/sandbox.sh`, executed.log, state, faults. */
  readonly SANDBOX: string;
  /** Which host this is. */
  readonly HOST: string;
};

/** Writes a host's settings to `<dir>/<host>/sandbox.conf`, beside its home, and makes the home. */
export function layOutMachine(dir: string, settings: Settings): void {
  mkdirSync(join(dir, settings.HOST, 'home'), { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}\n`);
  put(join(dir, settings.HOST, 'sandbox.conf'), lines.join(''));
}

/** Lays `sandbox.sh`, which all stand-ins source, into `<shared>/lib`, and the stand-ins for system programs that every product has into `bin`. */
export function layOutCommon(shared: string, bin: string): void {
  const programs = sourceFolder(import.meta.url, 'programs');
  putProgram(join(programs, 'sandbox.sh'), join(shared, 'lib', 'sandbox.sh'));
  putProgram(join(programs, 'dispatch'), join(shared, 'lib', 'dispatch'));
  putProgram(join(programs, 'sudo'), join(bin, 'sudo'));
  putOnce(join(shared, 'executed.log'), '');
}

/** What PATH is in a login, so that the stand-ins are found before what this machine has. */
export function pathWith(bin: string): string {
  return [bin, '/usr/local/bin', '/usr/bin', '/bin'].join(':');
}

/**
 * A program for a path that is to be valid on every host: it finds the host by HOME and goes on as that host's own program, so one path means
 * another machine's files wherever it is run, as /opt/… does on real machines. `own` is the program's path below `<dir>/<host>`.
 */
export function putDispatcher(path: string, own: string): void {
  const text = readFileSync(join(sourceFolder(import.meta.url, 'programs'), 'dispatch'), 'utf8');
  put(path, text.replace("own='@OWN@'", `own=${quoted(own)}`));
  chmodSync(path, 0o755);
}

/** Copies a program, replacing the one that is there. */
export function putProgram(from: string, to: string): void {
  put(to, readFileSync(from, 'utf8'));
  chmodSync(to, 0o755);
}

/** The folder `name` beside the source file of the module with this URL: compiled code runs from dist/, where the stand-ins are not. */
export function sourceFolder(moduleUrl: string, name: string): string {
  const here = join(dirname(fileURLToPath(moduleUrl)), name);
  const places = [here, here.replace(`${sep}dist${sep}infra${sep}`, `${sep}infra${sep}`)];
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
