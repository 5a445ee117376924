/**
 * A sandbox pair (or more) of Cloudsoft AMP servers: folders that stand for machines, with a real server process for each of them.
 *
 * Owns the layout of the folder, what the programs share, the faults and the end of every process. Leaves to others how one logs in to a
 * host; all it asks of them is that HOME is the host's own and that PATH begins with the first folder of `env.PATH`.
 *
 * Invariants
 *   M1  making a pair on a folder that has one keeps its configuration, its ports, its state, its log and its faults.
 *   M2  servers run on when this process dies, and end within a second when the folder is deleted.
 *   M3  after `close` no server of this folder lives, whoever started it.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { putOnce } from '../layout.ts';
import { readLog, waitForLog } from '../log.ts';
import type { SandboxProduct } from '../product.ts';
import { ensureCertificate } from './certificate.ts';
import { layOutDispatchers, layOutShared, layOutTools, sharedOf } from './layout.ts';
import { type AmpOptions, layOutPlace, namesOf, placeOf } from './place.ts';
import { ensurePorts } from './ports.ts';
import { type AmpServers, serversOf } from './servers.ts';

export type AmpPair = SandboxProduct & AmpServers;

const USER = 'admin';

/** Lays out a pair under this folder, or takes up the one that is there (M1). Throws a KeyturnError where openssl is missing. */
export function createAmpPair(dir: string, options: AmpOptions = {}): AmpPair {
  const root = resolve(dir);
  const shared = sharedOf(root);
  const names = namesOf(options);
  const ports = ensurePorts(join(shared.folder, 'ports.json'), names);
  const places = names.map((name) => placeOf(root, name, portOf(ports, name)));
  const password = ensurePassword(join(shared.folder, 'password'));
  ensureCertificate(shared.tls);
  layOutShared(shared, places);
  for (const place of places) layOutPlace(place, portOf(ports, place.name), { root, shared, user: USER, password, options });
  const any = join(root, 'any');
  const anyHome = join(any, 'opt', 'amp');
  layOutTools(any);
  layOutDispatchers(anyHome);
  const path = `${join(any, 'bin')}:${process.env.PATH ?? '/usr/bin:/bin'}`;
  return {
    dir: root,
    product: 'amp',
    hosts: places.map(({ host }) => host),
    variables: {
      amp_home: anyHome,
      persistence_dir: shared.persistence,
      heartbeat_timeout: String(Math.ceil((options.timeoutMs ?? 30_000) / 1_000)),
    },
    secrets: { amp_user: USER, amp_password: password },
    env: { PATH: path },
    log: () => readLog(shared.folder),
    violations: () => readLog(shared.folder).filter((entry) => entry.event === 'violation'),
    waitForLog: (predicate, { timeoutMs = 10_000 } = {}) => waitForLog(shared.folder, predicate, { timeoutMs }),
    ...serversOf(root, shared, places, path),
  };
}

function portOf(ports: Readonly<Record<string, number>>, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`${name} has no port.`);
  return port;
}

/** Chosen anew for every sandbox, so none stands in a repository. */
function ensurePassword(path: string): string {
  putOnce(path, `${randomBytes(18).toString('base64url')}\n`);
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8').trim();
}
