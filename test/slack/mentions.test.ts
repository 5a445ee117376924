/** `@Keyturn …` over the real Bolt and both transports: what it does in a run's thread, and what it never does. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { readSaid } from '../../src/slack/mention.ts';
import { type Bench, startBench } from './bench.ts';
import { cluster, stateOf } from './fake-desk.ts';

const RUN = 'runheld1';
const OTHER = 'runheld2';
const BOT = 'U0KEYTURN1';

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let bench: Bench;
  let thread: string;
  let elsewhere: string;
  beforeAll(async () => {
    // Only what the manifests subscribe to, so that “the next payload” is the mention.
    bench = await startBench(transport, { events: ['app_mention'], eventRetryMs: [0, 0, 0] });
    thread = await bench.post('keyturn_pause', RUN);
    elsewhere = await bench.post('keyturn_pause', OTHER);
    bench.threads.set(RUN, thread).set(OTHER, elsewhere);
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    bench.desk.acts.length = 0;
    bench.desk.started.length = 0;
    bench.desk.turnedAway.length = 0;
    bench.desk.held = Promise.resolve();
    bench.desk.runs.clear();
    bench.desk.runs.set(RUN, stateOf(RUN));
    bench.desk.runs.set(OTHER, stateOf(OTHER, { cluster: { ...cluster, name: 'atscale-test' } }));
    await bench.sandbox.setChannel('ops', { is_ext_shared: false });
  });

  /** What the person is told, once something is. */
  async function mention(text: string, { person = 'dana', channel = 'ops', at = thread, byApp = false } = {}) {
    const before = bench.sandbox.ephemerals(person).length;
    const place = at === '' ? {} : { thread_ts: at };
    const message = await bench.sandbox.person(person).mention({ channel, text, byApp, ...place });
    return { message, told: () => toldSince(person, before) };
  }

  async function toldSince(person: string, before: number): Promise<string> {
    const found = await bench.sandbox.waitFor(() => bench.sandbox.ephemerals(person)[before], { what: `an answer to ${person}` });
    return visibleText(found);
  }

  test('a pause in its thread pauses that run', async () => {
    const { told, message } = await mention('pause the load &amp; the &lt;queue&gt;');
    expect(await told()).toContain(`${RUN} starts nothing more until it is resumed`);
    expect(bench.desk.acts).toEqual([{ run: RUN, kind: 'pause', user: 'U0DANA0001', reason: 'the load & the <queue>' }]);
    expect(bench.desk.runs.get(RUN)?.asked).toEqual([`mention-C0OPS00001-${message.ts}`]);
    expect(bench.sandbox.ephemerals('dana').at(-1)?.thread_ts).toBe(thread);
    expect(bench.sandbox.ephemerals('sam')).toEqual([]);
  });

  test('resume and cancel act on the same run', async () => {
    await (await mention('pause')).told();
    expect(await (await mention('Resume.')).told()).toContain(`${RUN} goes on`);
    expect(await (await mention('cancel "wrong window"', { person: 'sam' })).told()).toContain('is being cancelled');
    expect(bench.desk.acts.map(({ kind, user, reason }) => [kind, user, reason])).toEqual([
      ['pause', 'U0DANA0001', ''],
      ['resume', 'U0DANA0001', undefined],
      ['cancel', 'U0SAM00001', 'wrong window'],
    ]);
  });

  test('status and help are told in private', async () => {
    const status = await (await mention('status')).told();
    expect(status).toContain(RUN);
    expect(status).not.toContain(OTHER);
    expect(await (await mention('')).told()).toContain(`This is the thread of ${RUN}`);
    expect(await (await mention('help')).told()).toContain('`cancel`');
    expect(bench.desk.acts).toEqual([]);
  });

  test('two deliveries of one message pause once', async () => {
    bench.sandbox.duplicateNext();
    const before = bench.sandbox.ephemerals('dana').length;
    await mention('pause');
    await bench.sandbox.waitFor(() => bench.sandbox.ephemerals('dana').length === before + 2, { what: 'two answers' });
    const both = bench.sandbox.ephemerals('dana').slice(before).map(visibleText).join('\n');
    expect(both).toContain('starts nothing more');
    expect(both).toContain('This came a second time from Slack');
    expect(bench.desk.acts).toHaveLength(1);
  });

  test('an old message redelivered after a resume pauses nothing', async () => {
    const { message, told } = await mention('pause');
    await told();
    await (await mention('resume')).told();
    const before = bench.sandbox.ephemerals('dana').length;
    await bench.sandbox.person('dana').resend({ channel: 'ops', ts: message.ts });
    expect(await toldSince('dana', before)).toContain('This came a second time');
    expect(bench.desk.runs.get(RUN)?.paused).toBeUndefined();
  });

  test('an edited message never acts, whatever it says', async () => {
    const { message, told } = await mention('status');
    await told();
    const before = bench.sandbox.ephemerals('dana').length;
    await bench.sandbox.person('dana').edit({ channel: 'ops', ts: message.ts, text: `<@${BOT}> cancel` });
    expect(await toldSince('dana', before)).toContain('An edited message does nothing');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([
    ['gwen', 'guests of this workspace'],
    ['vera', 'other organisations'],
  ])('%s is refused, and it is recorded', async (person, why) => {
    await bench.sandbox.setChannel('ops', { members: [...bench.sandbox.channel('ops').channel.members, 'U0VENDOR01'] });
    expect(await (await mention('cancel', { person })).told()).toContain(why);
    expect(bench.desk.acts).toEqual([]);
    expect(bench.desk.turnedAway).toMatchObject([{ action: 'read', why: expect.stringContaining(why) }]);
  });

  test('somebody without rights is told who has them', async () => {
    expect(await (await mention('cancel', { person: 'alex' })).told()).toContain('You may not decide about runs');
    expect(bench.desk.acts).toEqual([]);
  });

  test('what an app writes counts for nobody', async () => {
    await mention('cancel', { person: 'deploybot' });
    await bench.sandbox.waitFor(() => bench.desk.turnedAway.length === 1, { what: 'the record of the refusal' });
    const { told } = await mention('cancel', { person: 'dana', byApp: true });
    expect(await told()).toContain('An app wrote this message');
    expect(bench.desk.turnedAway.map(({ user }) => user)).toEqual(['U0ROBOT001', 'U0DANA0001']);
    expect(bench.desk.acts).toEqual([]);
  });

  test('a shared channel and a direct message are refused', async () => {
    await bench.sandbox.setChannel('ops', { is_ext_shared: true });
    expect(await (await mention('cancel')).told()).toContain('shared with another organisation');
    expect(await (await mention('status', { channel: 'directmessage', at: '' })).told()).toContain('works in channels only');
    expect(bench.desk.acts).toEqual([]);
    expect(bench.desk.turnedAway).toHaveLength(2);
  });

  test('outside of a thread nothing is started, only taught', async () => {
    const told = await (await mention('restart atscale-prod', { at: '' })).told();
    expect(told).toContain('A mention starts nothing.');
    expect(told).toContain('`/ha restart atscale-prod`');
    await (await mention(`cancel ${RUN}`, { at: '' })).told();
    expect(bench.desk.started).toEqual([]);
    expect(bench.desk.acts).toEqual([]);
  });

  test('the thread of no run does nothing', async () => {
    const foreign = await bench.post('keyturn_pause', 'nothing');
    expect(await (await mention('cancel', { at: foreign })).told()).toContain('No run that goes on belongs to this thread');
    bench.desk.runs.set(RUN, stateOf(RUN, { channel: { team: 'T0SANDBOX1', id: 'C0STAKE001' } }));
    expect(await (await mention('cancel')).told()).toContain('No run that goes on belongs to this thread');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([OTHER, 'runtypo99', 'atscale-test'])('a reason that names %s stops neither run', async (word) => {
    expect(await (await mention(`cancel ${word} now`)).told()).toContain('so nothing was done');
    expect(bench.desk.acts).toEqual([]);
  });

  test('the own name is no part of the reason', async () => {
    await (await mention('pause ATSCALE-prod disk full')).told();
    expect(bench.desk.acts).toMatchObject([{ run: RUN, reason: 'disk full' }]);
  });

  test.each([
    ['something else', '<@U0KEYTURN1> retry', 'is nothing that a mention does'],
    ['a sentence about it', 'Shall <@U0KEYTURN1> cancel this?', 'only a message that begins with'],
  ])('%s does nothing', async (_what, text, answer) => {
    const before = bench.sandbox.ephemerals('dana').length;
    await bench.sandbox.person('dana').say({ channel: 'ops', text, thread_ts: thread });
    expect(await toldSince('dana', before)).toContain(answer);
    expect(bench.desk.acts).toEqual([]);
  });

  test('a fault is told and nothing is left unhandled', async () => {
    bench.desk.failure = new Error('the desk fell over');
    expect(await (await mention('cancel')).told()).toContain('fault in Keyturn itself');
    bench.desk.failure = undefined;
  });
});

test('an app without the scope hears no mention and works', async () => {
  const scopes = ['commands', 'chat:write', 'users:read', 'channels:read', 'channels:history', 'groups:read', 'groups:history'];
  const bench = await startBench('socket', { scopes });
  bench.desk.runs.set(RUN, stateOf(RUN));
  const thread = await bench.post('keyturn_pause', RUN);
  bench.threads.set(RUN, thread);
  await bench.sandbox.person('dana').mention({ channel: 'ops', text: 'cancel', thread_ts: thread });
  expect(await bench.answer('dana', 'ops', `/ha pause ${RUN}`)).toContain('starts nothing more');
  expect(bench.desk.acts.map(({ kind }) => kind)).toEqual(['pause']);
  await bench.close();
});

test.each([
  [`<@${BOT}>`, { kind: 'help' }],
  [`<@${BOT}|keyturn>: PAUSE, disk is full`, { kind: 'pause', reason: 'disk is full' }],
  [`\u200b<@${BOT}> cancel “never closed`, { kind: 'cancel', reason: '"never closed' }],
  [`<@${BOT}> cancel see <https://a.example/x|the ticket>`, { kind: 'cancel', reason: 'see the ticket' }],
  [`<@${BOT}>\nresume`, { kind: 'resume', reason: '' }],
  [`<@${BOT}> cancelled?`, { kind: 'other', words: 'cancelled?' }],
  ['<@U0SOMEONE1> cancel', { kind: 'aside' }],
  [`ask <@${BOT}> cancel`, { kind: 'aside' }],
  ['@Keyturn cancel', { kind: 'aside' }],
])('“%s” is read as meant', (text, said) => {
  expect(readSaid(text, BOT)).toEqual(said);
});
