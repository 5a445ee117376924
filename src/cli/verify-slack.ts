/** `keyturn verify --slack`: the threads as Slack has them, and what is missing posted again. */
import { createArchive } from '../archive/files.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { createJournal } from '../journal/journal.ts';
import { keys } from '../journal/keys.ts';
import { createLeases } from '../journal/leases.ts';
import { createNotes } from '../journal/notes.ts';
import { KeyturnError } from '../errors.ts';
import { type Recorded, runEventSchema } from '../run/events.ts';
import { createReadRun } from '../slack/outbox/read-run.ts';
import { createContentOf } from '../record/contents.ts';
import { createSigner } from '../signature.ts';
import { repost, type RepostOptions, type Unkept } from '../slack/outbox/repost.ts';
import { createSlackWeb } from '../slack/outbox/web.ts';
import { type Message, MOST_FILE_BYTES } from '../slack/views/index.ts';
import { createWebClient, identify } from '../slack/web.ts';
import type { Findings } from '../verify/fault.ts';
import { lookAtThread, type SlackMeasure } from '../verify/look-slack.ts';
import type { Look, Sight } from '../verify/run.ts';
import { createSlackReader } from '../verify/slack.ts';
import { firstLine } from '../verify/standing.ts';
import type { Store } from './store.ts';

export type SlackLook = {
  readonly look: Look;
  /** Posts what was missing from the threads looked at so far; sentences of what was done. */
  readonly repost: (run: string) => Promise<readonly string[]>;
};

/** Throws KeyturnError where Slack cannot be asked. `tell`: why it takes long. */
export async function slackLook(store: Store, tell: (sentence: string) => void): Promise<SlackLook> {
  const { config, redis, keyFor, log } = store;
  if (config.lookup === undefined) throw noToken();
  const web = createWebClient(config.lookup, log);
  const { teamId, botUserId, botId, url } = await identify(web);
  const measure: SlackMeasure = {
    reader: createSlackReader({ web, wait: delay, tell }),
    notes: createNotes(redis, createArchive(config.record)),
    me: { userId: botUserId, botId, url },
    signer: createSigner(keyFor('signature')),
    now: Date.now,
  };
  const missing = new Map<string, Left>();
  const options: RepostOptions = {
    ...{
      web: createSlackWeb(createWebClient(config.lookup, log)),
      notes: measure.notes,
      leases: createLeases(redis),
      fileContent: createContentOf(config.record, MOST_FILE_BYTES),
      log,
      workspace: teamId,
    },
    journal: readerOn(store),
    limits: { post: { burst: 4 + config.postsPerSecond, perSecond: config.postsPerSecond } },
    nudge: (run, seq) => redis.xadd(keys.feed, 'MAXLEN', '~', 10_000, '*', 'run', run, 'seq', seq),
  };
  return {
    async look({ run, found, recorded }: Sight): Promise<Findings> {
      const findings = await lookAtThread(measure, run, found, recorded);
      if (findings.missing.length > 0) missing.set(run, { recorded, messages: findings.missing, unkept: findings.unkept });
      return findings;
    },
    async repost(run) {
      const left = missing.get(run);
      return left === undefined ? [] : repostAll(options, run, left);
    },
  };
}

type Left = { readonly recorded: readonly Recorded[]; readonly messages: readonly Message[]; readonly unkept: readonly Unkept[] };

async function repostAll(options: RepostOptions, run: string, { recorded, messages, unkept }: Left): Promise<readonly string[]> {
  const first = recorded[0]?.event;
  const own = first?.kind === 'runRequested' ? first.channel.id : '';
  const wanted = messages.map(({ key, place, seq }) => ({
    key,
    channel: place.kind === 'channel' ? place.channel : own,
    since: recorded.find((each) => each.seq === seq)?.at ?? 0,
  }));
  const { posted, left } = await repost(options, { run, seq: recorded.at(-1)?.seq ?? 0, missing: wanted, unkept });
  const nameOf = (key: string): string => firstLine(messages.find((each) => each.key === key)?.text ?? key);
  return [
    ...posted.map((key) => `Posted again: “${nameOf(key)}”.`),
    ...left.map(({ key, why }) => `NOT posted again: “${nameOf(key)}”: ${why}.`),
  ];
}

function readerOn({ config, redis, keyFor }: Store): RepostOptions['journal'] {
  const journal = createJournal({
    redis,
    decode: (value) => runEventSchema.parse(value),
    key: keyFor('journal'),
    replicas: config.replicas,
    archive: createArchive(config.record),
  });
  return {
    readRun: createReadRun(journal, createSigner(keyFor('signature'))),
    lastLive: async () => undefined,
  };
}

function noToken(): KeyturnError {
  return new KeyturnError(
    'SLACK_TOKEN_MISSING',
    '--slack reads the threads back from Slack, and SLACK_BOT_TOKEN is not set here',
    'that SLACK_BOT_TOKEN is set as for the bot (.env.example says where it is found)',
  );
}
