/** Read-only commands outside the supervisor: discovery, polls, rechecks. Nothing about them is kept on the host. */
import { createMasker } from '../record/mask.ts';
import type { Connections } from './connections.ts';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import type { Ready, Shell } from './shell.ts';
import { checkCommand, commandText } from './shell-text.ts';
import type { Target } from './target.ts';

export type Probe = {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Of each of stdout and stderr; what is beyond is not kept. 256 KiB if absent. */
  readonly maxBytes?: number;
  readonly secrets?: readonly string[];
};

export type ProbeAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly stdout: string; readonly stderr: string; readonly truncated: boolean }
  /** It never began. */
  | { readonly kind: 'refused'; readonly why: HostProblem }
  /** The connection went while it ran. */
  | { readonly kind: 'lost'; readonly why: string }
  /** Ended after its time; its processes were killed. */
  | { readonly kind: 'timedOut' };

const MAX_BYTES = 256 * 1024;

/** Runs a command and waits for its answer. May safely be called again whatever the answer was. */
export async function probe(connections: Connections, target: Target, ask: Probe): Promise<ProbeAnswer> {
  checkCommand(ask.script, ask.env);
  const opened = await connections.shell(target);
  if (opened.kind === 'refused') return opened;
  const { shell } = opened;
  const ready = await within(shell.ready, ask.timeoutSeconds * 1000);
  if (ready === 'late') {
    shell.close();
    return { kind: 'timedOut' };
  }
  if ('said' in ready) return { kind: 'refused', why: problems.noShell(target, ready.said, ask.secrets) };
  const answer = await within(run(shell, ask), ask.timeoutSeconds * 1000);
  if (answer !== 'late') return answer;
  await end(connections, target, shell, ready);
  return { kind: 'timedOut' };
}

function run(shell: Shell, ask: Probe): Promise<ProbeAnswer> {
  const limit = ask.maxBytes ?? MAX_BYTES;
  const stdout = createCollector(limit, ask.secrets ?? []);
  const stderr = createCollector(limit, ask.secrets ?? []);
  return new Promise((resolve) => {
    shell.listen({
      reply: () => undefined,
      output: stdout.add,
      error: stderr.add,
      closed({ status }) {
        if (status === null) return resolve({ kind: 'lost', why: 'the connection was lost while it ran' });
        const texts = { stdout: stdout.text(), stderr: stderr.text() };
        resolve({ kind: 'answered', status, ...texts, truncated: stdout.over() || stderr.over() });
      },
    });
    shell.finish(`${commandText(ask.script, ask.env)}k_probe\n`);
  });
}

/** Kills the probe's session by a second channel: sshd may not pass signals on, least of all through sudo. */
async function end(connections: Connections, target: Target, shell: Shell, ready: Ready): Promise<void> {
  const opened = await connections.shell(target, { urgent: true });
  if (opened.kind === 'refused') return shell.close();
  const done = new Promise<void>((resolve) => opened.shell.listen({ reply: () => undefined, output: () => true, closed: () => resolve() }));
  opened.shell.finish(`k_more\nk_end_session '${ready.pid}' '${ready.start}'\n`);
  await done;
  shell.close();
}

/** The promise's value, or 'late' when it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late');
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps the first `limit` bytes; masked before they are cut, so that no part of a secret is left at the end. */
function createCollector(limit: number, secrets: readonly string[]) {
  const masker = createMasker(secrets);
  const chunks: Buffer[] = [];
  let size = 0;
  const keep = (chunk: Buffer): void => {
    const kept = chunk.subarray(0, Math.max(0, limit - size));
    if (kept.length > 0) chunks.push(kept);
    size += chunk.length;
  };
  return {
    add(chunk: Buffer): boolean {
      keep(masker.push(chunk));
      return true;
    },
    over: () => size > limit,
    text() {
      keep(masker.end());
      return Buffer.concat(chunks).toString();
    },
  };
}
