/**
 * The demo: a sandbox Slack with its page, sandbox hosts over SSH, a Redis of its own, and the real bot as a process of its own.
 *
 * Owns the order of starting and stopping. Leaves the parts to their own files: the folder, the bot's process, what runs on hosts.
 *
 * Invariants
 *   D1  everything is kept under one folder with the same ports: killed at any moment and started again, the thread, the hosts and the run go on
 *   D2  a stop leaves no process behind: the bot first, then what it left running on hosts, then Redis (which the bot uses as well, so that it
 *       ends with the last of the two, whichever of them is killed), the hosts and the page last
 *   D3  the bot gets nothing of the person's environment that would lead it to another Slack, Redis or cluster
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { explain } from '../../src/errors.ts';
import { startOwnRedis } from '../../src/redis/own-server.ts';
import { botEnvironment, keepBotAlive } from './demo/bot.ts';
import { type DemoClusters, startDemoClusters } from './demo/clusters.ts';
import { beginAnew, pagePort, rememberPort, takeFolder, taken } from './demo/folder.ts';
import { endHostProcesses } from './demo/host-processes.ts';
import { openPage } from './demo/open-page.ts';
import { demoSettings, type Settings } from './demo/settings.ts';
import { awaitStop, type Stop } from './demo/stop.ts';
import { say, tellLeft, welcome } from './demo/words.ts';
import { type SandboxSlack, startSandboxSlack } from './slack/server.ts';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');

type Releases = (() => Promise<void> | void)[];

async function main(): Promise<void> {
  const settings = demoSettings(process.argv.slice(2), process.env, ROOT);
  const stop = awaitStop(say);
  const releases: Releases = [];
  try {
    await start(settings, releases, stop);
    await stop.asked;
  } catch (error) {
    if (!stop.isAsked()) throw error;
  } finally {
    for (const release of releases.reverse()) await release();
  }
  say('Stopped; nothing is left running.');
}

async function start(settings: Settings, releases: Releases, stop: Stop): Promise<void> {
  const { folder } = settings;
  await takeFolder(folder);
  if (settings.fresh) await beginAnew(folder);
  const slack = await openSlack(settings);
  releases.push(() => slack.close());
  await rememberPort(folder, Number(new URL(slack.url).port));
  stop.check();
  const clusters = await startDemoClusters(join(folder, 'hosts'), settings.hurried);
  releases.push(() => clusters.close());
  tellLeft(clusters.leftAs);
  const paths = await layOut(folder, clusters);
  stop.check();
  const redis = await startOwnRedis(paths.KEYTURN_DATA, pino({ level: 'silent' }));
  releases.push(() => redis.stop());
  releases.push(() => endHostProcesses(clusters.groups, stop.hurry));
  stop.check();
  const env = { ...botEnvironment(process.env), ...slack.env, ...paths, ...(settings.hurried ? { KEYTURN_POSTS_PER_SECOND: '100' } : {}) };
  const bot = keepBotAlive({ program: join(ROOT, 'dist', 'src', 'main.js'), folder, env, stop });
  releases.push(() => bot.close());
  await bot.ready;
  welcome(slack.pageUrl, folder, slack.env.SLACK_BOT_TOKEN);
  openPage(slack.pageUrl);
}

async function openSlack({ folder, port, hurried }: Settings): Promise<SandboxSlack> {
  const wanted = await pagePort(folder, port);
  try {
    return await startSandboxSlack({ port: wanted, keep: join(folder, 'slack.json'), ...(hurried ? { rates: 'off' } : {}) });
  } catch (error) {
    throw taken(wanted, error);
  }
}

/** The files that lead the bot to the sandbox hosts; answers the variables that name them. */
async function layOut(
  folder: string,
  { files, knownHosts, workerFiles }: DemoClusters,
): Promise<Readonly<Record<'KEYTURN_CLUSTERS' | 'KEYTURN_DATA' | 'KEYTURN_PROCEDURES', string>>> {
  const clusters = join(folder, 'clusters');
  const data = join(folder, 'data');
  await mkdir(clusters, { recursive: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'known_hosts'), knownHosts);
  const own = join(data, 'files');
  await mkdir(own, { recursive: true, mode: 0o700 });
  for (const [name, path] of Object.entries(workerFiles)) await copyFile(path, join(own, name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(clusters, name), text);
  return { KEYTURN_CLUSTERS: clusters, KEYTURN_DATA: data, KEYTURN_PROCEDURES: join(ROOT, 'procedures') };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(`The demo cannot start: ${explain(error)}`);
    process.exit(1);
  },
);
