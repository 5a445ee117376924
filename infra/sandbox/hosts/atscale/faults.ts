/** What can go wrong with AtScale's stand-ins. */
import { COMMON_FAULTS, type Fault, type FaultOptions, placeFault } from '../faults.ts';

const FAULTS = {
  ...COMMON_FAULTS,
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
  /** `configurator.sh --activate` fails after its confirmation, and the host is broken. */
  'activation-fails': { file: 'activation-fails', value: '', of: 'host' },
  /** `configurator.sh --apply` fails after its confirmation; it can be tried again. */
  'apply-fails': { file: 'apply-fails', value: '', of: 'host' },
  /** The configurator asks whether to overwrite the certificate, which no document says. */
  'asks-more': { file: 'asks-more', value: '', of: 'host' },
  /** The configurator waits for its answers without having asked. */
  'silent-prompt': { file: 'silent-prompt', value: '', of: 'host' },
  /** postgres_nodes and patronictl reach no database. */
  'no-connection': { file: 'no-connection', value: '', of: 'host' },
} as const satisfies Record<string, Fault>;

export type FaultKind = keyof typeof FAULTS;

/** Sets a fault on these hosts; one of the member table is the whole cluster's. */
export function setFault(shared: string, kind: FaultKind, hosts: readonly string[], options: FaultOptions = {}): void {
  placeFault(shared, FAULTS[kind], hosts, options);
}
