/**
 * The bot's process: started, started again at once when it dies, ended on request.
 *
 * Invariants
 *   B1  it is in a session of its own, so that a terminal's Ctrl-C or end reaches it only through the demo, once
 *   B2  it holds a line to the demo and stops when that breaks: a demo that is killed leaves no bot behind
 *   B3  after close() there is no bot, and none is started again
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { VARIABLES } from '../../../src/config-variables.ts';
import { heard } from './bot-log.ts';
import type { Stop } from './stop.ts';
import { say } from './words.ts';

const PATIENCE_MS = 15_000;
const PAUSE_MS = 500;

export type BotOptions = {
  /** The compiled main.js. */
  readonly program: string;
  /** Where it runs: without an .env of the person's. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stop: Stop;
};

export type Bot = {
  /** Rejects when its first start fails or a stop is asked for meanwhile. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
};

/** The person's environment without anything that the bot would take for its own (D3). */
export function botEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = new Set<string>(VARIABLES.map(({ name }) => name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.has(name) && !/^(KEYTURN|SLACK)_/.test(name)));
}

export function keepBotAlive({ program, folder, env, stop }: BotOptions): Bot {
  let bot: ChildProcess | undefined;
  let closing = false;

  async function launch(): Promise<void> {
    bot = fork(program, [], { env, cwd: folder, silent: true, detached: true, execArgv: [] });
    const { pid } = bot;
    const ended = endOf(bot);
    await readiness(bot, ended);
    say(`The bot runs as process ${pid}. Try   kill -9 ${pid}   in the middle of a run: it is started again and goes on.`);
    void ended.then(again);
  }

  async function again(how: string): Promise<void> {
    if (closing) return;
    say(`The bot ended (${how}); it is started again.`);
    await launch().catch(async (error: unknown) => {
      if (!closing) await delay(PAUSE_MS);
      await again(error instanceof Error ? error.message : String(error));
    });
  }

  async function close(): Promise<void> {
    closing = true;
    if (bot !== undefined) await end(bot, stop.hurry);
  }

  void stop.asked.then(close);
  return { ready: launch(), close };
}

/** How it ended, in words. */
async function endOf(child: ChildProcess): Promise<string> {
  const [code, signal] = await once(child, 'exit');
  return signal === null ? `exit code ${code}` : String(signal);
}

/** Resolves at the bot's own word that it is ready; shows what it says about trouble. */
function readiness(child: ChildProcess, ended: Promise<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    ended.then((how) => reject(new Error(`the bot ended before it was ready (${how})`)), reject);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        const words = heard(line);
        if (words === 'ready') resolve();
        else if (words !== undefined) say(`bot: ${words}`);
      });
    }
  });
}

async function end(child: ChildProcess, hurry: AbortSignal): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = AbortSignal.any([hurry, AbortSignal.timeout(PATIENCE_MS)]);
  const kill = (): boolean => child.kill('SIGKILL');
  if (patience.aborted) kill();
  patience.addEventListener('abort', kill);
  await gone;
  patience.removeEventListener('abort', kill);
}
