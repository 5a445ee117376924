/**
 * Puts the parts together, in the order in which they need each other, and takes them apart in reverse. The one file that knows every part;
 * `main.ts` gives it the environment and the signals.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { startKeeper } from './archive/keeper.ts';
import { type Base, createBase, type Release } from './base.ts';
import type { Bot, Watched } from './bot.ts';
import type { Config, SlackConfig } from './config.ts';
import { createHeartbeats, type Heartbeats } from './health/heartbeats.ts';
import type { Status } from './health/status.ts';
import { NO_TALLY, type Tally } from './health/tally.ts';
import { ensureFolder, ownFolders } from './data-folder.ts';
import { explain } from './errors.ts';
import { openInstallationKey } from './installation-key.ts';
import { recogniseKey } from './journal/known-key.ts';
import { recogniseStore } from './journal/known-store.ts';
import { createLive } from './journal/live.ts';
import { createNotes } from './journal/notes.ts';
import { createNudges } from './queue/nudges.ts';
import { createOutputStore } from './record/output.ts';
import { readOutput } from './record/read-output.ts';
import { checkRedis } from './redis/check.ts';
import { connected } from './redis/connected.ts';
import { startOwnRedis } from './redis/own-server.ts';
import type { Desk } from './slack/ports.ts';
import { type Attempts, createAttempts } from './ssh/attempt.ts';
import { type Connections, createConnections } from './ssh/connections.ts';
import { createFiles } from './ssh/files.ts';
import { probe } from './ssh/probe.ts';
import { createApprovers, type WhoIs } from './worker/approvers.ts';
import { startStaff } from './staff.ts';
import { createDesk } from './worker/desk.ts';
import { createLateNotes } from './worker/late-notes.ts';
import { createEmergencies } from './worker/emergencies.ts';
import type { Hands } from './worker/hands.ts';
import { createLastSteps } from './worker/last-step.ts';
import { createLastTime } from './worker/last-time.ts';
import { createOwnFiles } from './worker/own-files.ts';
import { createRefusals } from './worker/refusals.ts';
import { createSecrets } from './worker/secrets.ts';
import { createStager } from './worker/stage.ts';
import { createTalks } from './worker/talk.ts';
import { createWhoIs } from './who-is.ts';
import { releaseAll } from './release.ts';

export interface Keyturn {
  readonly desk: Desk;
  /** Absent in a worker. */
  readonly bot: Bot | undefined;
  /** Stops in reverse: no new work, handlers to their end, connections last. What runs on hosts goes on there. Ends within a minute; never rejects. */
  close(): Promise<void>;
}

/** Builds and starts what the configuration's role asks for. Throws KeyturnError for what an operator can put right. */
export async function startKeyturn(config: Config, log: Logger): Promise<Keyturn> {
  const releases: Release[] = [];
  const close = (): Promise<void> => releaseAll(releases.splice(0).reverse(), log);
  try {
    return { ...(await build(config, log, releases)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(config: Config, log: Logger, releases: Release[]): Promise<Omit<Keyturn, 'close'>> {
  for (const notice of config.notices) log.warn(notice);
  for (const folder of ownFolders(config)) await ensureFolder(folder);
  const heartbeats = createHeartbeats();
  const status = await openStatusFor(config, heartbeats, log, releases);
  const keyFor = await openInstallationKey(config.keyFile);
  const url = config.redisUrl ?? (await ownRedis(config, log, releases));
  const redis = await connected(url, 'journal', log, releases);
  for (const warning of await checkRedis(redis)) log.warn(warning);
  await recogniseKey(redis, keyFor, config.keyFile);
  const base = createBase(config, log, url, redis, keyFor, (run) => status?.damaged(run));
  await tellOtherStore(base);
  await tellCutLogs(base);
  const tally = status?.tally ?? NO_TALLY;
  const keeper = startKeeper({
    ...base,
    notes: createNotes(redis, base.archive),
    onBeat: heartbeats.loop('archive', ARCHIVE_LIMIT_MS),
    onKept: tally.archiveKept,
    onArchived: tally.archived,
  });
  releases.push(() => keeper.close());
  const nudges = await createNudges({ url, log });
  releases.push(() => nudges.close());
  if (status !== undefined) releases.push(await status.withStore({ ...base, nudges }));
  const whoIs = createWhoIs(base);
  const hands = createHands(config, log, base, whoIs, tally, releases);
  const desk = createDesk({
    journal: base.journal,
    library: base.library,
    nudge: (run, key) => nudges.nudge(run, key),
    hands,
    noteRefusal: createRefusals(base.register, Date.now, hands.id, log),
    keepLateNote: createLateNotes({ register: base.register, now: Date.now, log }),
    whoIs,
    now: Date.now,
    log,
    runId,
  });
  tellBadFiles(base, log);
  const [forStaff, forBot]: [Release[], Release[]] = [[], []];
  // Neither half waits for the other to end: each may take the seconds that Redis or Slack leave it hanging.
  releases.push(async () => void (await Promise.all([forStaff, forBot].map((half) => releaseAll(half.reverse(), log)))));
  if (config.role !== 'bot') {
    const staff = await startStaff({ ...base, hands, nudges, onSwept: heartbeats.loop('sweep', SWEEP_LIMIT_MS) });
    forStaff.push(() => staff.close());
  }
  const bot = config.slack === undefined ? undefined : await bringUpBot(base, config.slack, desk, { heartbeats, status }, forBot);
  status?.started();
  releases.push(() => status?.stopping());
  return { desk, bot };
}

/** A worker never loads Bolt: it would cost half a second and thirty megabytes for nothing. */
async function bringUpBot(base: Base, slack: SlackConfig, desk: Desk, watched: Watched, releases: Release[]): Promise<Bot> {
  const { startBot } = await import('./bot.ts');
  return startBot(base, slack, desk, watched, releases);
}

/** Where nobody asks, nothing is loaded and nothing is opened. */
async function openStatusFor(config: Config, heartbeats: Heartbeats, log: Logger, releases: Release[]): Promise<Status | undefined> {
  if (config.status === undefined) return undefined;
  const { openStatus } = await import('./health/status.ts');
  const status = await openStatus(config.status, heartbeats, log);
  releases.push(() => status.close());
  return status;
}

async function ownRedis(config: Config, log: Logger, releases: Release[]): Promise<string> {
  const own = await startOwnRedis(config.data, log);
  releases.push(() => own.stop());
  return own.url;
}

async function tellOtherStore({ config, journal, log }: Base): Promise<void> {
  if ((await recogniseStore(config.data, await journal.storeId())) !== 'other') return;
  log.error(
    'this Redis is not the one that held the journals before, or it was emptied: runs that were open then are not known here, ' +
      'their clusters are not locked, and what they began may still run on hosts. Check REDIS_URL, and the hosts, before you start anything',
  );
}

/** What was cut off while no process ran is in no journal's own chain. */
async function tellCutLogs({ runs, register, log }: Base): Promise<void> {
  const check = 'whether Redis was restored from a copy or emptied, and who can write there; `keyturn verify` names what is gone';
  const lost = await runs.lost().catch(explain);
  if (lost !== undefined) log.fatal({ code: 'RUNS_FORGED', check }, `The list of runs is not what Keyturn wrote. ${lost}`);
  const unregistered = await register.lost().catch(explain);
  if (unregistered !== undefined) log.fatal({ code: 'REGISTER_FORGED', check }, `The register is not what Keyturn wrote. ${unregistered}`);
}

/** A broken file never hides the others, and is told at start as well as to whoever asks for it. */
function tellBadFiles(base: Base, log: Logger): void {
  const library = base.library();
  const people = base.people();
  const findings = [...library.findings, ...(people.kind === 'broken' ? people.findings : [])];
  for (const finding of findings) log.error({ file: finding.file, line: finding.line, column: finding.column }, finding.message);
  for (const [what, found, variable] of [
    ['procedure', library.procedures, 'KEYTURN_PROCEDURES'],
    ['cluster', library.clusters, 'KEYTURN_CLUSTERS'],
  ] as const) {
    if (found.length === 0) log.warn(`no ${what} can be used: ${variable} names the folder in which they are looked for`);
  }
}

function createHands(config: Config, log: Logger, base: Base, whoIs: WhoIs | undefined, tally: Tally, releases: Release[]): Hands {
  const connections: Connections = createConnections({ knownHostsPath: join(config.data, 'known_hosts'), log, onDial: tally.dialled });
  const attempts: Attempts = createAttempts({ connections, outputs: createOutputStore(config.record), log });
  releases.push(
    () => connections.close(),
    () => attempts.close(),
  );
  const files = createFiles({ connections });
  const stager = createStager(files);
  releases.push(() => stager.close());
  return {
    journal: base.journal,
    attempts,
    probe: (target, ask) => probe(connections, target, ask),
    files,
    stager,
    talks: createTalks(),
    secrets: createSecrets(process.env),
    ownFile: createOwnFiles(config.files),
    approvers: whoIs === undefined ? async () => ({ kind: 'good' }) : createApprovers(whoIs, Date.now),
    emergencies: createEmergencies(base),
    listing: base.listing,
    forget: (target) => connections.forget(target),
    lastTime: createLastTime(base.journal, Date.now),
    lastSteps: createLastSteps(base.journal),
    live: createLive(base.redis),
    outputText: (output, maxBytes) => readOutput(config.record, output, maxBytes),
    login: config.ssh,
    now: Date.now,
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    id: () => randomBytes(12).toString('hex'),
    log,
  };
}

/** A sweep looks at every open run, and each look that Redis leaves hanging takes five seconds. */
const SWEEP_LIMIT_MS = 120_000;
/** The archive is looked at every two minutes, and one run may be large. */
const ARCHIVE_LIMIT_MS = 600_000;

const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

/** One unbroken word that Slack's search finds, without letters that are misread aloud; 31^8 of them. */
function runId(): string {
  return `run${[...randomBytes(8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}
