/** The demo as a person has it: a process that is started, signalled and killed, and its workspace through the page's own addresses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Entry, readLog, waitForLog } from '../../infra/sandbox/hosts/log.ts';
import { blocksSchema } from '../../infra/sandbox/slack/model.ts';
import { blockText, controlsOf } from '../../infra/sandbox/slack/server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const OPS = 'C0OPS00001';

const messageSchema = z.object({ ts: z.string(), text: z.string(), thread_ts: z.string().optional(), blocks: blocksSchema.optional() });
const stateSchema = z.object({ connections: z.number(), messages: z.record(z.string(), z.array(messageSchema)) });

export type Posted = z.infer<typeof messageSchema>;

export type DemoProcess = {
  /** With a slash at its end. */
  readonly url: string;
  readonly output: readonly string[];
  /** Everything of the demo that lives: the demo, the bot, Redis, what runs on hosts. */
  processes(): readonly number[];
  /** True for what runs on a sandbox host. */
  onHost(pid: number): boolean;
  botPid(): number;
  /** The channel and its threads, oldest first, once they satisfy; looks again after every change, never by the clock. */
  see<T>(look: (messages: readonly Posted[]) => T | undefined | false): Promise<T>;
  say(line: RegExp): Promise<string>;
  act(name: 'command' | 'click', order: Readonly<Record<string, string>>): Promise<void>;
  approve(step: string): Promise<void>;
  approveToTheEnd(): Promise<void>;
  log(): readonly Entry[];
  logged(found: (entry: Entry) => boolean): Promise<Entry>;
  signal(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
};

export type DemoRun = { readonly child: ChildProcess; readonly output: string[]; readonly ended: Promise<number | NodeJS.Signals> };

/** Starts the built demo in a process group of its own, as a shell would. */
export function runDemo(
  folder: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): DemoRun {
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'infra', 'sandbox', 'demo.js'), ...args], {
    env: { PATH: process.env.PATH, KEYTURN_DEMO_FOLDER: folder, KEYTURN_DEMO_HURRY: '1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      child.emit('line');
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { child, output, ended };
}

/** Starts the demo and waits until it says that it is ready. */
export async function startDemo(folder: string, args: readonly string[] = []): Promise<DemoProcess> {
  const { child, output, ended } = runDemo(folder, { args });
  const line = await said({ child, output, ended }, /The demo is ready\. Open +(\S+)/);
  const url = /http:\S+/.exec(line)?.[0] ?? '';
  const cluster = join(folder, 'hosts', 'atscale-prod', 'cluster');
  const see: DemoProcess['see'] = (look) => seen(url, look);

  async function act(name: string, order: Readonly<Record<string, string>>): Promise<void> {
    const body = JSON.stringify({ channel: OPS, ...order });
    const answer = await fetch(`${url}sandbox/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async function approve(step: string): Promise<void> {
    const label = new RegExp(`^Approve ${step}`);
    const found = await see((messages) => withButton(messages, label));
    await act('click', { as: 'sam', ts: found.ts, label: found.label });
  }

  async function approveToTheEnd(): Promise<void> {
    const pressed = new Set<string>();
    for (;;) {
      const next = await see((messages) => (isOver(messages) ? 'over' : withButton(messages, /^Approve/, pressed)));
      if (next === 'over') return;
      pressed.add(next.ts);
      await act('click', { as: 'sam', ts: next.ts, label: next.label });
    }
  }

  return {
    url,
    output,
    ended,
    see,
    act,
    approve,
    approveToTheEnd,
    processes: () => processesOf(folder),
    onHost: (pid) =>
      told(String(pid), 'environ')
        .split('\0')
        .some((each) => each.startsWith(`HOME=${folder}`)),
    botPid: () => Number(/process (\d+)/.exec(output.findLast((each) => each.startsWith('The bot runs')) ?? '')?.[1]),
    say: (words) => said({ child, output, ended }, words),
    log: () => readLog(cluster),
    logged: (found) => waitForLog(cluster, found, { timeoutMs: 30_000 }),
    signal: (signal) => process.kill(-(child.pid ?? 0), signal),
  };
}

/** The first line, said or yet to be said, that matches. */
async function said({ child, output, ended }: DemoRun, words: RegExp): Promise<string> {
  let over = false;
  void ended.then(() => {
    over = true;
    child.emit('line');
  });
  for (;;) {
    const found = output.find((line) => words.test(line));
    if (found !== undefined) return found;
    if (over) throw new Error(`the demo ended without a word like ${words}:\n${output.join('\n')}`);
    await once(child, 'line');
  }
}

/** Looks at the workspace now and after every change of which the page is told. */
async function seen<T>(url: string, look: (messages: readonly Posted[]) => T | undefined | false): Promise<T> {
  const stop = new AbortController();
  const stream = await fetch(`${url}sandbox/stream?as=dana`, { signal: stop.signal });
  try {
    for await (const _change of stream.body ?? []) {
      const found = look(await messagesAt(url));
      if (found !== undefined && found !== false) return found;
    }
  } finally {
    stop.abort();
  }
  throw new Error('the workspace ended before it was seen');
}

async function messagesAt(url: string): Promise<readonly Posted[]> {
  const state = stateSchema.parse(await (await fetch(`${url}sandbox/state?as=dana`)).json());
  return state.messages[OPS] ?? [];
}

export function textOf(message: Posted): string {
  return message.blocks === undefined ? message.text : blockText(message.blocks);
}

function withButton(
  messages: readonly Posted[],
  label: RegExp,
  except: ReadonlySet<string> = new Set(),
): { readonly ts: string; readonly label: string } | undefined {
  for (const { ts, blocks } of messages) {
    const control = controlsOf(blocks).find((each) => label.test(each.label));
    if (control !== undefined && !except.has(ts)) return { ts, label: control.label };
  }
  return undefined;
}

function isOver(messages: readonly Posted[]): boolean {
  const top = messages.find((message) => /run[2-9a-z]{8}/.test(textOf(message)));
  return top !== undefined && !controlsOf(top.blocks).some(({ label }) => /Cancel/.test(label));
}

/** By the folder's name: all of them have it in their environment, but Redis writes its title over it, and has it there. */
function processesOf(folder: string): readonly number[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return names.filter((pid) => told(pid, 'environ').includes(folder) || told(pid, 'cmdline').includes(folder)).map(Number);
}

function told(pid: string, what: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'latin1');
  } catch {
    return '';
  }
}
