/**
 * Many clusters at once on the real parts: Redis, journal, desk, driver, queue and Bolt, which hears signed HTTP requests as Slack sends them.
 * Only Slack itself and the hosts are stood in for; the hosts count what begins.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import pino from 'pino';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import type { SlackConfig } from '../../src/config.ts';
import type { Cluster } from '../../src/inventory/model.ts';
import { followFeed } from '../../src/journal/feed.ts';
import { createJournal, type Journal } from '../../src/journal/journal.ts';
import { createLeases } from '../../src/journal/leases.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import { createNudges } from '../../src/queue/nudges.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { type RunEvent, runEventSchema } from '../../src/run/events.ts';
import { evolve, fold } from '../../src/run/evolve.ts';
import type { RunState } from '../../src/run/state.ts';
import { createSlack } from '../../src/slack/app.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import type { Desk } from '../../src/slack/ports.ts';
import { startStaff } from '../../src/staff.ts';
import { createWebClient, identify } from '../../src/slack/web.ts';
import { createDesk } from '../../src/worker/desk.ts';
import { NO_LATE_NOTES } from '../../src/worker/late-notes.ts';
import { NO_EMERGENCIES } from '../../src/worker/emergencies.ts';
import { NO_LISTING } from '../../src/worker/listing.ts';
import type { Hands } from '../../src/worker/hands.ts';
import { createTalks } from '../../src/worker/talk.ts';
import { key } from '../journal/samples.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { allOf, expectSound } from '../support/sound.ts';
import { type CountingHosts, createCountingHosts } from './counting-hosts.ts';

export type Hall = {
  readonly slack: SandboxSlack;
  readonly desk: Desk;
  readonly hosts: CountingHosts;
  state(run: string): Promise<RunState>;
  /** The run as soon as `look` is content with it: looked at again after each growth of its journal. Throws when it takes too long. */
  until(run: string, look: (state: RunState) => boolean, what: string): Promise<RunState>;
  /** Ends the worker in the midst of what it does, and starts another one. */
  restartWorker(): Promise<void>;
  /** What was logged as an error. */
  readonly errors: readonly string[];
  close(): Promise<void>;
};

export type HallOptions = {
  readonly procedures: readonly Procedure[];
  readonly clusters: readonly Cluster[];
  readonly lasts: () => number;
};

/** Nothing may take longer than this, in milliseconds. */
const BOUND_MS = 30_000;

export async function openHall({ procedures, clusters, lasts }: HallOptions): Promise<Hall> {
  const redis = await startRedis({ appendonly: false });
  const port = await freePort();
  const slack = await startSandboxSlack({
    rates: 'off',
    // How soon it answers on a machine that does other things too is not what is proven here.
    ackTimeoutMs: BOUND_MS,
    delivery: { kind: 'http', requestUrl: `http://127.0.0.1:${port}/slack/events` },
  });
  const errors: string[] = [];
  // A worker that is ended in the midst of its work finds its connection gone; that is what it is ended for.
  const isOfRestart = (line: string): boolean => line.includes('Redis does not answer at present');
  const log = pino({ level: 'error' }, { write: (line: string) => void (isOfRestart(line) ? undefined : errors.push(line)) });
  const client = await connectRedis(redis.url, { role: 'journal', log });
  const journal = createJournal<RunEvent>({ redis: client, decode: (event) => runEventSchema.parse(event), key });
  const nudges = await createNudges({ url: redis.url, log });
  const hosts = createCountingHosts(lasts);
  const hands = handsOn(journal, hosts, log);
  const desk = createDesk({
    journal,
    library: () => ({ procedures: [...procedures], clusters: [...clusters], findings: [], broken: [] }),
    nudge: (run, key) => nudges.nudge(run, key),
    hands,
    noteRefusal: async () => undefined,
    keepLateNote: NO_LATE_NOTES,
    now: Date.now,
    log,
    runId: () => `run${randomBytes(6).toString('hex')}`,
  });
  const config: SlackConfig = {
    botToken: slack.botToken,
    transport: { kind: 'http', signingSecret: slack.signingSecret, port },
    apiUrl: slack.url,
  };
  const web = createWebClient(config, log);
  const identity = await identify(web);
  const directory = createDirectory({ web, identity, people: () => ({ kind: 'known', identities: new Map() }), log });
  const unknown = async () => undefined;
  const edge = createSlack({
    config,
    identity,
    desk,
    web,
    directory,
    log,
    permalinkOf: unknown,
    threadOf: unknown,
    recordOf: unknown,
    factors: { verify: async () => ({ kind: 'notEnrolled' }) },
  });
  await edge.start();

  const watching = await watchFeed(redis.url, log);
  const makeWorker = () => startWorker({ url: redis.url, client, journal, hands, log });
  let worker = await makeWorker();
  let restarting: Promise<void> | undefined;

  async function restart(): Promise<void> {
    await worker.close();
    worker = await makeWorker();
    restarting = undefined;
  }

  async function until(run: string, look: (state: RunState) => boolean, what: string): Promise<RunState> {
    const deadline = performance.now() + BOUND_MS;
    for (;;) {
      const grown = watching.grown(run);
      const state = await known(run);
      if (look(state)) return state;
      if (performance.now() > deadline || !(await within(grown, deadline - performance.now())))
        throw new Error(`${run} hangs: ${what} did not come within ${BOUND_MS} ms; its journal ends at ${state.seq}`);
    }
  }

  const states = new Map<string, RunState>();

  /** The state as it is now; only what is new is read. */
  async function known(run: string): Promise<RunState> {
    const before = states.get(run);
    const more = await journal.read(run, { from: (before?.seq ?? 0) + 1 });
    const fresh = more.filter(({ seq }) => seq > (states.get(run)?.seq ?? 0));
    const current = states.get(run);
    const state = current === undefined ? fold(run, fresh) : fresh.reduce(evolve, current);
    states.set(run, state);
    return state;
  }

  return {
    slack,
    desk,
    hosts,
    errors,
    state: known,
    until,
    restartWorker: () => {
      restarting ??= restart();
      return restarting;
    },
    close: () =>
      allOf(
        () => edge.close(),
        () => worker.close(),
        () => watching.close(),
        () => slack.close(),
        () => nudges.close(),
        () => disconnectRedis(client),
        () => expectSound(redis.url, key),
        () => redis.stop(),
      ),
  };
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}

/** Tells whoever waits for a run that its journal has grown. */
async function watchFeed(url: string, log: pino.Logger) {
  const waiting = new Map<string, { readonly grown: Promise<void>; tell(): void }>();
  const stop = new AbortController();
  const redis = await connectRedis(url, { role: 'blocking', log });
  const following = followFeed({
    redis,
    from: 'now',
    signal: stop.signal,
    log,
    onNews: (news) => {
      const runs = news.kind === 'entries' ? news.entries.map(({ run }) => run) : [...waiting.keys()];
      for (const run of runs) {
        waiting.get(run)?.tell();
        waiting.delete(run);
      }
    },
  });
  return {
    grown(run: string): Promise<void> {
      const known = waiting.get(run);
      if (known !== undefined) return known.grown;
      let tell = (): void => undefined;
      const grown = new Promise<void>((resolve) => {
        tell = resolve;
      });
      waiting.set(run, { grown, tell: () => tell() });
      return grown;
    },
    async close(): Promise<void> {
      stop.abort();
      await disconnectRedis(redis);
      await following;
    },
  };
}

type WorkerParts = {
  readonly url: string;
  readonly client: RedisClient;
  readonly journal: Journal<RunEvent>;
  readonly hands: Hands;
  readonly log: pino.Logger;
};

/** With a short grace: what is at work when it ends is interrupted. */
async function startWorker({ url, client, journal, hands, log }: WorkerParts): Promise<{ close(): Promise<void> }> {
  const nudges = await createNudges({ url, log, graceMs: 20, concurrency: 40 });
  const staff = await startStaff({ url, journal, leases: createLeases(client), owner: randomUUID(), log, hands, nudges, sweepMs: 1_000 });
  return {
    async close() {
      await staff.close();
      await nudges.close();
    },
  };
}

function handsOn(journal: Journal<RunEvent>, hosts: CountingHosts, log: pino.Logger): Hands {
  const never = async (): Promise<never> => {
    throw new Error('not needed here');
  };
  return {
    journal,
    attempts: hosts.attempts,
    probe: async () => ({ kind: 'answered', status: 0, stdout: '', stderr: '', truncated: false }),
    files: { describe: never, read: never },
    stager: { stage: never, going: () => undefined, abandon: () => undefined, close: async () => undefined },
    talks: createTalks(),
    secrets: () => ({ kind: 'missing', why: 'there are none here' }),
    ownFile: async () => ({ kind: 'refused', why: 'there are none here' }),
    approvers: async () => ({ kind: 'good' }),
    forget: () => undefined,
    lastTime: async () => undefined,
    lastSteps: async () => new Map(),
    emergencies: NO_EMERGENCIES,
    listing: NO_LISTING,
    live: { set: async () => undefined },
    outputText: async () => '',
    login: { key: undefined, passphrase: undefined, agent: undefined },
    now: Date.now,
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    id: () => randomBytes(12).toString('hex'),
    log,
  };
}
