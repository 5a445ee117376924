/** What can go wrong with a sandbox AMP server, as files that the stand-ins look for whenever it matters. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shared } from './layout.ts';

type Fault = {
  /** What the file holds unless the caller says otherwise. */
  readonly value: string;
  /** The shared folder's fault holds for all, every other one for the hosts it is set on. */
  readonly of: 'cluster' | 'host';
};

const FAULTS = {
  /** bin/start ends with 0 and the server with 1 soon after; with the value `launch` bin/start itself ends with 1. */
  'start-fails': { value: '', of: 'host' },
  /** A standby whose turn it is stays what it is. */
  'never-promotes': { value: '', of: 'host' },
  /** From launch to MASTER or STANDBY, in milliseconds. */
  'slow-start': { value: '3000', of: 'host' },
  /** The server names another node as the master than the others do. */
  disagree: { value: '', of: 'host' },
  /** The shared folder is not mounted on that host. */
  'not-mounted': { value: '', of: 'host' },
  /** The shared folder takes no writes. */
  'read-only': { value: '', of: 'cluster' },
  /** The right password is refused. */
  'wrong-password': { value: '', of: 'host' },
  /** Every answer comes that many milliseconds late. */
  slow: { value: '2000', of: 'host' },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof FAULTS;

export type FaultOptions = { readonly value?: string | number };

/** Sets a fault on these hosts; `read-only` is the shared folder's, whichever host is named. */
export function setFault({ folder, persistence }: Shared, kind: FaultKind, hosts: readonly string[], options: FaultOptions = {}): void {
  const fault: Fault = FAULTS[kind];
  for (const place of fault.of === 'cluster' ? ['cluster'] : hosts) {
    mkdirSync(join(folder, 'faults', place), { recursive: true });
    writeFileSync(join(folder, 'faults', place, kind), `${options.value ?? fault.value}\n`);
  }
  if (kind === 'read-only') chmodSync(persistence, 0o555);
}

export function clearFaults({ folder, persistence }: Shared): void {
  rmSync(join(folder, 'faults'), { recursive: true, force: true });
  chmodSync(persistence, 0o755);
}
