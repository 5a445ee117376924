/** The hosts of a sandbox pair: their names, their paths, and what their programs are told. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxHost } from '../product.ts';
import { LAUNCHER_CFG, layOutHome, type Shared } from './layout.ts';

export type AmpOptions = {
  /** How many (amp-01, amp-02, …) or their names. Default 2. */
  readonly hosts?: number | readonly string[];
  /** Between two heartbeats of a server. Default 1000. */
  readonly heartbeatMs?: number;
  /** A server that is silent for longer counts as gone. Default 30000. */
  readonly timeoutMs?: number;
  /** From the launch until the server is MASTER or STANDBY; for the first half of it nothing listens. Default 200. */
  readonly startMs?: number;
  /** What the others say of a server that went without a word. Apache Brooklyn's source has FAILED. Default TERMINATED. */
  readonly timedOut?: 'TERMINATED' | 'FAILED';
  /** The process without which no server runs: they end, gracefully, within a second of its end. Without it they live until `close`. */
  readonly owner?: number;
  /** What a request or a start meets that the documents warn of: a refusal, or it is done all the same. Default `refuse`. */
  readonly onViolation?: 'refuse' | 'obey';
};

/** One host with its own paths. */
export type Place = { readonly host: SandboxHost; readonly name: string; readonly launchDir: string; readonly ampHome: string };

/** What is the same for all hosts. */
export type Ground = {
  readonly root: string;
  readonly shared: Shared;
  readonly user: string;
  readonly password: string;
  readonly options: AmpOptions;
};

const DOMAIN = 'amp-prod.example';
/** Names of folders beside the hosts' own. */
const TAKEN: readonly string[] = ['any', 'cluster', 'ssh'];

export function namesOf({ hosts = 2 }: AmpOptions): readonly string[] {
  const names = typeof hosts === 'number' ? numbered(hosts) : hosts;
  const wrong = names.find((name) => !/^[a-z0-9][a-z0-9-]*$/.test(name) || TAKEN.includes(name));
  if (wrong !== undefined) throw new Error(`A sandbox host cannot be called ${JSON.stringify(wrong)}.`);
  return names;
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `amp-${String(index + 1).padStart(2, '0')}`);
}

export function placeOf(root: string, name: string, port: number): Place {
  const launchDir = join(root, name, 'opt', 'amp');
  const ampHome = join(root, name, 'amp-home');
  const variables = {
    amp_url: `https://localhost:${port}`,
    amp_home: launchDir,
    amp_config: join(launchDir, LAUNCHER_CFG),
    amp_user_home: ampHome,
  };
  const host = { name, fqdn: `${name}.${DOMAIN}`, roles: ['server'], home: join(root, name, 'home'), variables };
  return { host, name, launchDir, ampHome };
}

export function layOutPlace(
  { host, name, launchDir, ampHome }: Place,
  port: number,
  { root, shared, user, password, options }: Ground,
): void {
  for (const folder of [host.home, ampHome]) mkdirSync(folder, { recursive: true });
  const conf = {
    SANDBOX: shared.folder,
    SANDBOX_DIR: root,
    HOST: name,
    NODE: process.execPath,
    AMP_HOME: launchDir,
    PERSISTENCE_DIR: shared.persistence,
    TLS_DIR: shared.tls,
    START_MS: String(options.startMs ?? 200),
    TIMED_OUT: options.timedOut ?? 'TERMINATED',
    ON_VIOLATION: options.onViolation ?? 'refuse',
    OWNER: options.owner === undefined ? '' : String(options.owner),
  };
  const brooklyn = {
    'brooklyn.webconsole.security.users': user,
    [`brooklyn.webconsole.security.user.${user}.password`]: password,
    'brooklyn.ha.pollPeriod': `${options.heartbeatMs ?? 1_000}ms`,
    'brooklyn.ha.heartbeatTimeout': `${options.timeoutMs ?? 30_000}ms`,
  };
  layOutHome(launchDir, conf, { port, brooklyn });
}
