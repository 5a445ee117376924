/** conf/atscale.yaml of a sandbox cluster: the same file on every host, naming the main hosts in several entries. */

export type YamlHosts = {
  /** FQDNs. */
  readonly coordinator: string;
  readonly engines: readonly string[];
  readonly queryEngines: readonly string[];
};

/** The vendor does not publish the file's form; this one has the sections that its documents speak of. */
export function atscaleYaml({ coordinator, engines, queryEngines }: YamlHosts, account: string): string {
  const main = [coordinator, ...engines];
  return `# AtScale settings of this cluster; the same file lies on every host.
# A change takes effect with configurator.sh --apply, on a new host with --activate.
atscale:
  user: ${account}
  home: /opt/atscale
  data_directory: /opt/atscale/data
  log_directory: /opt/atscale/log
  license_file: /opt/atscale/conf/license.json

load_balancer:
  host: bi.atscale-prod.example
  design_center_port: 10500
  engine_port: 10502

hosts:
  coordinator:
    - fqdn: ${coordinator}
      zone: a
  application:
${engines.map((fqdn, index) => `    - fqdn: ${fqdn}\n      zone: ${'ab'[index % 2]}\n`).join('')}${queryHosts(queryEngines)}
service_registry:
  server: ${coordinator}:10550
  encrypt: true

database:
  scope: atscale_postgres14_cluster
  port: 10520
  members:
${engines.map((fqdn) => `    - ${fqdn}:10520\n`).join('')}  max_connections: 400
  synchronous_mode: false

engine:
  jvm_heap: 24g
  query_threads: 16

tls:
  enabled: true
  certificate: /opt/atscale/conf/tls/server.pem
  key: /opt/atscale/conf/tls/server.key
  subject_alternative_names:
${main.map((fqdn) => `    - ${fqdn}\n`).join('')}`;
}

function queryHosts(fqdns: readonly string[]): string {
  if (fqdns.length === 0) return '';
  return `  query_engine:\n${fqdns.map((fqdn) => `    - fqdn: ${fqdn}\n`).join('')}`;
}
