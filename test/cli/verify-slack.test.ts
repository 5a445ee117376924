/** `keyturn verify --slack`: threads in a sandbox Slack that were tampered with past Keyturn, and what is missing posted again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { keepRun } from '../../src/archive/keep-run.ts';
import { keys } from '../../src/journal/keys.ts';
import { createNotes } from '../../src/journal/notes.ts';
import { createRuns } from '../../src/journal/runs.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { createSigner } from '../../src/signature.ts';
import { createWebClient } from '../../src/slack/web.ts';
import { createListing } from '../../src/worker/listing.ts';
import { actorOf, approved, begun, cancelled, over, RUN } from '../run/histories.ts';
import { leading, OPS, type Office, startOffice } from '../slack/outbox/office.ts';
import { logInMemory } from '../slack/bench.ts';
import { events, keyFor, outputOf, SECRET } from '../verify/samples.ts';
import { type Cli, createCli } from './world.ts';

const STEP = 'S1 do S1 on node-1: succeeded';
let office: Office;
let cli: Cli;
let redis: Redis;

beforeEach(async () => {
  office = await startOffice({}, keyFor('journal'), keyFor('signature'));
  redis = new Redis(office.redisUrl);
  cli = createCli();
  const path = join(cli.folder, 'data', 'installation.key');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${SECRET.toString('base64')}\n`, { mode: 0o600 });
  Object.assign(cli.env, { REDIS_URL: office.redisUrl, SLACK_BOT_TOKEN: office.slack.botToken, SLACK_API_URL: office.slack.url });
  await write(events(outputOf('all is well\n')));
  await posted(RUN);
}, 30_000);
afterEach(async () => {
  redis.disconnect();
  cli.close();
  await office.close();
});

/** In the channel of the sandbox. */
async function write(all: readonly RunEvent[], run = RUN): Promise<void> {
  const [first, ...rest] = all;
  if (first?.kind !== 'runRequested') throw new Error('no beginning');
  const begun: RunEvent = { ...first, channel: { team: office.slack.world.team.id, id: OPS } };
  const created = await office.journal.create(run, [begun], { at: 1_000, actor: actorOf(begun), requestId: run });
  if (created.kind !== 'created') throw new Error(created.kind);
  await append(rest, run);
}

async function append(rest: readonly RunEvent[], run = RUN): Promise<void> {
  let head = await office.journal.head(run);
  for (const [index, event] of rest.entries()) {
    const closes = event.kind === 'runEnded' ? { closes: {} } : {};
    const at = 2_000 + index * 1_000;
    if (head === undefined) throw new Error(`no run ${run}`);
    const appended = await office.journal.append(run, head, [event], { at, actor: actorOf(event), ...closes });
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    head = appended.head;
  }
}

async function posted(run: string): Promise<void> {
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(run);
  await outbox.close();
}

const web = () => createWebClient({ botToken: office.slack.botToken, apiUrl: office.slack.url }, logInMemory().logger);
const verify = (...more: readonly string[]) => cli.run('verify', '--slack', ...more);

/** A message by the words that it begins with. */
function message(words: string) {
  const found = office.thread(RUN).find(({ text }) => text.includes(words));
  if (found === undefined)
    throw new Error(
      `no message “${words}” in: ${office
        .thread(RUN)
        .map(({ text }) => text)
        .join('\n')}`,
    );
  return found;
}

test('an untouched thread passes', async () => {
  expect(office.thread(RUN).length).toBeGreaterThan(3);
  const { code, out, err } = await verify();
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^run2 {2}sound/);
  expect(out).not.toMatch(/notice(?!: There is no list of runs)/);
});

test('an edited message is named with its time and link', async () => {
  const { ts, blocks } = message(STEP);
  await web().chat.update({ channel: OPS, ts, text: 'nothing happened', blocks: JSON.parse(JSON.stringify(blocks)) });
  const { code, err } = await verify();
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/event 5: The message “S1 do S1 on node-1: succeeded[^”]*” of 1970.* UTC was edited: its text/),
  ]);
  expect(err).toMatch(new RegExp(`\\[messageEdited] https?://\\S+/archives/${OPS}/p${ts.replace('.', '')}`));
});

test('an edited layout under the same text is named', async () => {
  const { ts, text, blocks } = message(STEP);
  const other = JSON.parse(JSON.stringify(blocks).replace('all is well', 'all is lost'));
  await web().chat.update({ channel: OPS, ts, text, blocks: other });
  const { code, err } = await verify();
  expect([code, err]).toEqual([1, expect.stringMatching(/was edited: its layout is not what Keyturn wrote\. \[messageEdited]/)]);
});

test('a deleted message is named, and posted again once by this command', async () => {
  const { ts, text } = message(STEP);
  await office.slack.channel('ops').deleteMessage(ts);
  const { code, err } = await verify();
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(
      /event 5: The message “S1 do S1 on node-1: succeeded[^”]*”.* was posted and is gone from Slack\. \[messageDeleted]/,
    ),
  ]);
  const mended = await verify('--repost');
  expect([mended.code, mended.out]).toEqual([1, expect.stringMatching(/Posted again: “S1 do S1 on node-1/)]);
  expect(office.thread(RUN).filter((each) => each.text === text)).toHaveLength(1);
  expect(await verify('--repost')).toMatchObject({ code: 0, err: '' });
  expect(office.thread(RUN).filter((each) => each.text === text)).toHaveLength(1);
}, 30_000);

test('what is missing is posted again by the bot that runs, once', async () => {
  const { ts, text } = message(STEP);
  await office.slack.channel('ops').deleteMessage(ts);
  await redis.hdel(keys.thread(RUN), ...(await fieldOf(ts)));
  expect((await verify()).err).toMatch(/does not stand in Slack\. \[messageMissing]/);
  const outbox = await leading(office.outbox(), office);
  try {
    expect((await verify('--repost')).out).toMatch(/Posted again: “S1 do S1 on node-1/);
    expect(outbox.health().leads).toBe(true);
  } finally {
    await outbox.close();
  }
  expect(office.thread(RUN).filter((each) => each.text === text)).toHaveLength(1);
  expect((await verify()).code).toBe(0);
}, 30_000);

async function fieldOf(ts: string): Promise<readonly string[]> {
  return Object.entries(await redis.hgetall(keys.thread(RUN))).flatMap(([field, value]) => (value.includes(ts) ? [field] : []));
}

test('a message that stands there although the bookkeeping lost it is not posted twice', async () => {
  const { ts, text } = message(STEP);
  await redis.hdel(keys.thread(RUN), ...(await fieldOf(ts)));
  expect((await verify('--repost')).code).toBe(0);
  expect(office.thread(RUN).filter((each) => each.text === text)).toHaveLength(1);
});

test('what stands there unknown is left alone while something else is posted again', async () => {
  const { ts, text } = message(STEP);
  const other = message('UNSAFE, approved');
  await redis.hdel(keys.thread(RUN), ...(await fieldOf(other.ts)));
  await office.slack.channel('ops').deleteMessage(ts);
  expect((await verify('--repost')).out).toMatch(/Posted again: “S1 do S1/);
  for (const each of [text, other.text]) expect(office.thread(RUN).filter((there) => there.text === each)).toHaveLength(1);
  expect(await verify()).toMatchObject({ code: 0, err: '' });
}, 30_000);

test('a second copy of a message is named', async () => {
  const { text, blocks, metadata, thread_ts } = message(STEP);
  const copy = JSON.parse(JSON.stringify({ text, blocks, metadata, thread_ts, channel: OPS }));
  await web().chat.postMessage(copy);
  const { code, err } = await verify();
  expect([code, err]).toEqual([1, expect.stringMatching(/stands in Slack a second time\. \[messageTwice]/)]);
});

test('a thread whose first message was deleted is begun again', async () => {
  const [card] = office.thread(RUN);
  const replies = office.thread(RUN).length - 1;
  await office.slack.channel('ops').deleteMessage(card?.ts ?? '');
  const { code, err } = await verify();
  expect([code, err]).toEqual([1, expect.stringMatching(/The first message of the thread “[^”]*” .*\[messageDeleted]/)]);
  expect(err.match(/\[message/g)).toHaveLength(1);
  expect((await verify('--repost')).out).toMatch(/Posted again/);
  expect(await verify()).toMatchObject({ code: 0, err: '' });
  expect(office.slack.channel('ops').all()).toHaveLength(replies + 1);
}, 30_000);

test('what an earlier release posted in other words is only told', async () => {
  const { ts } = message(STEP);
  await web().chat.update({ channel: OPS, ts, text: 'S1 on node-1 went well' });
  const [field = ''] = await fieldOf(ts);
  const entry = JSON.parse((await redis.hget(keys.thread(RUN), field)) ?? '{}');
  await redis.hset(keys.thread(RUN), field, JSON.stringify({ ...entry, digest: 'of another release' }));
  const { code, out } = await verify();
  expect([code, out]).toEqual([0, expect.stringMatching(/notice: event 5: The message .* was posted by another release of Keyturn/)]);
});

test('nothing is posted from a journal that is not sound', async () => {
  const { ts } = message(STEP);
  await office.slack.channel('ops').deleteMessage(ts);
  await redis.xdel(keys.journal(RUN), '4-0');
  const before = office.slack.channel('ops').all().length;
  expect((await verify('--repost')).out).toContain('Nothing was posted again');
  expect(office.slack.channel('ops').all()).toHaveLength(before);
});

test('a rate limit is waited for, and said', async () => {
  office.slack.fail('conversations.replies', { rateLimited: 1 });
  const { code, err } = await verify();
  expect([code, err]).toEqual([0, expect.stringContaining('Slack asks to wait 1 s')]);
});

test('a channel that cannot be read is a fault, not silence', async () => {
  office.slack.fail('conversations.replies', { error: 'not_in_channel' });
  const { code, err } = await verify();
  expect([code, err]).toEqual([1, expect.stringMatching(/Slack answered not_in_channel.*\[threadUnread]/)]);
});

describe('the closing message as a witness', () => {
  /** Everything that Redis knows of the end is taken away: as if the run were on. */
  async function cut(): Promise<void> {
    await redis.xdel(keys.journal(RUN), '8-0');
    const [entry] = await redis.xrevrange(keys.journal(RUN), '+', '-', 'COUNT', 1);
    const fields = entry?.[1] ?? [];
    await redis.hset(keys.head(RUN), 'seq', '7', 'hash', fields[fields.indexOf('hash') + 1] ?? '');
    await redis.zrem(keys.finished, RUN);
    await redis.zadd(keys.open, 1_000, RUN);
  }

  test('a journal that was cut in Redis with all that knew of its end is seen', async () => {
    await cut();
    await redis.hset(keys.thread(RUN), 'projected', '7');
    const { code, err } = await verify();
    expect([code, err]).toEqual([1, expect.stringMatching(/^run2 {2}NOT SOUND {2}restart on sample-prod, 7 events, open: 1 fault/)]);
    expect(err).toMatch(
      /The closing message says, signed by this installation, that the journal ended with event 8, hash [0-9a-f]{64}; here it/,
    );
    expect(err).toMatch(/event 7, hash [0-9a-f]{64}\. It was cut off or written anew\. \[closingHead] http/);
  });

  test('a thread that has shown more than the journal holds is seen', async () => {
    await cut();
    expect((await verify()).err).toMatch(/The thread has shown event 8; the journal ends with event 7\. \[closingHead]/);
  });

  test('a run that was cut while it was on is seen by what stands beside its messages', async () => {
    await write([begun(), ...approved, cancelled], 'runon');
    await posted('runon');
    const [third = []] = (await redis.xrange(keys.journal('runon'), '3-0', '3-0')).map(([, each]) => each);
    await redis.xdel(keys.journal('runon'), '4-0', '5-0');
    await redis.hset(keys.head('runon'), 'seq', '3', 'hash', third[third.indexOf('hash') + 1] ?? '');
    await redis.hset(keys.thread('runon'), 'projected', '3');
    const { code, err } = await verify('runon');
    expect([code, err]).toEqual([1, expect.stringMatching(/tells of event [45]; the journal ends with event 3\. \[closingHead] http/)]);
  }, 30_000);

  test('a signature that somebody else made is named', async () => {
    const { ts, text, blocks } = message('Record: ');
    const forged = JSON.parse(JSON.stringify({ text, blocks }).replaceAll(/signed [A-Za-z0-9+/]+=*/g, `signed ${'A'.repeat(86)}==`));
    await web().chat.update({ channel: OPS, ts, ...forged });
    const { code, err } = await verify();
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/its signature \(by key [0-9a-f]{16}\) is not of this installation.*\[closingHead]/),
    ]);
    expect(err).toMatch(/The closing message “[^”]*” of .* was edited/);
  });
});

describe('announcements in another channel', () => {
  const STAKE = 'C0STAKE001';
  const announced: RunEvent = { kind: 'announced', step: 'S1', text: 'it goes down', channels: [STAKE] };
  const there = () => office.slack.channel(STAKE).messages();
  beforeEach(async () => {
    await write([begun(), announced, cancelled, over('cancelled')], 'runsaid');
    await posted('runsaid');
    expect(await verify('runsaid')).toMatchObject({ code: 0, err: '' });
  });

  test('one that was edited is named with its link', async () => {
    const [message] = there();
    await web().chat.update({ channel: STAKE, ts: message?.ts ?? '', text: 'it stays up', blocks: [] });
    const { code, err } = await verify('runsaid');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/The message “it goes down[^”]*” .* was edited: .*\[messageEdited] \S+C0STAKE001/),
    ]);
  });

  test('one that was deleted is named, and posted again in its channel', async () => {
    await office.slack.channel(STAKE).deleteMessage(there()[0]?.ts ?? '');
    expect((await verify('runsaid')).err).toMatch(
      /The message “it goes down[^”]*” .* is gone from Slack\. \[messageDeleted] \S+C0STAKE001/,
    );
    expect((await verify('--repost', 'runsaid')).out).toMatch(/Posted again: “it goes down/);
    expect(there().map(({ text }) => text)).toEqual([expect.stringContaining('it goes down')]);
    expect(await verify('runsaid')).toMatchObject({ code: 0, err: '' });
  }, 30_000);
});

describe('notes of people', () => {
  const note = async (text: string): Promise<string> => {
    const thread_ts = office.thread('runnotes')[0]?.ts ?? '';
    const { ts } = await office.slack.person('alex').say({ channel: OPS, text, thread_ts });
    return ts;
  };

  test('one that was edited or deleted unheard is told, and is no fault', async () => {
    await write([begun()], 'runnotes');
    await posted('runnotes');
    const all = [await note('node-1 looks odd'), await note('going on'), await note('all well')];
    const texts = ['node-1 looks odd', 'going on', 'all well'];
    const by = { team: 'T1', user: 'U0ALEX0001', name: 'Alex' };
    await append(
      [...all.map((ts, at): RunEvent => ({ kind: 'noted', ts, by, text: texts[at] ?? '' })), cancelled, over('cancelled')],
      'runnotes',
    );
    await posted('runnotes');
    expect(await verify('runnotes')).toMatchObject({ code: 0, err: '', out: expect.not.stringContaining('notice: event') });
    await office.slack.channel('ops').editMessage(all[0] ?? '', { text: 'node-1 looks fine' });
    await office.slack.channel('ops').deleteMessage(all[1] ?? '');
    const { code, out } = await verify('runnotes');
    expect(code).toBe(0);
    expect(out).toMatch(/notice: event 2: The note “node-1 looks odd” by Alex reads otherwise in Slack now/);
    expect(out).toMatch(/notice: event 3: The note “going on” by Alex is gone from Slack/);
    expect(out).not.toContain('all well');
  }, 30_000);
});

describe('the thread of an archived run', () => {
  beforeEach(async () => {
    const folder = join(cli.folder, 'data');
    const client = office.redis;
    const runs = createRuns({ redis: client, key: keyFor('runs'), folder });
    const listing = createListing({ journal: office.journal, runs, now: () => 10_000 });
    const signer = createSigner(keyFor('signature'));
    const parts = { redis: client, journal: office.journal, runs, listing, notes: createNotes(client), signer, folder };
    expect(await keepRun({ ...parts, sealing: keyFor('journal'), now: () => 10_000 }, RUN)).toBe('archived');
    expect(await redis.exists(keys.journal(RUN), keys.thread(RUN))).toBe(0);
  });

  test('passes untouched, and a message that was deleted is posted again, once', async () => {
    expect(await verify()).toMatchObject({ code: 0, err: '' });
    const { ts, text } = message(STEP);
    await office.slack.channel('ops').deleteMessage(ts);
    expect((await verify()).err).toMatch(/was posted and is gone from Slack\. \[messageDeleted]/);
    expect((await verify('--repost')).out).toMatch(/Posted again: “S1 do S1 on node-1/);
    expect(await verify('--repost')).toMatchObject({ code: 0, err: '' });
    expect(office.thread(RUN).filter((each) => each.text === text)).toHaveLength(1);
  }, 30_000);
});

describe('the bookkeeping of a thread, which is not sealed', () => {
  test('that gives another message for one that is gone is not believed', async () => {
    const { ts } = message(STEP);
    const [field = ''] = await fieldOf(ts);
    await office.slack.channel('ops').deleteMessage(ts);
    const card = office.thread(RUN)[0]?.ts ?? '';
    await redis.hset(keys.thread(RUN), field, JSON.stringify({ state: 'frozen', channel: OPS, ts: card, why: 'cant_update_message' }));
    const { code, err } = await verify();
    expect([code, err]).toEqual([1, expect.stringMatching(/The message “S1 do S1 on node-1.*\[messageDeleted]/)]);
  });

  test('that holds what Keyturn never writes is told, and the messages are found without it', async () => {
    const { ts } = message(STEP);
    await redis.hset(keys.thread(RUN), (await fieldOf(ts))[0] ?? '', '{"state":', 'projected', 'many');
    const { code, out } = await verify();
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/notice: What Redis keeps about 2 of its messages is nothing that Keyturn writes/),
    ]);
  });
});
