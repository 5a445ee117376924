/** What can go wrong on the hosts of a sandbox Alation pair, as files that the stand-ins look for at every invocation. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** By kind: what the file holds unless the caller says otherwise. The kind is the file's name. */
const FAULTS = {
  /** rpm cannot read the header of the package; the value is the number of bytes that it names. */
  'rpm-header-bad': '1182544',
  /** The update breaks half-way, and says why in installer.log only. */
  'update-fails': '',
  /** cluster_replicate_postgres breaks half-way. */
  'postgres-replication-fails': '',
  /** This action (`program`) or any ends with an error before it did anything. */
  'action-fails': '',
  /** The monitor of the primary says "unknown" although replication runs. */
  'lag-unknown': '',
  /** The monitor says a larger lag at each reading; the value is by how many bytes. */
  'lag-grows': '1048576',
  /** Nobody reaches that port of the host; the value is the port. */
  'port-closed': '5432',
  /** cluster_replicate_files ends with errors of rsync. */
  'rsync-error': '',
  /** The host says that it runs another release; the value is the release. */
  'different-version': '2020.3.7.1200',
  /** The data partition has another size; the value is that size in KB. */
  'different-sizes': '52428800',
  /** replication_helper asks one question more; the value is the question. */
  'helper-asks-more': 'Replace the existing known hosts entry? (yes/no)',
  /** What takes long (an action, `update` or `reindex` as `program`, or all) takes that many whole seconds. */
  slow: '5',
  /** Terminal codes, mentions, code fences, bidirectional overrides and NUL come first. */
  'hostile-output': '',
  /** That many MB of output come first. */
  prints: '5',
  /** That many milliseconds pass first. */
  takes: '1000',
} as const satisfies Record<string, string>;

export type AlationFault = keyof typeof FAULTS;

export type AlationFaultOptions = {
  readonly value?: string | number;
  /** Only this program or action has it, such as `rpm` or `cluster_kvstore_copy`. */
  readonly program?: string;
};

/** Sets a fault on each of these hosts; it holds from the next invocation on, until `clearFaults`. */
export function setFault(shared: string, kind: AlationFault, hosts: readonly string[], options: AlationFaultOptions = {}): void {
  const file = options.program === undefined ? kind : `${kind}.${options.program}`;
  for (const host of hosts) {
    mkdirSync(join(shared, 'faults', host), { recursive: true });
    writeFileSync(join(shared, 'faults', host, file), `${options.value ?? FAULTS[kind]}\n`);
  }
}

export function clearFaults(shared: string): void {
  rmSync(join(shared, 'faults'), { recursive: true, force: true });
}
