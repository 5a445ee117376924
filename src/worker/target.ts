import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, Host } from '../inventory/model.ts';
import type { Identity, Target } from '../ssh/target.ts';

/** How hosts are logged in to where the cluster file names no key: `KEYTURN_SSH_KEY`, else the SSH agent. */
export type Login = { readonly key: string | undefined; readonly passphrase: string | undefined; readonly agent: string | undefined };

/** The SSH target of an inventory host; `become`: the step's own user, before the host's. */
export function targetOf(cluster: Cluster, host: Host, login: Login, become = host.become): Target {
  const jump = host.jump === undefined ? undefined : cluster.jumps[host.jump];
  return {
    host: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    identity: identityOf(host.key, login),
    cluster: cluster.name,
    ...(become === undefined ? {} : { become }),
    ...(jump === undefined
      ? {}
      : {
          jump: {
            host: host.jump ?? '',
            address: jump.address,
            port: jump.port,
            user: jump.user,
            identity: identityOf(jump.key, login),
            cluster: cluster.name,
          },
        }),
  };
}

function identityOf(key: string | undefined, login: Login): Identity {
  const path = key === undefined ? login.key : atHome(key);
  if (path !== undefined) return { kind: 'key', path, ...(login.passphrase === undefined ? {} : { passphrase: login.passphrase }) };
  return { kind: 'agent', socket: login.agent ?? '' };
}

/** `~/` as people write it in the cluster file: the home of whoever runs Keyturn. */
function atHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
