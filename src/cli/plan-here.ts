/**
 * Plans from this machine: the configured files, SSH and nothing else. Neither Redis nor Slack is needed.
 *
 * Who asks is the local operator, whom Slack does not know. Whoever may run this command can read the cluster files and use the SSH keys
 * themselves, so a right under `may` would protect nothing; and only commands that change nothing are run.
 */
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { loadLibrary } from '../files/load.ts';
import type { Planned } from '../slack/ports.ts';
import { createConnections } from '../ssh/connections.ts';
import { probe } from '../ssh/probe.ts';
import { planAtMachine } from '../worker/desk.ts';
import { createSecrets } from '../worker/secrets.ts';
import type { CliWorld } from './world.ts';

type Wanted = { readonly procedure: string; readonly cluster: string; readonly params: Readonly<Record<string, string>> };

/** Takes as long as the hosts take. Throws KeyturnError `CONFIG_INVALID`. */
export async function planHere(env: CliWorld['env'], wanted: Wanted): Promise<Planned> {
  const config = readConfig(env, 'worker');
  const connections = createConnections({ knownHostsPath: join(config.data, 'known_hosts'), log: pino({ level: 'silent' }) });
  try {
    const hands = {
      login: config.ssh,
      secrets: createSecrets(env),
      probe: (...[target, ask]: ProbeArgs) => probe(connections, target, ask),
    };
    return await planAtMachine({ library: () => loadLibrary(config), hands }, wanted);
  } finally {
    await connections.close();
  }
}

type ProbeArgs = Parameters<Parameters<typeof planAtMachine>[0]['hands']['probe']>;
