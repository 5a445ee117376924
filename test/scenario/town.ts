/**
 * A whole town for scenarios: the sandbox Slack, a real Redis, sandbox AtScale hosts behind real OpenSSH servers, and the built bot as a process
 * of its own, that can be killed and started again. Scenarios read what people see: the thread, private answers, and the hosts' own log.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { clusterFile } from '../../infra/sandbox/cluster-file.ts';
import { type AtscaleCluster, type AtscaleOptions, createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import type { SandboxProduct } from '../../infra/sandbox/hosts/product.ts';
import {
  controlsOf,
  type Message,
  type SandboxOptions,
  type SandboxSlack,
  type Seen,
  startSandboxSlack,
  visibleText,
} from '../../infra/sandbox/slack/server.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { expectExported } from '../support/exported.ts';
import { allOf, expectSound } from '../support/sound.ts';
import { type Hosts, startHosts } from '../support/sandbox-hosts.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const OPS = 'ops';

export type TownOptions = {
  readonly slack?: SandboxOptions;
  /** Changes the text of every procedure, for shorter waits than a real cluster needs. */
  readonly procedures?: (yaml: string) => string;
  /** Keys of the cluster file beside the usual ones, or in their place. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the first process is; `both` unless told. */
  readonly role?: 'both' | 'bot';
  /** True: everything stands but the bot, until `startBot`. */
  readonly withoutBot?: boolean;
  /** True: the test damages journals on purpose, so that they are not judged at the end. */
  readonly tampers?: boolean;
  /** Files that procedures copy from the worker, by name: each is made at the path that it is given. */
  readonly files?: Readonly<Record<string, (path: string) => void>>;
};

/** A run's thread as a person reads it. */
export interface ThreadView {
  readonly ts: string;
  readonly run: string;
  messages(): readonly Message[];
  texts(): readonly string[];
  /** The first message of the thread whose words match; waits for it. */
  see(words: RegExp, timeoutMs?: number): Promise<Message>;
  /** Presses a button on the newest message that has it; waits until one has it. */
  press(person: string, label: RegExp, timeoutMs?: number): Promise<Seen>;
  /** Presses Approve as a second person as often as it is asked for, until the run ends. */
  approveToTheEnd(person?: string): Promise<void>;
}

export interface Town<Product extends SandboxProduct = AtscaleCluster> {
  readonly slack: SandboxSlack;
  readonly hosts: Hosts<Product> & { readonly cluster: Product };
  readonly redis: TestRedis;
  readonly folder: string;
  /** The environment that the bot is started with. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** What the bot printed so far. */
  readonly log: readonly string[];
  /** The first line of the log that matches; waits for it. */
  logged(words: RegExp, timeoutMs?: number): Promise<string>;
  /** Types a restart and waits for its top card. */
  begin(text?: string, person?: string): Promise<ThreadView>;
  type(person: string, text: string, channel?: string): Promise<Seen>;
  /** The private answers that a person got, as text. */
  told(person: string): string;
  startBot(): Promise<void>;
  killBot(): Promise<void>;
  botPid(): number;
  /** A further process of a role, beside the bot; ended with the town. */
  spawn(role: 'bot' | 'worker'): Promise<{ readonly pid: number; kill(): Promise<void> }>;
  /** Ends everything; fails if a journal of the town is not sound. */
  close(): Promise<void>;
}

/** An AtScale cluster `atscale-prod` and everything around it, the bot ready. */
export function startTown({ hosts, ...options }: TownOptions & { readonly hosts?: AtscaleOptions } = {}): Promise<Town> {
  return startTownOn('atscale-prod', (dir) => createAtscaleCluster(dir, hosts), options);
}

/** The same for any product; `name` is the cluster's. Everything started, the bot ready. */
export async function startTownOn<Product extends SandboxProduct>(
  name: string,
  make: (dir: string) => Product | Promise<Product>,
  options: TownOptions = {},
): Promise<Town<Product>> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-town-'));
  const redis = await startRedis();
  const slack = await startSandboxSlack({ rates: 'off', ...options.slack });
  const product = await make(mkdtempSync(join(tmpdir(), 'keyturn-hosts-')));
  const hosts = { ...(await startHosts(product)), cluster: product };
  const log = new BotLog();
  const keyFile = join(folder, 'data', 'installation.key');
  let bot: ChildProcess | undefined;
  const others: ChildProcess[] = [];

  function close(): Promise<void> {
    return allOf(
      () => Promise.all([bot, ...others].map((child) => end(child, 'SIGTERM'))),
      () => slack.close(),
      () => hosts.close(),
      () => (options.tampers === true ? undefined : expectSound(redis.url, keyFile)),
      () => (options.tampers === true ? undefined : expectExported({ redisUrl: redis.url, keyFile, folder: join(folder, 'data') })),
      () => redis.stop(),
      () => rmSync(folder, { recursive: true, force: true }),
    );
  }

  const env = await orClosed(close, () => layOut(folder, name, hosts, slack, redis, options));

  async function startBot(): Promise<void> {
    bot = await launch(env, folder, log, options.role ?? 'both');
  }

  if (options.withoutBot !== true) await orClosed(close, startBot);
  return {
    slack,
    hosts,
    redis,
    folder,
    env,
    log: log.lines,
    logged: (words, timeoutMs) => log.first(words, timeoutMs),
    startBot,
    killBot: () => end(bot, 'SIGKILL'),
    botPid: () => bot?.pid ?? 0,
    spawn: async (role) => {
      const child = await launch(env, folder, log, role);
      others.push(child);
      return { pid: child.pid ?? 0, kill: () => end(child, 'SIGKILL') };
    },
    type: (person, text, channel = OPS) => slack.person(person).command({ channel, text }),
    told: (person) => slack.ephemerals(person).map(visibleText).join('\n'),
    begin: (text = '/ha restart atscale-prod', person = 'dana') => begin(slack, text, person),
    close,
  };
}

/** A town that cannot be set up leaves nothing running. */
async function orClosed<T>(close: () => Promise<void>, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await close();
    throw error;
  }
}

async function end(child: ChildProcess | undefined, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function layOut(
  folder: string,
  name: string,
  hosts: Hosts,
  slack: SandboxSlack,
  redis: TestRedis,
  options: TownOptions,
): NodeJS.ProcessEnv {
  const [clusters, procedures, data, files] = ['clusters', 'procedures', 'data', 'files'].map((part) => join(folder, part)) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of [clusters, data, files]) mkdirSync(path, { mode: 0o700 });
  for (const [file, put] of Object.entries(options.files ?? {})) put(join(files, file));
  cpSync(join(ROOT, 'procedures'), procedures, { recursive: true });
  for (const product of readdirSync(procedures)) {
    for (const file of readdirSync(join(procedures, product))) {
      if (/(?<!\.test)\.yaml$/.test(file)) rewrite(join(procedures, product, file), options.procedures ?? quick);
    }
  }
  writeFileSync(join(data, 'known_hosts'), hosts.knownHosts);
  const people = { start: ['U0DANA0001'], approve: ['S0APPROVE1'], announce: ['C0STAKE001'] };
  writeFileSync(
    join(clusters, `${name}.yaml`),
    clusterFile({ name, title: titleOf(name), ...hosts, hosts: hosts.hostEntries, ...people, more: options.cluster ?? {} }),
  );
  return {
    PATH: process.env.PATH,
    ...slack.env,
    REDIS_URL: redis.url,
    KEYTURN_CLUSTERS: clusters,
    KEYTURN_PROCEDURES: procedures,
    KEYTURN_DATA: data,
    KEYTURN_FILES: files,
    KEYTURN_POSTS_PER_SECOND: '100',
    LOG_LEVEL: 'debug',
    ...options.env,
  };
}

/** `atscale-prod` → AtScale production. */
function titleOf(name: string): string {
  const product = name.replace(/-prod$/, '');
  return `${{ atscale: 'AtScale', alation: 'Alation', amp: 'AMP' }[product] ?? product} production`;
}

/** Polls as often as the sandbox hosts change. */
export function quick(yaml: string): string {
  return yaml.replaceAll(/\bevery: \d+s/g, 'every: 200ms').replaceAll(/\bgrowing_to: \d+[smh]/g, 'growing_to: 400ms');
}

function rewrite(file: string, change: (yaml: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

/** What all processes of the town printed. */
class BotLog extends EventEmitter {
  readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
    this.emit('line');
  }

  async first(words: RegExp, timeoutMs = 20_000): Promise<string> {
    const late = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = this.lines.find((line) => words.test(line));
      if (found !== undefined) return found;
      if (late.aborted) throw new Error(`nothing in the log within ${timeoutMs} ms like ${words}`);
      await once(this, 'line', { signal: late }).catch(() => undefined);
    }
  }
}

async function launch(env: NodeJS.ProcessEnv, folder: string, log: BotLog, role: string): Promise<ChildProcess> {
  const child = fork(join(ROOT, 'dist', 'src', 'main.js'), [role], { env, cwd: folder, silent: true, execArgv: [] });
  const ready = new Promise<void>((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.add(line);
        if (line.includes('Keyturn is ready')) done();
      });
    }
    child.once('exit', (code) => failed(new Error(`the bot ended with code ${code} before it was ready:\n${log.lines.join('\n')}`)));
  });
  await ready;
  return child;
}

async function begin(slack: SandboxSlack, text: string, person: string): Promise<ThreadView> {
  const before = new Set(
    slack
      .channel(OPS)
      .messages()
      .map((message) => message.ts),
  );
  await slack.person(person).command({ channel: OPS, text });
  const top = await slack.waitFor(
    () =>
      slack
        .channel(OPS)
        .messages()
        .find((message) => !before.has(message.ts)),
    { what: `the top card of ${text}` },
  );
  const run = /run[2-9a-z]{8}/.exec(visibleText(top))?.[0];
  if (run === undefined) throw new Error(`no run id in the top card: ${visibleText(top)}`);
  return view(slack, top.ts, run);
}

function view(slack: SandboxSlack, ts: string, run: string): ThreadView {
  const messages = (): readonly Message[] => slack.channel(OPS).thread(ts);

  function withButton(label: RegExp): Message | undefined {
    return messages().findLast((message) => controlsOf(message.blocks).some((control) => label.test(control.label)));
  }

  async function press(person: string, label: RegExp, timeoutMs = 20_000): Promise<Seen> {
    const message = await slack.waitFor(() => withButton(label), { what: `a button ${label} in the thread`, timeoutMs });
    return slack.person(person).click({ channel: OPS, ts: message.ts, label });
  }

  return {
    ts,
    run,
    messages,
    texts: () => messages().map(visibleText),
    see: (words, timeoutMs = 20_000) =>
      slack.waitFor(() => messages().find((message) => words.test(visibleText(message))), { what: `${words} in the thread`, timeoutMs }),
    press,
    async approveToTheEnd(person = 'sam') {
      const over = (): boolean =>
        messages()[0] !== undefined && !controlsOf(messages()[0]?.blocks).some((control) => /Cancel/.test(control.label));
      for (;;) {
        await slack.waitFor(() => over() || withButton(/^Approve/), { what: 'an approval card or the end', timeoutMs: 30_000 });
        if (over()) return;
        await press(person, /^Approve/);
        const asked = withButton(/^Approve/)?.ts;
        await slack.waitFor(() => over() || withButton(/^Approve/)?.ts !== asked, {
          what: 'the card without its buttons',
          timeoutMs: 30_000,
        });
      }
    },
  };
}
