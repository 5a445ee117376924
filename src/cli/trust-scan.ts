/** What `keyturn trust` sees of an address: the keys that it shows, each judged by known_hosts. */
import type { Cluster } from '../inventory/model.ts';
import { type PresentedKey, scanHostKeys } from '../ssh/host-keys.ts';
import { readKnownHosts, type Verdict, verifyHostKey } from '../ssh/known-hosts.ts';
import type { CliWorld } from './world.ts';

export type Place = {
  readonly cluster: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The jump host before it. */
  readonly through: string | undefined;
};
export type Judged = { readonly key: PresentedKey; readonly verdict: Verdict };

/** Every name of a cluster that stands for an address, jump hosts first. */
export function namedPlaces({ name: cluster, jumps, hosts }: Cluster): readonly Place[] {
  const first = Object.entries(jumps).map(([name, { address, port }]) => ({ cluster, name, address, port, through: undefined }));
  return [...first, ...hosts.map(({ name, address, port, jump }) => ({ cluster, name, address, port, through: jump }))];
}

/** Null: it could not be asked, or shows nothing of use; the person has been told why. */
export async function judge(world: CliWorld, path: string, place: Place): Promise<readonly Judged[] | null> {
  const scanned = await scanHostKeys(place.address, place.port);
  if (scanned.kind === 'refused') {
    world.complain(`failed   ${label(place)}: ${scanned.why.message}`);
    world.complain(`         Check: ${place.through === undefined ? scanned.why.check : behind(place, path)}`);
    return null;
  }
  if (scanned.keys.length === 0) {
    world.complain(`failed   ${label(place)}: it shows no host key of a kind that Keyturn knows (ed25519, ecdsa, rsa).`);
    return null;
  }
  const known = await readKnownHosts(path);
  return scanned.keys.map((key) => ({ key, verdict: verifyHostKey(known, place.address, place.port, key.key) }));
}

/** A key's line for a person to compare. */
export function shown({ type, fingerprint }: PresentedKey): string {
  return `${type.padEnd(20)} ${fingerprint}`;
}

export function label(place: Place): string {
  return `${place.name} (${place.address}:${place.port})`;
}

function behind(place: Place, path: string): string {
  const old = place.port === 22 ? place.address : `[${place.address}]:${place.port}`;
  const scan = `run \`ssh-keyscan -p ${place.port} ${place.address}\` there, compare, and append the lines to ${path}`;
  return `it is reached through ${place.through ?? ''}: ${scan}; lines of a machine that was exchanged go with \`ssh-keygen -R '${old}' -f ${path}\`.`;
}
