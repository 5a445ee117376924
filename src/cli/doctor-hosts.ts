/** Every host: reached, key trusted, logged in, and able to run a command as Keyturn does. One read-only command each. */
import { join } from 'node:path';
import pino from 'pino';
import type { Config } from '../config.ts';
import type { Cluster, Host } from '../inventory/model.ts';
import { type Connections, createConnections } from '../ssh/connections.ts';
import { type ProbeAnswer, probe } from '../ssh/probe.ts';
import { targetOf } from '../worker/target.ts';
import { type Finding, ok } from './doctor-finding.ts';

/** What the supervisor needs of a host; the home folder holds the marks of attempts. */
const SCRIPT = `for tool in cat date kill mkdir mv ps rm sleep; do command -v "$tool" >/dev/null 2>&1 || { echo "there is no $tool on its PATH"; exit 3; }; done
[ -d "$HOME" ] && [ -w "$HOME" ] || { echo "the home folder $HOME cannot be written"; exit 4; }
echo ready`;

const PATIENCE_S = 20;

/** Set aside for examples, so nothing ever answers there (RFC 5737). */
const EXAMPLE = /^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$/;

function example(what: string, cluster: string): Finding {
  const check = `the file of ${cluster}: write your own addresses into it, or delete it if you only copied it`;
  return { kind: 'failed', what, note: 'this address is one of those that are set aside for examples', check };
}

export async function* checkHosts(config: Config, clusters: readonly Cluster[]): AsyncGenerator<Finding> {
  const connections = createConnections({ knownHostsPath: join(config.data, 'known_hosts'), log: pino({ level: 'silent' }) });
  try {
    for (const cluster of clusters) yield* await Promise.all(cluster.hosts.map((host) => checkHost(config, connections, cluster, host)));
  } finally {
    await connections.close();
  }
}

async function checkHost(config: Config, connections: Connections, cluster: Cluster, host: Host): Promise<Finding> {
  const what = `${cluster.name} ${host.name} (${host.address}:${host.port})`;
  if (EXAMPLE.test(host.address)) return example(what, cluster.name);
  const answer = await probe(connections, targetOf(cluster, host, config.ssh), { script: SCRIPT, env: {}, timeoutSeconds: PATIENCE_S });
  return judge(what, host, answer);
}

/** Pure. */
export function judge(what: string, host: Pick<Host, 'user' | 'become'>, answer: ProbeAnswer): Finding {
  const as = host.become === undefined ? host.user : `${host.user}, then ${host.become}`;
  switch (answer.kind) {
    case 'answered':
      if (answer.status === 0 && answer.stdout.trim() === 'ready') return ok(what, `key trusted, logged in as ${as}, ready for commands`);
      return {
        kind: 'failed',
        what,
        note: `logged in as ${as}, but ${answer.stdout.trim() || answer.stderr.trim()}`,
        check: 'the login and PATH of this user',
      };
    case 'refused':
      return { kind: 'failed', what, note: answer.why.message, check: answer.why.check };
    case 'lost':
      return {
        kind: 'failed',
        what,
        note: `the connection went while it was asked: ${answer.why}`,
        check: 'the network, and sshd on the host',
      };
    case 'timedOut':
      return {
        kind: 'failed',
        what,
        note: `it gave no answer within ${PATIENCE_S} s`,
        check: 'whether the login shell of this user waits for something',
      };
  }
}
