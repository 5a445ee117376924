/** `infra/clusters/<name>.yaml` to a cluster. Pure: text in, cluster or findings out. */

import { digestOf } from '../canonical.ts';
import { type Finding, inFileOrder, type Path } from '../procedure/finding.ts';
import { findingsOf } from '../procedure/issues.ts';
import { findingOf, type Mistake } from '../procedure/mistake.ts';
import { namedIn, peopleOf, rightsOf, ruleMistakes } from '../procedure/policy-source.ts';
import { didYouMean, listed } from '../procedure/suggest.ts';
import { parseYaml } from '../procedure/yaml.ts';
import type { Cluster, Host, SecretPlace } from './model.ts';
import { type ClusterSource, clusterSourceSchema, type HostSource } from './source-schema.ts';

export type ClusterResult =
  | { readonly kind: 'ok'; readonly cluster: Cluster }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

const page = 'docs/clusters.md';

/** Every finding of the file at once, in its order. */
export function parseCluster(text: string, file: string): ClusterResult {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = clusterSourceSchema.safeParse(yaml.value.value);
  if (!shape.success) return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, page)) };
  const findings = mistakes(shape.data).map((mistake) => findingOf(mistake, yaml.value, file));
  if (findings.length > 0) return { kind: 'bad', findings: inFileOrder(findings) };
  return { kind: 'ok', cluster: build(shape.data) };
}

function mistakes(source: ClusterSource): readonly Mistake[] {
  return [
    ...source.hosts.flatMap((host, index) => ofLogin(source, host, index)),
    ...ofNames(source),
    ...ofAddresses(source),
    ...ofRights(source),
  ];
}

function ofLogin(source: ClusterSource, host: HostSource, index: number): readonly Mistake[] {
  const jump = host.jump ?? source.defaults?.jump;
  const jumps = Object.keys(source.jumps ?? {});
  const noUser = { path: ['hosts', index], message: `${host.name} has no user to log in as`, check: '`user` here or under `defaults`' };
  const noJump = {
    path: host.jump === undefined ? ['defaults', 'jump'] : ['hosts', index, 'jump'],
    message: `there is no jump host "${jump}"${didYouMean(jump ?? '', jumps)}`,
    check: `the entries under jumps: ${listed(jumps)}`,
  };
  return [
    ...((host.user ?? source.defaults?.user) === undefined ? [noUser] : []),
    ...(jump !== undefined && !jumps.includes(jump) ? [noJump] : []),
  ];
}

/** A name or alias that two hosts share would let a command go to the wrong one. */
function ofNames(source: ClusterSource): readonly Mistake[] {
  const owners = new Map<string, number>();
  return source.hosts.flatMap((host, index) =>
    namesOf(host, index).flatMap(({ name, path }) => {
      const owner = owners.get(name.toLowerCase());
      if (owner === undefined) owners.set(name.toLowerCase(), index);
      if (owner === undefined || (owner === index && path.length > 3)) return [];
      const message = `the name "${name}" belongs to ${source.hosts[owner]?.name ?? 'another host'} already`;
      return [{ path, message, check: 'names and aliases; each may stand for one host only' }];
    }),
  );
}

function namesOf(host: HostSource, index: number): readonly { readonly name: string; readonly path: Path }[] {
  const aliases = (host.aliases ?? []).map((name, place) => ({ name, path: ['hosts', index, 'aliases', place] }));
  return [{ name: host.name, path: ['hosts', index, 'name'] }, ...aliases];
}

function ofAddresses(source: ClusterSource): readonly Mistake[] {
  const owners = new Map<string, string>();
  return source.hosts.flatMap((host, index) => {
    const address = `${host.address.toLowerCase()} port ${host.port ?? source.defaults?.port ?? 22} through ${host.jump ?? source.defaults?.jump ?? 'none'}`;
    const owner = owners.get(address);
    owners.set(address, owner ?? host.name);
    if (owner === undefined) return [];
    return [
      { path: ['hosts', index, 'address'], message: `${host.name} has the same address and port as ${owner}`, check: 'both addresses' },
    ];
  });
}

function ofRights({ may, procedures = {} }: ClusterSource): readonly Mistake[] {
  const ofProcedures = Object.entries(procedures).flatMap(([name, { approve }]) =>
    approve === undefined ? [] : ruleMistakes(approve, ['procedures', name, 'approve'], true),
  );
  return [...ruleMistakes(may.approve, ['may', 'approve'], true), ...ofProcedures];
}

function build(source: ClusterSource): Cluster {
  const cluster = {
    name: source.cluster,
    product: source.product,
    title: source.title,
    hosts: source.hosts.map((host) => buildHost(source, host)),
    jumps: Object.fromEntries(Object.entries(source.jumps ?? {}).map(([name, jump]) => [name, { ...jump, port: jump.port ?? 22 }])),
    variables: texts(source.variables),
    secrets: Object.fromEntries(Object.entries(source.secrets ?? {}).map(([name, place]) => [name, secretPlace(place)])),
    may: mayOf(source.may),
    ...(source.procedures === undefined ? {} : { procedures: mapped(source.procedures, rightsOf) }),
    ...(source.second_factor === undefined ? {} : { secondFactor: source.second_factor }),
    channels: source.channels ?? [],
    announce: source.announce ?? [],
  };
  return { ...cluster, hash: digestOf(cluster) };
}

function buildHost(source: ClusterSource, host: HostSource): Host {
  const { user, port, variables, ...others } = { ...source.defaults, ...host };
  if (user === undefined) throw new Error(`host ${host.name} got through the checks without a user`);
  const own = variables === undefined ? {} : { variables: texts(variables) };
  return { ...others, ...own, user, port: port ?? 22, aliases: host.aliases ?? [] };
}

function texts(values: Readonly<Record<string, string | number>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function secretPlace(place: NonNullable<ClusterSource['secrets']>[string]): SecretPlace {
  return 'env' in place ? { kind: 'env', name: place.env } : { kind: 'file', path: place.file };
}

function mayOf({ start, approve, settle, cancel, read }: ClusterSource['may']): Cluster['may'] {
  const { approve: rule = [], ...narrower } = rightsOf({ approve, settle, cancel, read });
  return {
    start: peopleOf(start),
    approve: namedIn(rule),
    // A plain list is the rule that everybody has who has no other.
    ...(Array.isArray(approve) ? {} : { rule }),
    ...narrower,
  };
}

function mapped<T, U>(record: Readonly<Record<string, T>>, made: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, made(value)]));
}
