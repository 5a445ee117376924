/** The state of every host, read from the files that the stand-ins write (`host_state` in sandbox.sh says the same in shell). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `halfway`: a stop or a start that died before it was through. */
export type HostState = 'running' | 'starting' | 'stopping' | 'stopped' | 'halfway';

export type ClusterState = {
  readonly leader: string;
  readonly timeline: number;
  /** By host name. */
  readonly hosts: Readonly<Record<string, HostState>>;
};

export function readState(folder: string, names: readonly string[]): ClusterState {
  const hosts = Object.fromEntries(names.map((name) => [name, stateOf(readWords(join(folder, 'state', name, 'phase')))]));
  return { ...readLeader(folder), hosts };
}

export function readLeader(folder: string): { readonly leader: string; readonly timeline: number } {
  const [leader = '', timeline = '0'] = readWords(join(folder, 'state', 'leader'));
  return { leader, timeline: Number(timeline) };
}

function stateOf([phase, first, second]: readonly string[]): HostState {
  switch (phase) {
    case 'stopped':
      return 'stopped';
    case 'stopping':
    case 'starting':
      return alive(Number(second)) ? phase : 'halfway';
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
