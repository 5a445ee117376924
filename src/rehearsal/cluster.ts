/** The cluster of a test: written there, or one of the cluster files; for a case with its changes. */
import { parseCluster } from '../inventory/parse.ts';
import type { Cluster } from '../inventory/model.ts';
import { type ClusterSource, clusterSourceSchema } from '../inventory/source-schema.ts';
import type { Finding } from '../procedure/finding.ts';
import { parseYaml } from '../procedure/yaml.ts';
import { requester, seconds } from './people.ts';
import type { CaseSource, HostSource, TestSource } from './source-schema.ts';

export type ClusterFound =
  | { readonly kind: 'found'; readonly source: ClusterSource }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

/** Whoever the cluster file lists, in a rehearsal it is the people of the rehearsal. */
const may: ClusterSource['may'] = { start: [requester.person.user], approve: seconds.map(({ person }) => person.user) };

/** As it stands in the test. Its secrets are wherever the test has them. */
export function writtenCluster(
  product: string,
  written: Exclude<TestSource['cluster'], string>,
  secrets: readonly string[],
): ClusterSource {
  return {
    cluster: 'rehearsal',
    product,
    title: written.title ?? 'Rehearsal',
    defaults: { user: 'keyturn' },
    hosts: hostsOf(written.hosts),
    ...(written.variables === undefined ? {} : { variables: written.variables }),
    secrets: Object.fromEntries(secrets.map((name) => [name, { env: 'REHEARSED' }])),
    may,
  };
}

export function fileCluster(text: string, file: string): ClusterFound {
  const parsed = parseCluster(text, file);
  if (parsed.kind === 'bad') return parsed;
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const { procedures: _rights, ...ours } = clusterSourceSchema.parse(yaml.value.value);
  return { kind: 'found', source: { ...ours, may, channels: [] } };
}

export function changed(source: ClusterSource, changes: CaseSource['cluster']): ClusterSource {
  if (changes === undefined) return source;
  const { without = [], hosts = {}, variables } = changes;
  const others = hostsOf(hosts);
  const kept = source.hosts.filter(({ name }) => !without.includes(name));
  const inPlace = kept.map((host) => others.find(({ name }) => name === host.name) ?? host);
  const more = others.filter(({ name }) => !kept.some((host) => host.name === name));
  return { ...source, hosts: [...inPlace, ...more], variables: { ...source.variables, ...variables } };
}

function hostsOf(hosts: Readonly<Record<string, HostSource>>): ClusterSource['hosts'] {
  return Object.entries(hosts).map(([name, host]) => {
    if (Array.isArray(host)) return { name, address: name, roles: host };
    return { name, ...host, address: host.address ?? name };
  });
}

/** By the rules for cluster files, so that a test has no cluster that could not be. */
export function builtCluster(
  source: ClusterSource,
): { readonly kind: 'ok'; readonly cluster: Cluster } | { readonly kind: 'bad'; readonly why: readonly string[] } {
  const parsed = parseCluster(JSON.stringify(source), '');
  if (parsed.kind === 'ok') return parsed;
  return { kind: 'bad', why: parsed.findings.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)) };
}
