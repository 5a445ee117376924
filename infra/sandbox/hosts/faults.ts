/** What can go wrong on a sandbox host, as files that the stand-ins look for at every invocation (`fault` in sandbox.sh). */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Fault = {
  /** The file's name, as the stand-ins say it. */
  readonly file: string;
  /** What the file holds unless the caller says otherwise. */
  readonly value: string;
  /** Where it holds: for all hosts together, or for those it is set on. */
  readonly of: 'cluster' | 'host';
};

/** Those that every product has, because `sandbox.sh` and `sudo` look for them. */
export const COMMON_FAULTS = {
  /** Terminal codes, mentions, code fences, bidirectional overrides and NUL come first. */
  'hostile-output': { file: 'hostile-output', value: '', of: 'host' },
  /** That many MB of output come first. */
  prints: { file: 'prints', value: '5', of: 'host' },
  /** That many milliseconds pass first. */
  takes: { file: 'takes', value: '1000', of: 'host' },
  /** sudo wants a password, and nobody is there to type it. */
  'sudo-refuses': { file: 'sudo-refuses', value: '', of: 'host' },
} as const satisfies Record<string, Fault>;

export type FaultOptions = {
  readonly value?: string | number;
  /** Only this program has it, such as `atscale_stop`. */
  readonly program?: string;
};

/** Sets a fault in this shared folder, on each of these hosts or for the cluster. It holds from the next invocation on. */
export function placeFault(shared: string, fault: Fault, hosts: readonly string[], options: FaultOptions = {}): void {
  const file = options.program === undefined ? fault.file : `${fault.file}.${options.program}`;
  for (const place of fault.of === 'cluster' ? ['cluster'] : hosts) {
    mkdirSync(join(shared, 'faults', place), { recursive: true });
    writeFileSync(join(shared, 'faults', place, file), `${options.value ?? fault.value}\n`);
  }
}

export function clearFaults(shared: string): void {
  rmSync(join(shared, 'faults'), { recursive: true, force: true });
}
