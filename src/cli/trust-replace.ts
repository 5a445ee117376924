/**
 * `keyturn trust <cluster> --replace <host>`: for one machine that was exchanged, its new keys in the place of its old ones.
 *
 * 1. A person sees old and new, and says yes: there is no way around the question.
 * 2. Only what known_hosts says of that address and port is removed, in one step with the new keys.
 */
import type { Cluster } from '../inventory/model.ts';
import { knownKeys, readKnownHosts } from '../ssh/known-hosts.ts';
import { replaceKnownHost } from '../ssh/known-hosts-replace.ts';
import { judge, label, namedPlaces, type Place, shown } from './trust-scan.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export async function replace(world: CliWorld, path: string, cluster: Cluster, host: string, yes: boolean): Promise<Exit> {
  const place = namedPlaces(cluster).find(({ name }) => name === host);
  if (place === undefined) {
    const names = namedPlaces(cluster).map(({ name }) => name);
    world.complain(`${cluster.name} has no host "${host}". Its hosts: ${names.join(', ')}.`);
    return EXIT.usage;
  }
  if (yes) {
    world.complain('--replace and --yes do not go together: a key in the place of another one is confirmed by a person who has compared.');
    return EXIT.usage;
  }
  return (await replaceOne(world, path, place)) ? EXIT.ok : EXIT.found;
}

async function replaceOne(world: CliWorld, path: string, place: Place): Promise<boolean> {
  const judged = await judge(world, path, place);
  if (judged === null) return false;
  if (judged.some(({ verdict }) => verdict.kind === 'revoked')) {
    world.complain(`REFUSED  ${label(place)}: it shows a key that known_hosts marks as @revoked.`);
    world.complain('         Check: who revoked the key and why; give the machine a new key.');
    return false;
  }
  if (judged.every(({ verdict }) => verdict.kind === 'trusted')) {
    world.say(`trusted  ${label(place)}: it shows the known keys, so there is nothing to replace.`);
    return true;
  }
  const keys = judged.map(({ key }) => key);
  const old = knownKeys(await readKnownHosts(path), place.address, place.port);
  world.say(`replace  ${label(place)}:`);
  for (const key of old) world.say(`           known is  ${shown(key)}`);
  if (old.length === 0) world.say('           no key of it is known');
  for (const key of keys) world.say(`           it shows  ${shown(key)}`);
  if (!(await world.ask('         Was this machine exchanged, and are these the fingerprints that the new one itself shows? [y/N] '))) {
    world.complain(`not replaced  ${label(place)}: nothing was written.`);
    return false;
  }
  await replaceKnownHost(path, place.address, place.port, keys);
  world.say(
    `replaced ${label(place)}: only the new keys are trusted now (${path}). Workers that run close their connections to the old machine.`,
  );
  return true;
}
