/** What the hosts are at the beginning: freshly installed and apart, or a pair that replicates. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { putOnce } from '../layout.ts';
import { type AlationHost, ARCHIVE_COMMAND } from './hosts.ts';
import { recall } from './state.ts';

export type Seed = {
  readonly version: string;
  readonly paired: boolean;
  readonly backupV1: boolean;
  readonly backupV2: boolean;
};

/** Whether release `version` is `floor` or later. Both are numbers with dots. */
export function atLeast(version: string, floor: string): boolean {
  const own = version.split('.').map(Number);
  const other = floor.split('.').map(Number);
  for (let at = 0; at < 4; at += 1) {
    const difference = (own[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Writes what is not there yet: a host that exists keeps its state. */
export function seedHosts(shared: string, hosts: readonly AlationHost[], seed: Seed): void {
  const folderOf = (name: string): string => join(shared, 'state', name);
  for (const host of hosts) {
    const folder = folderOf(host.name);
    const state = { version: seed.version, services: 'running', ...(seed.paired ? pairedState(host, seed.version) : {}) };
    for (const [key, value] of Object.entries(state)) putOnce(join(folder, key), `${value}\n`);
    for (const [name, value] of Object.entries(settings(host, seed))) putOnce(join(folder, 'conf', name), `${value}\n`);
    seedInstall(host.install, seed.version);
  }
  if (!seed.paired) return;
  for (const host of hosts) putOnce(join(folderOf(host.name), 'remote-key'), `${recall(folderOf(host.peer.name), 'key')}\n`);
}

function pairedState(host: AlationHost, version: string): Readonly<Record<string, string>> {
  const keys = { key: publicKey(host.name), 'override-set': 'yes' };
  if (host.role === 'primary') return keys;
  return { ...keys, postgres: 'replicating', kvstore: 'copied', ...(atLeast(version, '2021.4') ? { kafka: 'syncing' } : {}) };
}

function settings(host: AlationHost, { paired, backupV1, backupV2 }: Seed): Readonly<Record<string, string>> {
  const mode = host.role === 'primary' ? 'master' : 'slave';
  return {
    'alation.cluster.protected_instance': said(!paired || host.role === 'primary'),
    'alation.cluster.override_ip': paired ? host.ip : '',
    'alation.cluster.enable_override_ip': said(paired),
    'alation.cluster.hosts': paired ? host.peer.ip : '',
    'alation.cluster.replication_mode': paired ? mode : 'standalone',
    'alation.backup.enabled': said(backupV1),
    'alation.backup_v2.enabled': said(backupV2),
    'pgsql.config.archive_mode': said(backupV2),
    'pgsql.config.archive_command': backupV2 ? ARCHIVE_COMMAND : '',
  };
}

function said(yes: boolean): string {
  return yes ? 'True' : 'False';
}

/** A well-formed key of 2048 bits with no private half, as cluster_generate_keys makes it. */
function publicKey(host: string): string {
  const head = Buffer.from('\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\x01\x01\0\xc3', 'latin1');
  return `ssh-rsa ${Buffer.concat([head, randomBytes(255)]).toString('base64')} alation@${host}`;
}

/** The link says which release runs, or which one the host only says that it runs (fault different-version). */
export function linkRelease(shared: string, host: AlationHost): void {
  const version = recall(join(shared, 'faults', host.name), 'different-version') ?? recall(join(shared, 'state', host.name), 'version');
  const link = join(host.install, 'alation');
  rmSync(link, { force: true });
  symlinkSync(`alation-${version}`, link);
}

/** One folder a release, and a link to the one that runs. */
function seedInstall(install: string, version: string): void {
  if (existsSync(install)) return;
  mkdirSync(join(install, `alation-${version}`), { recursive: true });
  symlinkSync(`alation-${version}`, join(install, 'alation'));
}
