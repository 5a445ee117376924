/** The ground of the outbox's tests: a sandbox Slack, a Redis of their own, a journal to write, and outboxes that are started and thrown away. */
import pino from 'pino';
import { type Message, type SandboxOptions, type SandboxSlack, startSandboxSlack } from '../../../infra/sandbox/slack/server.ts';
import { followFeed } from '../../../src/journal/feed.ts';
import { createJournal, type Journal } from '../../../src/journal/journal.ts';
import { createLeases } from '../../../src/journal/leases.ts';
import { createLive } from '../../../src/journal/live.ts';
import { createNotes } from '../../../src/journal/notes.ts';
import type { RedisClient } from '../../../src/redis/connect.ts';
import { connected } from '../../../src/redis/connected.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { runEventSchema } from '../../../src/run/events.ts';
import { createSigner } from '../../../src/signature.ts';
import { createOutbox, type Outbox, type OutboxOptions } from '../../../src/slack/outbox/outbox.ts';
import type { RunReader } from '../../../src/slack/outbox/ports.ts';
import { createReadRun } from '../../../src/slack/outbox/read-run.ts';
import { createSlackWeb } from '../../../src/slack/outbox/web.ts';
import type { Live } from '../../../src/slack/ports.ts';
import { createWebClient } from '../../../src/slack/web.ts';
import { key } from '../../journal/samples.ts';
import { command, journal as sampleJournal } from '../../run/samples.ts';
import { startRedis } from '../../support/redis.ts';

export const OPS = 'C0OPS00001';
export const keyturn = { kind: 'keyturn' } as const;

export type Office = {
  readonly slack: SandboxSlack;
  readonly redisUrl: string;
  readonly redis: RedisClient;
  readonly journal: Journal<RunEvent>;
  /** Lines that the outboxes logged, as JSON. */
  readonly logged: readonly string[];
  /** A run whose first event is there; the channel is ops. */
  begin(run: string, more?: readonly RunEvent[], at?: number): Promise<void>;
  append(run: string, events: readonly RunEvent[]): Promise<void>;
  /** Kept as the worker keeps it, and told to the outboxes. */
  show(live: Omit<Live, 'at' | 'seen'> & { readonly seen?: string }): Promise<void>;
  /** Not started. Rates are off unless told. */
  outbox(options?: Partial<OutboxOptions>): Outbox;
  /** Top card and replies of a run, as they stand. */
  thread(run: string): readonly Message[];
  close(): Promise<void>;
};

const FAST = { burst: 1_000, perSecond: 1_000 };
const STEPS = [command('S1'), command('S2', { safety: { kind: 'unsafe', why: 'it stops things' } })];

/** `sealing`: the key of the journals; `signing`: that of the signature in closing messages. */
export async function startOffice(options: SandboxOptions = {}, sealing: Buffer = key, signing: Buffer = key): Promise<Office> {
  const slack = await startSandboxSlack({ rates: 'off', ...options });
  const server = await startRedis();
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void logged.push(line) });
  const releases: (() => Promise<void> | void)[] = [];
  const redis = await connected(server.url, 'journal', log, releases);
  const journal = createJournal({ redis, decode: (value) => runEventSchema.parse(value), key: sealing });
  const tails = createLive(redis);
  const listeners = new Set<(live: Live) => void>();
  const slackConfig = { botToken: slack.botToken, transport: { kind: 'socket', appToken: slack.appToken }, apiUrl: slack.url } as const;

  const reader: RunReader = {
    readRun: createReadRun(journal, createSigner(signing)),
    openRuns: () => journal.openRuns(),
    finishedRuns: async (limit) => (await journal.finishedRuns({ limit })).map((finished) => finished.run),
    followFeed: async (from, onNews, signal) => {
      const feed = await connected(server.url, 'blocking', log, releases);
      await followFeed({ redis: feed, from, onNews, signal, log });
    },
    lastLive: async (run, step, host) => {
      const live = await tails.get(run, step, host);
      if (live === undefined) return undefined;
      const { text, ...rest } = live;
      return { ...rest, tail: text, seen: live.seen };
    },
    onLive: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  async function append(run: string, events: readonly RunEvent[]): Promise<void> {
    const head = await journal.head(run);
    if (head === undefined) throw new Error(`no run ${run}`);
    const ends = events.some((event) => event.kind === 'runEnded');
    const appended = await journal.append(run, head, events, { at: Date.now(), actor: keyturn, ...(ends ? { closes: {} } : {}) });
    if (appended.kind !== 'appended') throw new Error(`the journal of ${run} moved on`);
  }

  return {
    slack,
    redisUrl: server.url,
    redis,
    journal,
    logged,
    append,
    async begin(run, more = [], at = Date.now()) {
      const first = sampleJournal(STEPS, [])[0]?.event;
      if (first?.kind !== 'runRequested') throw new Error('the sample does not begin with a request');
      const event: RunEvent = { ...first, channel: { team: slack.world.team.id, id: OPS }, requestId: run };
      await journal.create(run, [event, ...more], { at, actor: keyturn, requestId: run });
    },
    async show({ tail, ...live }) {
      const at = Date.now();
      await tails.set({ ...live, text: tail, at });
      for (const listener of listeners) listener({ seen: undefined, ...live, tail, at });
    },
    outbox: ({ limits, ...more } = {}) =>
      createOutbox({
        web: createSlackWeb(createWebClient(slackConfig, log)),
        journal: reader,
        notes: createNotes(redis),
        leases: createLeases(redis),
        fileContent: async () => 'no file here',
        log,
        workspace: slack.world.team.id,
        limits: { post: FAST, update: FAST, liveEveryMs: 100, firstSightMs: 200, silentSightMs: 400, ...limits },
        ...more,
      }),
    thread(run) {
      const card = slack
        .channel('ops')
        .messages()
        .find((message) => message.text.includes(run));
      return card === undefined ? [] : slack.channel('ops').thread(card.ts);
    },
    async close() {
      for (const release of [...releases].reverse()) await release();
      await slack.close();
      await server.stop();
    },
  };
}

/** Started, and it leads. */
export function leading(outbox: Outbox, office: Office): Promise<Outbox> {
  outbox.start();
  return led(outbox, office);
}

/** Leads by now. */
export async function led(outbox: Outbox, office: Office): Promise<Outbox> {
  const nudge = setInterval(() => office.slack.lookAgain(), 50);
  await office.slack.waitFor(() => outbox.health().leads, { what: 'the lease' }).finally(() => clearInterval(nudge));
  return outbox;
}

export const intended = (step: string, host = 'main-1', attempt = 1): RunEvent => ({
  kind: 'attemptIntended',
  step,
  host,
  attempt,
  digest: 'd1',
});

/** The end and the verdict of an attempt, as one append. */
export function passed(step: string, printed = 'fine\n', host = 'main-1', attempt = 1): readonly RunEvent[] {
  const output = { bytes: printed.length, lines: 1, sha256: 'a'.repeat(64), head: printed, tail: '' };
  return [
    { kind: 'attemptEnded', step, host, attempt, outcome: { kind: 'finished', status: 0 }, output },
    { kind: 'hostPassed', step, host, attempt, seen: 'all well' },
  ];
}

/** A step on one host from its opening to its end. */
export function wholeStep(step: string): readonly RunEvent[] {
  return [{ kind: 'stepOpened', step, hosts: ['main-1'] }, intended(step), ...passed(step)];
}

export const succeeded: RunEvent = { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' };
