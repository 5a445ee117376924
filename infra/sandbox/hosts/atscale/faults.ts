/** What can go wrong on a sandbox host, as files that the stand-ins look for at every invocation. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Fault = {
  /** The file's name, as the stand-ins say it. */
  readonly file: string;
  /** What the file holds unless the caller says otherwise. */
  readonly value: string;
  /** A fault of the member table holds for the cluster, every other one for the hosts it is set on. */
  readonly of: 'cluster' | 'host';
};

const FAULTS = {
  /** Both engines say Leader. */
  'two-leaders': { file: 'two-leaders', value: '', of: 'cluster' },
  'no-leader': { file: 'no-leader', value: '', of: 'cluster' },
  /** The replica bears a name that no inventory knows; the value is that name. */
  'unknown-member': { file: 'unknown-member', value: 'stranger.elsewhere.example', of: 'cluster' },
  'member-starting': { file: 'member-state', value: 'starting', of: 'host' },
  'member-stopped': { file: 'member-state', value: 'stopped', of: 'host' },
  /** The last service of the host never gets to RUNNING. */
  'service-fatal': { file: 'service-fatal', value: '', of: 'host' },
  'service-backoff': { file: 'service-backoff', value: '', of: 'host' },
  /** atscale_service_control answers with a connection error. */
  'supervisor-down': { file: 'supervisor-down', value: '', of: 'host' },
  /** Exit 1 after the first service. */
  'stop-fails': { file: 'stop-fails', value: '', of: 'host' },
  'start-fails': { file: 'start-fails', value: '', of: 'host' },
  /** Never ends after the first service; SIGTERM ends it. */
  'stop-hangs': { file: 'stop-hangs', value: '', of: 'host' },
  /** The same, and only SIGKILL ends it. */
  'stop-ignores-term': { file: 'stop-hangs', value: 'ignore-term', of: 'host' },
  /** postgres_nodes and patronictl reach no database. */
  'no-connection': { file: 'no-connection', value: '', of: 'host' },
  /** Terminal codes, mentions, code fences, bidirectional overrides and NUL come first. */
  'hostile-output': { file: 'hostile-output', value: '', of: 'host' },
  /** That many MB of output come first. */
  prints: { file: 'prints', value: '5', of: 'host' },
  /** That many milliseconds pass first. */
  takes: { file: 'takes', value: '1000', of: 'host' },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof FAULTS;

export type FaultOptions = {
  readonly value?: string | number;
  /** Only this program has it, such as `atscale_stop`. */
  readonly program?: string;
};

/** Sets a fault on one of these hosts, or on all of them where none is named. */
export function setFault(folder: string, kind: FaultKind, hosts: readonly string[], options: FaultOptions = {}): void {
  const fault: Fault = FAULTS[kind];
  const file = options.program === undefined ? fault.file : `${fault.file}.${options.program}`;
  for (const place of fault.of === 'cluster' ? ['cluster'] : hosts) {
    mkdirSync(join(folder, 'faults', place), { recursive: true });
    writeFileSync(join(folder, 'faults', place, file), `${options.value ?? fault.value}\n`);
  }
}

export function clearFaults(folder: string): void {
  rmSync(join(folder, 'faults'), { recursive: true, force: true });
}
