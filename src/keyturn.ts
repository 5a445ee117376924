/**
 * Puts the parts together, in the order in which they need each other, and takes them apart in reverse. The one file that knows every part;
 * `main.ts` gives it the environment and the signals.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config, SlackConfig } from './config.ts';
import { KeyturnError } from './errors.ts';
import { loadLibrary } from './files/load.ts';
import { followFeed } from './journal/feed.ts';
import { createJournal, type Journal } from './journal/journal.ts';
import { createLeases, type Leases } from './journal/leases.ts';
import { createLive, type Live, subscribeLive } from './journal/live.ts';
import { createNotes } from './journal/notes.ts';
import { createNudges, type Nudges } from './queue/nudges.ts';
import { startSweeper } from './queue/sweeper.ts';
import { createOutputStore } from './record/output.ts';
import { readOutput } from './record/read-output.ts';
import { checkRedis } from './redis/check.ts';
import { connectRedis, disconnectRedis, type RedisClient } from './redis/connect.ts';
import { startOwnRedis } from './redis/own-server.ts';
import { type RunEvent, runEventSchema } from './run/events.ts';
import { fold } from './run/evolve.ts';
import { createSlack, type Slack } from './slack/app.ts';
import { createDirectory } from './slack/directory.ts';
import { createOutbox, type Outbox } from './slack/outbox/outbox.ts';
import type { RunReader } from './slack/outbox/ports.ts';
import { createOutboxClient, createSlackWeb } from './slack/outbox/web.ts';
import type { Desk, Live as ShownLive } from './slack/ports.ts';
import { createWebClient, identify } from './slack/web.ts';
import { type Attempts, createAttempts } from './ssh/attempt.ts';
import { type Connections, createConnections } from './ssh/connections.ts';
import { probe } from './ssh/probe.ts';
import { createDesk } from './worker/desk.ts';
import { createDriver } from './worker/drive.ts';
import type { Hands } from './worker/hands.ts';
import { createDue, createHandler } from './worker/work.ts';

const SWEEP_MS = 5_000;

export interface Keyturn {
  readonly desk: Desk;
  readonly outbox: Outbox | undefined;
  readonly slack: Slack | undefined;
  /** Stops in reverse: no new work, handlers to their end, connections last. What runs on hosts goes on there. */
  close(): Promise<void>;
}

type Release = () => Promise<void> | void;

/** Builds and starts what the configuration's role asks for. Throws KeyturnError for what an operator can put right. */
export async function startKeyturn(config: Config, log: Logger): Promise<Keyturn> {
  const releases: Release[] = [];
  const close = async (): Promise<void> => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  try {
    return { ...(await build(config, log, releases)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(config: Config, log: Logger, releases: Release[]): Promise<Omit<Keyturn, 'close'>> {
  for (const notice of config.notices) log.warn(notice);
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const url = config.redisUrl ?? (await ownRedis(config, log, releases));
  const redis = await connected(url, 'journal', log, releases);
  for (const warning of await checkRedis(redis)) log.warn(warning);
  const base = createBase(config, log, url, redis);
  const nudges = await createNudges({ url, log });
  releases.push(() => nudges.close());
  const hands = createHands(config, log, base, releases);
  const desk = createDesk({
    journal: base.journal,
    library: base.library,
    nudge: (run, key) => nudges.nudge(run, key),
    hands,
    now: Date.now,
    runId,
  });
  refuseBadFiles(base, log);
  if (config.role !== 'bot') await startWorker(base, hands, nudges, releases);
  const front = config.slack === undefined ? undefined : await startBot(base, config.slack, desk, releases);
  return { desk, outbox: front?.outbox, slack: front?.slack };
}

type Base = {
  readonly config: Config;
  readonly log: Logger;
  readonly url: string;
  readonly redis: RedisClient;
  readonly journal: Journal<RunEvent>;
  readonly leases: Leases;
  readonly library: () => ReturnType<typeof loadLibrary>;
  /** Unique to this process. */
  readonly owner: string;
};

function createBase(config: Config, log: Logger, url: string, redis: RedisClient): Base {
  return {
    config,
    log,
    url,
    redis,
    journal: createJournal<RunEvent>({ redis, decode: (value) => runEventSchema.parse(value), replicas: config.replicas }),
    leases: createLeases(redis),
    library: () => loadLibrary({ procedures: config.procedures, clusters: config.clusters }),
    owner: randomUUID(),
  };
}

async function ownRedis(config: Config, log: Logger, releases: Release[]): Promise<string> {
  const own = await startOwnRedis(config.data, log);
  releases.push(() => own.stop());
  return own.url;
}

async function connected(url: string, role: 'journal' | 'blocking', log: Logger, releases: Release[]): Promise<RedisClient> {
  const client = await connectRedis(url, { role, log });
  releases.push(() => disconnectRedis(client));
  return client;
}

/** A broken file never hides the others, and is told at start as well as to whoever asks for it. */
function refuseBadFiles(base: Base, log: Logger): void {
  const library = base.library();
  for (const finding of library.findings) log.error({ file: finding.file, line: finding.line, column: finding.column }, finding.message);
  if (library.procedures.length === 0 && library.findings.length === 0) {
    throw new KeyturnError(
      'NO_PROCEDURES',
      `no procedure was found in ${base.config.procedures}`,
      'KEYTURN_PROCEDURES names the folder with <product>/<name>.yaml',
    );
  }
}

function createHands(config: Config, log: Logger, base: Base, releases: Release[]): Hands {
  const connections: Connections = createConnections({ knownHostsPath: join(config.data, 'known_hosts'), log });
  const attempts: Attempts = createAttempts({ connections, outputs: createOutputStore(config.data), log });
  releases.push(
    () => connections.close(),
    () => attempts.close(),
  );
  return {
    journal: base.journal,
    attempts,
    probe: (target, ask) => probe(connections, target, ask),
    live: createLive(base.redis),
    outputText: (output, maxBytes) => readOutput(config.data, output, maxBytes),
    login: config.ssh,
    now: Date.now,
    id: () => randomBytes(12).toString('hex'),
    log,
  };
}

async function startWorker(base: Base, hands: Hands, nudges: Nudges, releases: Release[]): Promise<void> {
  const { log, journal, leases, owner } = base;
  const driver = createDriver(hands);
  const stop = new AbortController();
  const feed = await connectRedis(base.url, { role: 'blocking', log });
  const following = followFeed({
    redis: feed,
    from: 'now',
    signal: stop.signal,
    log,
    onNews: (news) => {
      if (news.kind === 'entries') for (const entry of news.entries) driver.news(entry.run, entry.seq);
    },
  });
  const working = await nudges.work(createHandler({ driver, leases, nudges, owner, now: Date.now }));
  const sweeper = startSweeper({
    openRuns: () => journal.openRuns(),
    due: createDue(journal, nudges.isPending, Date.now),
    isBeating: (run) => leases.isBeating(run),
    nudges,
    intervalMs: SWEEP_MS,
    now: Date.now,
    log,
    name: owner,
  });
  releases.push(
    () => disconnectRedis(feed),
    () => following,
    () => stop.abort(),
    () => working.close(),
    () => sweeper.stop(),
  );
}

async function startBot(base: Base, slackConfig: SlackConfig, desk: Desk, releases: Release[]): Promise<{ outbox: Outbox; slack: Slack }> {
  const { log } = base;
  const web = createWebClient(slackConfig, log);
  const identity = await identify(web);
  const outbox = createOutbox({
    web: createSlackWeb(createOutboxClient({ token: slackConfig.botToken, slackApiUrl: slackConfig.apiUrl, logger: log })),
    journal: await createReader(base, releases),
    notes: createNotes(base.redis),
    leases: base.leases,
    log,
    workspace: identity.teamId,
    owner: base.owner,
    onRewind: (run, seen, head) =>
      log.fatal({ run, seen, head }, 'the thread has seen events that the journal no longer holds: Redis was rewound'),
  });
  await outbox.start();
  releases.push(() => outbox.close());
  const directory = createDirectory({ web, identity, log });
  const slack = createSlack({ config: slackConfig, identity, desk, web, directory, log, permalinkOf: (run) => outbox.permalink(run) });
  await slack.start();
  releases.push(() => slack.close());
  return { outbox, slack };
}

/** What the outbox reads: the journals, the feed of their growth, and what runs just now. */
async function createReader(base: Base, releases: Release[]): Promise<RunReader> {
  const { journal, log } = base;
  const feed = await connected(base.url, 'blocking', log, releases);
  const liveFeed = await connected(base.url, 'blocking', log, releases);
  const listeners = new Set<(live: ShownLive) => void>();
  const stop = new AbortController();
  releases.push(() => stop.abort());
  const onLive = (live: Live): void => {
    for (const listener of listeners) listener(shown(live));
  };
  await subscribeLive({ redis: liveFeed, signal: stop.signal, onLive });
  return {
    readRun: async (run) => {
      const recorded = await journal.read(run);
      return { state: fold(run, recorded), recorded };
    },
    openRuns: () => journal.openRuns(),
    finishedRuns: async (limit) => (await journal.finishedRuns({ limit })).map((finished) => finished.run),
    followFeed: (from, onNews, signal) => followFeed({ redis: feed, from, onNews, signal, log }),
    onLive: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function shown(live: Live): ShownLive {
  const { text, ...rest } = live;
  return { ...rest, tail: text, seen: live.seen };
}

const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

/** One unbroken word that Slack's search finds, without letters that are misread aloud; 31^8 of them. */
function runId(): string {
  return `run${[...randomBytes(8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}
