/** The state of every host, read from the files that the stand-ins write (`host_state` in sandbox.sh says the same in shell). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `absent`: no AtScale is there. `installed`: it is, and was never activated. `broken`: an activation failed or died. `halfway`: a stop or a start
 * that died before it was through.
 */
export type HostState =
  | 'absent'
  | 'installed'
  | 'broken'
  | 'activating'
  | 'applying'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'halfway';

/** What a host is to the cluster: a member in its role, a machine that can take the place of one, or one whose place was taken. */
export type HostRole = 'coordinator' | 'engine' | 'query_engine' | 'replacement' | 'replaced';

export type ClusterState = {
  readonly leader: string;
  readonly timeline: number;
  /** By host name. */
  readonly roles: Readonly<Record<string, HostRole>>;
  /** By host name. */
  readonly hosts: Readonly<Record<string, HostState>>;
};

export function readState(folder: string, names: readonly string[]): ClusterState {
  const hosts = Object.fromEntries(names.map((name) => [name, stateOfHost(folder, name)]));
  const roles = Object.fromEntries(readRoles(folder).map(({ name, role }) => [name, role]));
  return { ...readLeader(folder), roles, hosts };
}

export function readLeader(folder: string): { readonly leader: string; readonly timeline: number } {
  const [leader = '', timeline = '0'] = readWords(join(folder, 'state', 'leader'));
  return { leader, timeline: Number(timeline) };
}

export function stateOfHost(folder: string, name: string): HostState {
  return stateOf(readWords(join(folder, 'state', name, 'phase')));
}

export type RoleLine = { readonly name: string; readonly role: HostRole; readonly fqdn: string };

/** The lines of `hosts`, which say who is a member. */
export function readRoles(folder: string): RoleLine[] {
  const lines = readFileSync(join(folder, 'hosts'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [name = '', role = '', fqdn = ''] = line.split(' ');
    return { name, role: roleOf(role, line), fqdn };
  });
}

function roleOf(word: string, line: string): HostRole {
  switch (word) {
    case 'coordinator':
    case 'engine':
    case 'query_engine':
    case 'replacement':
    case 'replaced':
      return word;
    default:
      throw new Error(`hosts has a line that nobody writes: ${JSON.stringify(line)}`);
  }
}

function stateOf([phase, first, second]: readonly string[]): HostState {
  switch (phase) {
    case 'absent':
    case 'installed':
    case 'broken':
    case 'stopped':
      return phase;
    case 'stopping':
    case 'starting':
      return alive(Number(second)) ? phase : 'halfway';
    case 'activating':
      return alive(Number(second)) ? phase : 'broken';
    case 'applying':
      return alive(Number(second)) ? phase : 'stopped';
    case 'up':
      return Date.now() < Number(second) ? 'starting' : 'running';
    default:
      throw new Error(`A sandbox host is in a phase that no stand-in writes: ${phase} ${first}`);
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readWords(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split(/\s+/);
}
