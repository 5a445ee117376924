/** What a large output costs: kept, hashed and masked, against the same bytes to nowhere through OpenSSH's own client. */
import { spawn } from 'node:child_process';
import type { Attempts } from '../src/ssh/attempt.ts';
import type { Target } from '../src/ssh/target.ts';

export type FloodFigures = {
  /** MiB a second. */
  readonly openssh: number;
  readonly kept: number;
  readonly ratio: number;
  /** The largest resident size of this process meanwhile, in MiB. */
  readonly peakMiB: number;
};

type Setting = {
  readonly mib: number;
  readonly target: Target;
  readonly attempts: Attempts;
  readonly knownHosts: string;
  readonly secrets?: readonly string[];
};

/** Text of the kind that logs are made of, `mib` MiB of it. */
function script(mib: number): string {
  return `yes 'a line of a log, with some words and the number 1234567890' | head -c ${mib * 1024 * 1024}`;
}

export async function measureFlood({
  mib,
  target,
  attempts,
  knownHosts,
  secrets = ['hunter2', 'a token of some length'],
}: Setting): Promise<FloodFigures> {
  const openssh = mib / (await toNowhere(target, knownHosts, script(mib)));
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const from = performance.now();
  const id = { run: `flood-${Date.now().toString(36)}`, step: 'S1', host: target.host, attempt: 1 };
  const spec = { id, sequence: 1, script: script(mib), env: {}, timeoutSeconds: 600, secrets, mayHaveBegun: false };
  const end = await attempts.carryOut(target, spec, { budgetMs: 600_000 });
  const seconds = (performance.now() - from) / 1000;
  clearInterval(watch);
  if (end.kind !== 'ended' || end.output?.bytes !== mib * 1024 * 1024) throw new Error(`the flood ended as ${JSON.stringify(end)}`);
  const kept = mib / seconds;
  return { openssh, kept, ratio: kept / openssh, peakMiB: peak / 1024 / 1024 };
}

function toNowhere({ identity, port, user, address }: Target, knownHosts: string, command: string): Promise<number> {
  if (identity.kind !== 'key') throw new Error('the bench needs a key file');
  const options = [
    '-c',
    'aes128-gcm@openssh.com',
    '-o',
    `UserKnownHostsFile=${knownHosts}`,
    '-o',
    'LogLevel=ERROR',
    '-i',
    identity.path,
    '-p',
    String(port),
  ];
  const from = performance.now();
  const child = spawn('ssh', [...options, `${user}@${address}`, command], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve) => child.once('exit', () => resolve((performance.now() - from) / 1000)));
}
