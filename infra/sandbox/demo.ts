/**
 * The demo: a sandbox Slack with its page, sandbox hosts over SSH, and the real bot as a process of its own.
 *
 * Everything it knows is kept under one folder with the same ports, so that it can be killed at any moment and started again: the thread,
 * the hosts' states, Redis and the run go on. The bot alone may be killed too (its pid is printed): it is started again at once.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { explain } from '../../src/errors.ts';
import { demoClusterFile } from './cluster-file.ts';
import { startDemoHosts } from './hosts/demo-hosts.ts';
import { startSandboxSlack } from './slack/server.ts';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');
const FOLDER = join(ROOT, '.keyturn', 'demo');
const PAGE_PORT = Number(process.env.PORT ?? 4700);

type Release = () => Promise<void> | void;

async function main(): Promise<void> {
  const releases: Release[] = [];
  const close = async (): Promise<void> => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  stopOnSignal(close);
  try {
    await start(releases);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(releases: Release[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  const slack = await startSandboxSlack({ port: PAGE_PORT, keep: join(FOLDER, 'slack.json') });
  releases.push(() => slack.close());
  const hosts = await startDemoHosts(join(FOLDER, 'hosts'));
  releases.push(() => hosts.close());
  const clusters = join(FOLDER, 'clusters');
  const data = join(FOLDER, 'data');
  await mkdir(clusters, { recursive: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'known_hosts'), hosts.knownHosts);
  await writeFile(join(clusters, 'atscale-prod.yaml'), demoClusterFile(hosts));
  const env = {
    ...process.env,
    ...slack.env,
    KEYTURN_CLUSTERS: clusters,
    KEYTURN_DATA: data,
    KEYTURN_PROCEDURES: join(ROOT, 'procedures'),
  };
  releases.push(await keepBotAlive(env));
  welcome(slack.pageUrl);
}

/** Starts the bot, and again whenever it dies without being asked to. Resolves when it is ready for the first time. */
async function keepBotAlive(env: NodeJS.ProcessEnv): Promise<Release> {
  let bot: ChildProcess | undefined;
  let stopping = false;

  async function run(): Promise<void> {
    const child = fork(join(ROOT, 'dist', 'src', 'main.js'), [], { env, cwd: FOLDER, silent: true });
    bot = child;
    child.once('exit', (code, signal) => {
      if (stopping) return;
      say(`The bot (pid ${child.pid ?? '?'}) ended with ${signal ?? `code ${code}`}; it is started again.`);
      run().catch((error: unknown) => say(`The bot did not come back: ${explain(error)}`));
    });
    await ready(child);
    say(`The bot runs as pid ${child.pid ?? '?'}: kill -9 it in the middle of a run and watch the thread go on.`);
  }

  await run();
  return async () => {
    stopping = true;
    if (bot === undefined || bot.exitCode !== null || bot.signalCode !== null) return;
    const ended = new Promise((done) => bot?.once('exit', done));
    bot.kill('SIGTERM');
    await ended;
  };
}

/** Resolves at the bot's own word that it is ready; shows what it says about trouble. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    child.once('exit', (code) => failed(new Error(`the bot ended with code ${code} before it was ready`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (line.includes('"Keyturn is ready"')) done();
        if (/"level":(40|50|60)/.test(line) || !line.startsWith('{')) say(`bot: ${line}`);
      });
    }
  });
}

function welcome(pageUrl: string): void {
  say('');
  say(`The demo is ready: open ${pageUrl} in a browser.`);
  say('  1. As Dana Reyes type   /ha restart atscale-prod');
  say('  2. Open the thread; when it asks, switch to Sam Okafor and press Approve.');
  say('  3. Try it as Dana (the requester) or as Alex (no rights): both are refused.');
  say('Press Ctrl-C to stop; nothing is left running. What was done is kept in .keyturn/demo; delete that folder to begin anew.');
}

function stopOnSignal(close: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      say('Stopping…');
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          say(explain(error));
          process.exit(1);
        },
      );
    });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  say(`The demo cannot start: ${explain(error)}`);
  process.exit(1);
});
