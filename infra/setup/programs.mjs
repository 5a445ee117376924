/** Programs that Keyturn's demo and tests need from the system: found where they are, else brought by the package manager that is at hand. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { giveUp, say } from './say.mjs';

/** What each is called in the package managers; the first of `names` that is found counts. */
const PROGRAMS = {
  redis: { title: 'Redis', names: ['redis-server', 'valkey-server'], apt: 'redis-server', dnf: 'valkey', apk: 'redis', brew: 'redis' },
  sshd: { title: 'OpenSSH server', names: ['sshd'], apt: 'openssh-server', dnf: 'openssh-server', apk: 'openssh', brew: 'openssh' },
  chromium: {
    title: 'Chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    apt: 'chromium',
    dnf: 'chromium',
    apk: 'chromium',
    brew: 'chromium',
  },
};

/** Servers live in folders that are often missing from a person's PATH. */
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin', '/usr/local/bin'];

/** Where the program is, or undefined. */
export function find(names) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...ALSO]) {
    for (const name of names) {
      const path = join(folder, name);
      if (folder !== '' && isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes sure that the program is there and returns its path; ends the process with a sentence when it cannot be had. */
export function ensureProgram(which) {
  const program = PROGRAMS[which];
  const found = find(program.names);
  if (found !== undefined) {
    say(`${program.title}: found ${found}`);
    return found;
  }
  install(program);
  const brought = find(program.names);
  if (brought === undefined)
    giveUp(`${program.title} is missing and could not be installed.`, `install the package "${program.apt}" by hand, then run this again.`);
  say(`${program.title}: installed ${brought}`);
  return brought;
}

function install(program) {
  const root = asRoot();
  if (find(['apt-get']) && root) return installWithApt(program, root);
  if (find(['dnf']) && root) return run(program, [...root, 'dnf', 'install', '-y', program.dnf]);
  if (find(['apk']) && root) return run(program, [...root, 'apk', 'add', program.apk]);
  if (find(['brew'])) return run(program, ['brew', 'install', program.brew]);
  say(`${program.title}: not found, and no package manager can be used from here`);
}

/** The words before a command that make it root's; undefined where that takes a password. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

/**
 * Debian starts a server when it is installed. Nothing may be left running, so that is forbidden meanwhile, where no such rule stands yet.
 * One shell does it all, so that the rule goes away with it, also when Ctrl-C ends the installation.
 */
const APT = `policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"`;

function installWithApt(program, root) {
  run(program, [...root, 'sh', '-c', APT, 'sh', program.apt], `apt-get install ${program.apt}`);
}

function run(program, [command, ...args], words = [command, ...args].join(' ')) {
  say(`${program.title}: ${words} (this may take a minute)`);
  const ended = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (ended.status !== 0) say(`${program.title}: the package manager says: ${lastLine(ended.stderr ?? '')}`);
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) || 'nothing';
}
