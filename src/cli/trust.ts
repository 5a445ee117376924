/**
 * `keyturn trust <cluster>`: shows the keys of a cluster's hosts to a person, who compares them and says yes.
 *
 * 1. A key is written only after a yes (or `--yes`), and never in place of another one: a changed key is refused, whatever was said.
 * 2. Nothing that proves who we are is sent.
 */
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { findCluster } from '../files/library.ts';
import { loadLibrary } from '../files/load.ts';
import type { Cluster } from '../inventory/model.ts';
import { type PresentedKey, scanHostKeys } from '../ssh/host-keys.ts';
import { addKnownHost, readKnownHosts, type Verdict, verifyHostKey } from '../ssh/known-hosts.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

type Place = { readonly name: string; readonly address: string; readonly port: number; readonly through: string | undefined };

export async function trust(world: CliWorld, name: string, options: { readonly yes: boolean }): Promise<Exit> {
  const config = readConfig(world.env, 'worker');
  const found = findCluster(loadLibrary(config), name);
  if (found.kind === 'missing') {
    world.complain(found.why);
    return EXIT.usage;
  }
  const path = join(config.data, 'known_hosts');
  const places = placesOf(found.cluster);
  let failed = 0;
  for (const place of places) if (!(await trustOne(world, path, place, options.yes))) failed += 1;
  world.say(
    failed === 0
      ? `All ${places.length} addresses of ${name} are trusted (${path}).`
      : `${failed} of ${places.length} addresses are not trusted.`,
  );
  return failed === 0 ? EXIT.ok : EXIT.found;
}

/** Each address once; jump hosts first, for without them the others are out of reach. */
export function placesOf(cluster: Cluster): readonly Place[] {
  const jumps = Object.entries(cluster.jumps).map(([name, jump]) => ({ name, address: jump.address, port: jump.port, through: undefined }));
  const hosts = cluster.hosts.map(({ name, address, port, jump }) => ({ name, address, port, through: jump }));
  const seen = new Map<string, Place>();
  for (const place of [...jumps, ...hosts]) {
    const key = `${place.address}:${place.port}`;
    if (!seen.has(key)) seen.set(key, place);
  }
  return [...seen.values()];
}

async function trustOne(world: CliWorld, path: string, place: Place, yes: boolean): Promise<boolean> {
  const scanned = await scanHostKeys(place.address, place.port);
  if (scanned.kind === 'refused') {
    world.complain(`failed   ${label(place)}: ${scanned.why.message}`);
    world.complain(`         Check: ${place.through === undefined ? scanned.why.check : behind(place, path)}`);
    return false;
  }
  if (scanned.keys.length === 0) {
    world.complain(`failed   ${label(place)}: it shows no host key of a kind that Keyturn knows (ed25519, ecdsa, rsa).`);
    return false;
  }
  const known = await readKnownHosts(path);
  const judged = scanned.keys.map((key) => ({ key, verdict: verifyHostKey(known, place.address, place.port, key.key) }));
  return decide(world, path, place, judged, yes);
}

type Judged = { readonly key: PresentedKey; readonly verdict: Verdict };

async function decide(world: CliWorld, path: string, place: Place, judged: readonly Judged[], yes: boolean): Promise<boolean> {
  const trusted = judged.filter(({ verdict }) => verdict.kind === 'trusted');
  if (judged.some(({ verdict }) => verdict.kind === 'revoked'))
    return refuse(world, place, 'shows a key that known_hosts marks as @revoked', judged);
  if (trusted.length === judged.length) {
    world.say(`trusted  ${label(place)}: already known.`);
    return true;
  }
  if (trusted.length === 0 && judged.some(({ verdict }) => verdict.kind === 'changed'))
    return refuse(world, place, 'shows another key than the known one', judged);
  const fresh = judged.filter(({ verdict }) => verdict.kind !== 'trusted');
  world.say(`new      ${label(place)}:`);
  for (const { key } of fresh) world.say(`           ${key.type.padEnd(20)} ${key.fingerprint}`);
  if (!yes && !(await world.ask('         Are these the fingerprints that the host itself shows? [y/N] '))) {
    world.complain(`not trusted  ${label(place)}: nothing was written.`);
    return false;
  }
  for (const { key } of fresh) await addKnownHost(path, place.address, place.port, key);
  world.say(`trusted  ${label(place)}: written.`);
  return true;
}

function refuse(world: CliWorld, place: Place, what: string, judged: readonly Judged[]): false {
  world.complain(`REFUSED  ${label(place)}: it ${what}. It was rebuilt, or somebody stands in between.`);
  for (const { key } of judged) world.complain(`           it shows  ${key.type.padEnd(20)} ${key.fingerprint}`);
  for (const { verdict } of judged.slice(0, 1)) {
    if (verdict.kind === 'changed') for (const known of verdict.known) world.complain(`           known is  ${known}`);
  }
  world.complain('         Check: ask whoever runs the host. If it was rebuilt, remove its line from known_hosts, then trust it again.');
  return false;
}

function behind(place: Place, path: string): string {
  return `it is reached through ${place.through ?? ''}: run \`ssh-keyscan -p ${place.port} ${place.address}\` there, compare, and append the lines to ${path}.`;
}

function label(place: Place): string {
  return `${place.name} (${place.address}:${place.port})`;
}
