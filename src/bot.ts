/** Puts the Slack half together: who asks (Bolt), who is who (directory), and the thread (outbox). Loaded only by a process that talks to Slack. */
import type { Base, Release } from './base.ts';
import type { SlackConfig } from './config.ts';
import { createFactors, proverOf } from './factor/factors.ts';
import { slackCheck } from './health/checks.ts';
import type { Heartbeats } from './health/heartbeats.ts';
import { measured } from './health/measured-web.ts';
import type { Status } from './health/status.ts';
import { NO_TALLY } from './health/tally.ts';
import { keepHistory } from './history/open.ts';
import { followFeed } from './journal/feed.ts';
import { createLive, type Live, subscribeLive } from './journal/live.ts';
import { createNotes } from './journal/notes.ts';
import { createAfterwards } from './record/afterwards.ts';
import { createRecords } from './record/records.ts';
import { createContentOf } from './record/contents.ts';
import { connected } from './redis/connected.ts';
import { createSigner } from './signature.ts';
import { createSlack, type Slack } from './slack/app.ts';
import { createDirectory } from './slack/directory.ts';
import { sayFailure, webFailure } from './slack/failure.ts';
import { createReadRun } from './slack/outbox/read-run.ts';
import { createOutbox, type Outbox } from './slack/outbox/outbox.ts';
import type { RunReader } from './slack/outbox/ports.ts';
import { MOST_FILE_BYTES } from './slack/views/index.ts';
import { createSlackWeb } from './slack/outbox/web.ts';
import type { Desk, Live as ShownLive } from './slack/ports.ts';
import { createWebClient, identify } from './slack/web.ts';

/** Who looks at how the bot is: its signs of life always, its numbers where they are asked for. */
export type Watched = { readonly heartbeats: Heartbeats; readonly status: Status | undefined };

const LEAD_LIMIT_MS = 30_000;

export type Bot = { readonly outbox: Outbox; readonly slack: Slack };

/** Starts the outbox and Bolt. Throws KeyturnError for a wrong token and the like. */
export async function startBot(
  base: Base,
  slackConfig: SlackConfig,
  desk: Desk,
  { heartbeats, status }: Watched,
  releases: Release[],
): Promise<Bot> {
  const { log } = base;
  const web = createWebClient(slackConfig, log);
  const identity = await identify(web);
  const outbox = createOutbox({
    web: measured(createSlackWeb(createWebClient(slackConfig, log)), status?.tally ?? NO_TALLY),
    journal: await createReader(base, releases),
    notes: createNotes(base.redis, base.archive),
    leases: base.leases,
    fileContent: createContentOf(base.config.record, MOST_FILE_BYTES),
    log,
    workspace: identity.teamId,
    owner: base.owner,
    onBeat: heartbeats.loop('outbox-lead', LEAD_LIMIT_MS),
    limits: { post: { burst: 4 + base.config.postsPerSecond, perSecond: base.config.postsPerSecond } },
    onRewind: (run, seen, head) =>
      log.fatal({ run, seen, head }, 'the thread has seen events that the journal no longer holds: Redis was rewound'),
  });
  outbox.start();
  releases.push(() => outbox.close());
  const afterwardsOf = createAfterwards({ register: base.register, sealing: base.keyFor('register') });
  const history = await keepHistory({ ...base, afterwardsOf }, await connected(base.url, 'blocking', log, releases));
  releases.push(() => history.close());
  const directory = createDirectory({ web, identity, people: base.people, log });
  const factors = proverOf(createFactors({ redis: base.redis, key: base.keyFor('factor'), log }), Date.now);
  const records = createRecords({
    journal: base.journal,
    notes: createNotes(base.redis, base.archive),
    signing: base.keyFor('signature'),
    sealing: base.keyFor('journal'),
    afterwardsOf,
    folder: base.config.record,
  });
  const slack = createSlack({
    config: slackConfig,
    identity,
    desk,
    web,
    directory,
    factors,
    log,
    history: history.index,
    afterwardsOf,
    permalinkOf: (run) => outbox.permalink(run),
    threadOf: (run) => outbox.threadOf(run),
    recordOf: (run) => records.of(run),
  });
  await slack.start();
  releases.push(() => slack.close());
  status?.withSlack({
    outbox: () => outbox.health(),
    links: () => slack.ready(),
    // With a client that says nothing: an outage is told by the links and the outbox, once, and not by each look at it.
    check: slackCheck(createWebClient(slackConfig, log.child({}, { level: 'silent' })), (error) => sayFailure(webFailure(error))),
  });
  return { outbox, slack };
}

/** What the outbox reads: the journals, the feed of their growth, and what runs just now. */
async function createReader(base: Base, releases: Release[]): Promise<RunReader> {
  const { journal, log } = base;
  const feed = await connected(base.url, 'blocking', log, releases);
  const liveFeed = await connected(base.url, 'blocking', log, releases);
  const tails = createLive(base.redis);
  const readRun = createReadRun(journal, createSigner(base.keyFor('signature')));
  const listeners = new Set<(live: ShownLive) => void>();
  const stop = new AbortController();
  releases.push(() => stop.abort());
  const onLive = (live: Live): void => {
    for (const listener of listeners) listener(shown(live));
  };
  await subscribeLive({ redis: liveFeed, signal: stop.signal, onLive });
  return {
    readRun: async (run) => {
      const found = await readRun(run);
      // The list says how a run ended before its thread does.
      if (found.end !== undefined) await base.listing.ensure(run, 'ended');
      return found;
    },
    openRuns: () => journal.openRuns(),
    finishedRuns: async (limit) => (await journal.finishedRuns({ limit })).map((finished) => finished.run),
    followFeed: (from, onNews, signal) => followFeed({ redis: feed, from, onNews, signal, log }),
    lastLive: async (run, step, host) => {
      const live = await tails.get(run, step, host);
      return live === undefined ? undefined : shown(live);
    },
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
