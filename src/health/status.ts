/**
 * How this process is, put together: parts say what can be asked of them as they come up, and the port tells it. Loaded only where KEYTURN_STATUS is
 * set.
 */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { ownFolders } from '../data-folder.ts';
import { explain } from '../errors.ts';
import type { Library } from '../files/load.ts';
import { followFeed } from '../journal/feed.ts';
import type { Journal } from '../journal/journal.ts';
import type { Nudges } from '../queue/nudges.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../redis/connect.ts';
import type { RunEvent } from '../run/events.ts';
import type { Health } from '../slack/outbox/outbox.ts';
import { diskCheck, type Links, linkCheck, queueCheck, redisCheck } from './checks.ts';
import { createEventLoop, watch } from './event-loop.ts';
import type { Heartbeats } from './heartbeats.ts';
import { createMetrics, type Runnable } from './metrics.ts';
import { observer } from './observe-runs.ts';
import { type Check, createReadiness } from './readiness.ts';
import { healthOf } from './report.ts';
import { createRunsSeen, type RunsSeen } from './runs-seen.ts';
import { type Scraped, scrape } from './scrape.ts';
import { openStatusServer, type Place } from './server.ts';
import type { Tally } from './tally.ts';

export type Store = {
  readonly url: string;
  readonly redis: RedisClient;
  readonly journal: Journal<RunEvent>;
  readonly nudges: Pick<Nudges, 'counts'>;
  readonly config: Pick<Config, 'data' | 'record'>;
  readonly library: () => Pick<Library, 'procedures' | 'clusters'>;
  readonly owner: string;
};

export type SlackHalf = { readonly outbox: () => Health; readonly links: () => Links; readonly check: Check };

export interface Status {
  readonly tally: Tally;
  /** Found by whoever reads; no run: the register. */
  damaged(run?: string): void;
  /** From here on the open runs and the queue are told, and events counted. Returns how to leave the store. */
  withStore(store: Store): Promise<() => Promise<void>>;
  withSlack(slack: SlackHalf): void;
  /** Everything is up. */
  started(): void;
  /** Not ready from here on; the port goes on telling. */
  stopping(): void;
  close(): Promise<void>;
}

/** However often it is asked, the shared state is looked at once a second at most. */
const FRESH_MS = 1_000;

/** Opens the port at once: it tells that the process is not ready while it starts. Throws KeyturnError STATUS_PORT. */
export async function openStatus(place: Place, heartbeats: Heartbeats, log: Logger): Promise<Status> {
  const metrics = createMetrics();
  const eventLoop = createEventLoop();
  const unwatch = watch(eventLoop);
  const readiness = createReadiness({ explain });
  const health = () => healthOf(eventLoop, heartbeats);
  let phase: 'starting' | 'started' | 'stopping' = 'starting';
  let registerDamaged = false;
  let seen: RunsSeen | undefined;
  const found: string[] = [];
  let parts: Scraped = {
    metrics,
    heartbeats,
    health,
    ready: readiness.look,
    runs: undefined,
    registerDamaged: () => registerDamaged,
    queue: undefined,
    outbox: undefined,
    links: undefined,
    now: Date.now,
  };
  readiness.add({ name: 'process', freshMs: 0, look: async () => (phase === 'started' ? undefined : `this process is ${phase}`) });
  const page = shared(FRESH_MS, async () => {
    await scrape(parts);
    return { type: metrics.contentType, text: await metrics.text() };
  });
  const server = await openStatusServer(place, { metrics: page, health, ready: readiness.look }, log);

  return {
    tally: metrics.tally,
    damaged(run) {
      if (run === undefined) registerDamaged = true;
      else if (seen === undefined) found.push(run);
      else seen.damaged(run);
    },
    async withStore({ url, redis, journal, nudges, owner, config, library }) {
      for (const run of runnable(library())) metrics.expect(run);
      const runs = createRunsSeen({ journal, ...observer(metrics), log });
      for (const run of found.splice(0)) runs.damaged(run);
      seen = runs;
      const leave = await countEvents(url, runs, log);
      readiness.add(redisCheck(redis, owner));
      readiness.add(queueCheck(nudges));
      readiness.add(diskCheck(ownFolders(config)));
      parts = { ...parts, runs: () => runs.look(), queue: () => nudges.counts() };
      return leave;
    },
    withSlack({ outbox, links, check }) {
      metrics.expectSlack();
      readiness.add(check);
      readiness.add(linkCheck(links));
      parts = { ...parts, outbox, links };
    },
    started() {
      phase = 'started';
    },
    stopping() {
      phase = 'stopping';
    },
    async close() {
      await server.close();
      unwatch();
      metrics.stop();
    },
  };
}

/** Each procedure with each cluster of its product. */
function runnable({ procedures, clusters }: Pick<Library, 'procedures' | 'clusters'>): readonly Runnable[] {
  return clusters.flatMap(({ name: cluster, product }) =>
    procedures.filter((each) => each.product === product).map(({ name: procedure }) => ({ product, procedure, cluster, steps: [] })),
  );
}

async function countEvents(url: string, runs: RunsSeen, log: Logger): Promise<() => Promise<void>> {
  const redis = await connectRedis(url, { role: 'blocking', log });
  const stop = new AbortController();
  const following = followFeed({ redis, from: 'now', signal: stop.signal, log, onNews: (news) => runs.news(news) });
  await runs.begin();
  return async () => {
    stop.abort();
    await following;
    await runs.stop();
    await disconnectRedis(redis);
  };
}

/** One answer for everybody who asks within the time. */
function shared<T>(freshMs: number, make: () => Promise<T>): () => Promise<T> {
  let until = 0;
  let last: Promise<T> | undefined;
  return () => {
    if (last === undefined || performance.now() > until) {
      until = Number.POSITIVE_INFINITY;
      last = make().finally(() => {
        until = performance.now() + freshMs;
      });
    }
    return last;
  };
}
