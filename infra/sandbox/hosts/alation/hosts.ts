/** Who the two hosts of a sandbox pair are, and what the stand-ins on each are told. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { put } from '../layout.ts';
import type { SandboxHost } from '../product.ts';
import { layOutHost } from './layout.ts';

export type AlationRole = 'primary' | 'secondary';

export type AlationHost = SandboxHost & {
  readonly role: AlationRole;
  /** On the product's network, which exists in the stand-ins only. */
  readonly ip: string;
  readonly peer: { readonly name: string; readonly ip: string };
  /** This host's own /opt/alation. */
  readonly install: string;
};

/** Seconds that things take. Default 0.2 each. */
export type AlationSeconds = {
  readonly postgres?: number;
  readonly kvstore?: number;
  readonly update?: number;
  readonly reindex?: number;
  readonly restart?: number;
};

export const PRIMARY = { name: 'alation-01', ip: '10.0.0.1' } as const;
export const SECONDARY = { name: 'alation-02', ip: '10.0.0.2' } as const;
/** 200 GB and 100 GB. */
const SIZES_KB = { data_kb: 209_715_200, install_kb: 104_857_600 } as const;
/** As pg_probackup is told; the documents leave the value out. */
export const ARCHIVE_COMMAND =
  'pg_probackup archive-push -B /data2/backup/pgbackup --instance alation --wal-file-path=%p --wal-file-name=%f';

/** The primary, then the secondary. */
export function hostsIn(dir: string): readonly [AlationHost, AlationHost] {
  return [hostOf(dir, 'primary', PRIMARY, SECONDARY), hostOf(dir, 'secondary', SECONDARY, PRIMARY)];
}

type Machine = { readonly name: string; readonly ip: string };

function hostOf(dir: string, role: AlationRole, { name, ip }: Machine, peer: Machine): AlationHost {
  return {
    name,
    fqdn: `${name}.alation.example`,
    roles: [role, 'server'],
    home: join(dir, name, 'home'),
    variables: { alation_home: join(dir, name, 'opt', 'alation') },
    role,
    ip,
    peer,
    install: join(dir, name, 'opt', 'alation'),
  };
}

export type HostOptions = { readonly seconds?: AlationSeconds; readonly ports?: readonly number[] };

/** Lays out everything that is the host's own, except its state. */
export function layOut(dir: string, host: AlationHost, { seconds = {}, ports = [22, 5432] }: HostOptions): void {
  const shared = join(dir, 'cluster');
  const milliseconds = (count = 0.2): string => String(Math.round(count * 1000));
  mkdirSync(host.home, { recursive: true });
  for (const [key, size] of Object.entries(SIZES_KB)) put(join(shared, 'state', host.name, key), `${size}\n`);
  layOutHost(join(dir, host.name), {
    SANDBOX: shared,
    ANY: join(dir, 'any'),
    HOST: host.name,
    ROLE: host.role,
    IP: host.ip,
    PEER: host.peer.name,
    PEER_IP: host.peer.ip,
    PRIMARY: PRIMARY.name,
    SECONDARY: SECONDARY.name,
    INSTALL: host.install,
    PORTS: ports.join(' '),
    ARCHIVE_COMMAND,
    POSTGRES_MS: milliseconds(seconds.postgres),
    KVSTORE_MS: milliseconds(seconds.kvstore),
    UPDATE_MS: milliseconds(seconds.update),
    REINDEX_MS: milliseconds(seconds.reindex),
    RESTART_MS: milliseconds(seconds.restart),
  });
}
