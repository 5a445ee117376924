/** What one trivial step on one host costs over a pooled connection: bare exec, under the supervisor, as a probe. */
import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import { algorithmsFor } from '../src/ssh/algorithms.ts';
import type { Attempts } from '../src/ssh/attempt.ts';
import type { Connections } from '../src/ssh/connections.ts';
import { probe } from '../src/ssh/probe.ts';
import type { Target } from '../src/ssh/target.ts';

export type SshFigures = {
  /** Medians in milliseconds. */
  readonly bare: number;
  readonly supervised: number;
  readonly probe: number;
  /** Supervised against bare. */
  readonly ratio: number;
};

type Setting = { readonly n: number; readonly target: Target; readonly attempts: Attempts; readonly connections: Connections };

/** Runs each kind `n` times in a row, in turns of ten so that a busy machine weighs on all alike. */
export async function measureSsh({ n, target, attempts, connections }: Setting): Promise<SshFigures> {
  const client = await connectBare(target);
  const run = `bench-${Date.now().toString(36)}`;
  let step = 0;
  let anchor: string | undefined;
  const kinds = {
    bare: () => bareExec(client, 'echo hello'),
    supervised: async () => {
      step += 1;
      const id = { run, step: `S${step}`, host: target.host, attempt: 1 };
      const spec = { id, sequence: step, script: 'echo hello', env: {}, timeoutSeconds: 60, secrets: [], mayHaveBegun: false };
      const onAnchor = async (given: string): Promise<void> => {
        anchor = given;
      };
      const watch = { budgetMs: 10_000, onAnchor };
      const end = await attempts.carryOut(target, anchor === undefined ? spec : { ...spec, anchor }, watch);
      if (end.kind !== 'ended' || end.output?.head !== 'hello\n') throw new Error(`a step of the bench ended as ${JSON.stringify(end)}`);
    },
    probe: async () => {
      const answer = await probe(connections, target, { script: 'echo hello', env: {}, timeoutSeconds: 10 });
      if (answer.kind !== 'answered' || answer.stdout !== 'hello\n')
        throw new Error(`a probe of the bench ended as ${JSON.stringify(answer)}`);
    },
  };
  const times = { bare: [] as number[], supervised: [] as number[], probe: [] as number[] };
  for (let round = -1; round < n / 10; round += 1) {
    for (const kind of ['bare', 'supervised', 'probe'] as const) {
      for (let i = 0; i < 10; i += 1) {
        const from = performance.now();
        await kinds[kind]();
        if (round >= 0) times[kind].push(performance.now() - from);
      }
    }
  }
  client.end();
  const [bare, supervised, probed] = [median(times.bare), median(times.supervised), median(times.probe)];
  return { bare, supervised, probe: probed, ratio: supervised / bare };
}

/** The middle one. */
export function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

/** The floor's connection: open, with TCP_NODELAY. */
export function connectBare(target: Target): Promise<Client> {
  if (target.identity.kind !== 'key') throw new Error('the bench needs a key file');
  const { path } = target.identity;
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('ready', () => {
      client.setNoDelay(true);
      resolve(client);
    });
    const { address: host, port, user: username } = target;
    client.connect({ host, port, username, privateKey: readFileSync(path), algorithms: algorithmsFor([]) });
  });
}

/** One channel, one command, to its close. */
export function bareExec(client: Client, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.resume();
      channel.on('close', () => resolve());
    });
  });
}
