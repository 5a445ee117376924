/** The state of both hosts, read from the files that the stand-ins write (alation.sh says the same in shell). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `interrupted`: the copy's program died. `stopped`: the cluster was split. */
export type CopyState = 'none' | 'copying' | 'interrupted' | 'failed' | 'stopped' | 'replicating' | 'copied';

export type AlationHostState = {
  readonly version: string;
  /** The newer release that rpm has unpacked. */
  readonly unpacked?: string;
  readonly mode: 'standalone' | 'master' | 'slave';
  readonly services: 'running' | 'stopped';
  readonly postgres: CopyState;
  readonly kvstore: CopyState;
  /** Whether the Event Bus is synchronized to this host. */
  readonly kafka: boolean;
  /** Of the last long action here: its name and how far it came, in percent. */
  readonly progress?: { readonly of: string; readonly percent: number };
  /** By the names of alation_conf. */
  readonly conf: Readonly<Record<string, string>>;
};

export function readState(shared: string, host: string): AlationHostState {
  const folder = join(shared, 'state', host);
  const unpacked = recall(folder, 'unpacked');
  const progress = recall(folder, 'progress')?.split(' ');
  const conf = Object.fromEntries(readdirSync(join(folder, 'conf')).map((name) => [name, recall(join(folder, 'conf'), name) ?? '']));
  return {
    version: recall(folder, 'version') ?? '',
    ...(unpacked === undefined ? {} : { unpacked }),
    mode: oneOf(['standalone', 'master', 'slave'], conf['alation.cluster.replication_mode']),
    services: oneOf(['running', 'stopped'], recall(folder, 'services')),
    postgres: copyState(recall(folder, 'postgres')),
    kvstore: copyState(recall(folder, 'kvstore')),
    kafka: recall(folder, 'kafka') === 'syncing',
    ...(progress === undefined ? {} : { progress: { of: progress[0] ?? '', percent: Number(progress[1]) } }),
    conf,
  };
}

/** Undefined where nothing is kept. */
export function recall(folder: string, key: string): string | undefined {
  const path = join(folder, key);
  return existsSync(path) ? readFileSync(path, 'utf8').replace(/\n$/, '') : undefined;
}

function copyState(text: string | undefined): CopyState {
  if (text === undefined) return 'none';
  const [word, pid] = text.split(' ');
  if (word === 'copying') return runs(Number(pid)) ? 'copying' : 'interrupted';
  return oneOf(['failed', 'stopped', 'replicating', 'copied'], word);
}

/** One that nobody has collected yet does not run. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return error instanceof Error && 'syscall' in error && error.syscall === 'open' && !existsSync('/proc/self/status');
  }
}

function oneOf<const T extends string>(known: readonly T[], word: string | undefined): T {
  const found = known.find((each) => each === word);
  if (found === undefined) throw new Error(`A sandbox host is in a state that no stand-in writes: ${word}`);
  return found;
}
