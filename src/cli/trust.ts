/**
 * `keyturn trust <cluster>`: shows the keys of a cluster's hosts to a person, who compares them and says yes.
 *
 * 1. A key is written only after a yes (or `--yes`), and never in place of another one: a changed key is refused, whatever was said, unless a
 *    person names that one host with `--replace` (see `trust-replace.ts`).
 * 2. Nothing that proves who we are is sent.
 */
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { findCluster } from '../files/library.ts';
import { loadLibrary } from '../files/load.ts';
import type { Cluster } from '../inventory/model.ts';
import { addKnownHost } from '../ssh/known-hosts.ts';
import { replace } from './trust-replace.ts';
import { type Judged, judge, label, namedPlaces, type Place, shown } from './trust-scan.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type TrustOptions = {
  /** Confirms all new keys unseen. */
  readonly yes: boolean;
  /** The one host, or jump host, that was exchanged. */
  readonly replace?: string;
};

export async function trust(world: CliWorld, name: string, options: TrustOptions): Promise<Exit> {
  const config = readConfig(world.env, 'worker');
  const found = findCluster(loadLibrary(config), name);
  if (found.kind === 'missing') {
    world.complain(found.why);
    return EXIT.usage;
  }
  const path = join(config.data, 'known_hosts');
  if (options.replace !== undefined) return replace(world, path, found.cluster, options.replace, options.yes);
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
  const seen = new Map<string, Place>();
  for (const place of namedPlaces(cluster)) {
    const key = `${place.address}:${place.port}`;
    if (!seen.has(key)) seen.set(key, place);
  }
  return [...seen.values()];
}

async function trustOne(world: CliWorld, path: string, place: Place, yes: boolean): Promise<boolean> {
  const judged = await judge(world, path, place);
  return judged === null ? false : decide(world, path, place, judged, yes);
}

async function decide(world: CliWorld, path: string, place: Place, judged: readonly Judged[], yes: boolean): Promise<boolean> {
  const trusted = judged.filter(({ verdict }) => verdict.kind === 'trusted');
  if (judged.some(({ verdict }) => verdict.kind === 'revoked'))
    return refuse(world, place, 'shows a key that known_hosts marks as @revoked', judged, 'who revoked the key and why');
  if (trusted.length === judged.length) {
    world.say(`trusted  ${label(place)}: already known.`);
    return true;
  }
  if (trusted.length === 0 && judged.some(({ verdict }) => verdict.kind === 'changed')) {
    const how = `if it was exchanged, run \`keyturn trust ${place.cluster} --replace ${place.name}\`, which asks you to compare`;
    return refuse(world, place, 'shows another key than the known one', judged, `ask whoever runs the host; ${how}`);
  }
  const fresh = judged.filter(({ verdict }) => verdict.kind !== 'trusted');
  world.say(`new      ${label(place)}:`);
  for (const { key } of fresh) world.say(`           ${shown(key)}`);
  if (!yes && !(await world.ask('         Are these the fingerprints that the host itself shows? [y/N] '))) {
    world.complain(`not trusted  ${label(place)}: nothing was written.`);
    return false;
  }
  for (const { key } of fresh) await addKnownHost(path, place.address, place.port, key);
  world.say(`trusted  ${label(place)}: written.`);
  return true;
}

function refuse(world: CliWorld, place: Place, what: string, judged: readonly Judged[], check: string): false {
  world.complain(`REFUSED  ${label(place)}: it ${what}. It was rebuilt, or somebody stands in between.`);
  for (const { key } of judged) world.complain(`           it shows  ${shown(key)}`);
  for (const { verdict } of judged.slice(0, 1)) {
    if (verdict.kind === 'changed') for (const known of verdict.known) world.complain(`           known is  ${known}`);
  }
  world.complain(`         Check: ${check}.`);
  return false;
}
