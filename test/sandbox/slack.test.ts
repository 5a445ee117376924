/** The real Bolt on the sandbox Slack: what works here works there. */
import { createServer } from 'node:http';
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { type JsonObject, type SandboxOptions, type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';

/** Lost connections are ordered here; what the SDK says about them is not news. */
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

async function sandbox(options: SandboxOptions = {}): Promise<SandboxSlack> {
  const slack = await startSandboxSlack(options);
  releases.push(() => slack.close());
  return slack;
}

/** A bot with two live connections, as Keyturn runs. */
async function socketBot(slack: SandboxSlack, listen: (app: App) => void): Promise<App> {
  const clientOptions = { slackApiUrl: slack.url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
  const receiver = (): SocketModeReceiver =>
    new SocketModeReceiver({
      appToken: slack.appToken,
      logger,
      installerOptions: { clientOptions: { slackApiUrl: slack.url } },
    });
  const receivers = [receiver(), receiver()];
  const [first, second] = receivers;
  if (first === undefined || second === undefined) throw new Error('two receivers expected');
  const app = new App({ token: slack.botToken, receiver: first, clientOptions, logger, deferInitialization: true });
  listen(app);
  await app.init();
  second.init(app);
  await Promise.all(receivers.map((each) => each.start()));
  releases.push(() => Promise.all(receivers.map((each) => each.client.disconnect())));
  await slack.waitForConnections(2);
  return app;
}

const approve = (value: string) => ({
  type: 'actions',
  block_id: `approval-${value}`,
  elements: [{ type: 'button', action_id: 'approve', style: 'primary', value, text: { type: 'plain_text', text: 'Approve Restart' } }],
});

test('a command is acknowledged and answered to its sender alone', async () => {
  const slack = await sandbox();
  await socketBot(slack, (app) => {
    app.command('/ha', ({ ack, command }) => ack(`You said: ${command.text}`));
  });
  const seen = await slack.person('dana').command({ channel: 'ops', text: '/ha restart atscale-prod' });
  expect(seen).toMatchObject({ acked: true, ephemeral: [{ text: 'You said: restart atscale-prod' }] });
  expect(slack.ephemerals('sam')).toEqual([]);
  expect(slack.channel('ops').messages()).toEqual([]);
});

test('both connections receive payloads, each payload only one', async () => {
  const slack = await sandbox();
  let commands = 0;
  await socketBot(slack, (app) => {
    app.command('/ha', async ({ ack }) => {
      commands += 1;
      await ack();
    });
  });
  for (let n = 0; n < 4; n += 1)
    expect(await slack.person('dana').command({ channel: 'ops', text: '/ha help' })).toMatchObject({ acked: true });
  expect(commands).toBe(4);
});

test('a bot posts, replies in the thread and updates', async () => {
  const slack = await sandbox();
  const { client } = await socketBot(slack, () => undefined);
  const top = await client.chat.postMessage({ channel: 'C0OPS00001', text: 'Restart of atscale-prod', blocks: [approve('n1')] });
  const reply = await client.chat.postMessage({
    channel: 'C0OPS00001',
    text: 'S1 succeeded',
    thread_ts: top.ts,
    metadata: { event_type: 'keyturn', event_payload: { id: 'd1' } },
  });
  await client.chat.update({ channel: 'C0OPS00001', ts: top.ts ?? '', text: 'Done' });
  const [parent, child] = slack.channel('#ops').thread(top.ts ?? '');
  expect(parent).toMatchObject({ text: 'Done', reply_count: 1, latest_reply: reply.ts });
  expect(parent?.blocks).toBeUndefined();
  expect(child).toMatchObject({ text: 'S1 succeeded', thread_ts: top.ts });
  const read = await client.conversations.replies({ channel: 'C0OPS00001', ts: top.ts ?? '', oldest: top.ts, include_all_metadata: true });
  expect(read.messages?.map((each) => each.text)).toEqual(['Done', 'S1 succeeded']);
  expect(read.messages?.[1]).toMatchObject({ metadata: { event_type: 'keyturn', event_payload: { id: 'd1' } } });
});

test('a button tells the bot who pressed what where', async () => {
  const slack = await sandbox();
  const { client } = await socketBot(slack, (app) => {
    app.action('approve', async ({ ack, body, action, respond }) => {
      await ack();
      const value = 'value' in action ? action.value : undefined;
      await respond({ text: `${body.user.id} pressed ${value}`, response_type: 'ephemeral', replace_original: false });
    });
  });
  const { ts = '' } = await client.chat.postMessage({ channel: 'C0OPS00001', text: 'Approve?', blocks: [approve('nonce-1')] });
  const seen = await slack.person('sam').click({ channel: 'ops', ts, label: 'Approve Restart' });
  const answer = await slack.waitFor(() => seen.ephemeral[0], { what: 'the answer to the click' });
  expect(answer.text).toBe('U0SAM00001 pressed nonce-1');
  await expect(slack.person('sam').click({ channel: 'ops', ts, label: 'Reject' })).rejects.toThrow('there is: "Approve Restart" (approve)');
});

test('a forged click arrives as it was forged', async () => {
  const slack = await sandbox();
  const pressed: unknown[] = [];
  const { client } = await socketBot(slack, (app) => {
    app.action('hidden', async ({ ack, body, action }) => {
      pressed.push([body.user.id, 'value' in action && action.value]);
      await ack();
    });
  });
  const { ts = '' } = await client.chat.postMessage({ channel: 'C0OPS00001', text: 'no buttons here' });
  const forge = (payload: JsonObject): JsonObject => ({ ...payload, user: { id: 'U0SAM00001', team_id: 'T0SANDBOX1' } });
  await slack.person('alex').click({ channel: 'ops', ts, actionId: 'hidden', value: 'stolen', forge });
  expect(pressed).toEqual([['U0SAM00001', 'stolen']]);
});

const modal = (trigger_id: string) => ({
  trigger_id,
  view: {
    type: 'modal' as const,
    callback_id: 'reason',
    title: { type: 'plain_text' as const, text: 'Reject restart' },
    submit: { type: 'plain_text' as const, text: 'Reject' },
    blocks: [
      {
        type: 'input' as const,
        block_id: 'why',
        label: { type: 'plain_text' as const, text: 'Reason' },
        element: { type: 'plain_text_input' as const, action_id: 'text', multiline: true },
      },
    ],
  },
});

test('a modal opens once per trigger and shows errors', async () => {
  const slack = await sandbox();
  const submitted: unknown[] = [];
  await socketBot(slack, (app) => {
    app.command('/ha', async ({ ack, command, client }) => {
      await ack();
      await client.views.open(modal(command.trigger_id));
      await client.views.open(modal(command.trigger_id)).catch(() => undefined);
    });
    app.view('reason', async ({ ack, view }) => {
      const reason = view.state.values.why?.text?.value ?? '';
      if (reason.length < 5) return ack({ response_action: 'errors', errors: { why: 'Say a little more.' } });
      submitted.push(reason);
      return ack();
    });
  });
  const sam = slack.person('sam');
  await sam.command({ channel: 'ops', text: '/ha reject' });
  await slack.waitFor(() => slack.callsOf('views.open').length === 2, { what: 'both attempts to open' });
  expect(slack.callsOf('views.open')).toMatchObject([{ answer: { ok: true } }, { answer: { error: 'exchanged_trigger_id' } }]);
  expect(await sam.submitView({ values: {} })).toMatchObject({ kind: 'errors', errors: { why: expect.stringContaining('required') } });
  expect(await sam.submitView({ values: { text: 'no' } })).toEqual({ kind: 'errors', errors: { why: 'Say a little more.' } });
  expect(await sam.submitView({ values: { text: 'Wrong cluster' } })).toEqual({ kind: 'closed' });
  expect(submitted).toEqual(['Wrong cluster']);
  expect(slack.openViews('sam')).toEqual([]);
});

test('too many posts in a channel are rate limited', async () => {
  const slack = await sandbox({ rates: { 'chat.postMessage': [{ max: 2, windowMs: 60_000, per: 'channel' }] } });
  const { client } = await socketBot(slack, () => undefined);
  const post = (channel: string) => client.chat.postMessage({ channel, text: 'again' });
  await post('C0OPS00001');
  await post('C0OPS00001');
  await expect(post('C0OPS00001')).rejects.toMatchObject({ retryAfter: 60 });
  expect(slack.channel('ops').messages()).toHaveLength(2);
  expect(await post('C0STAKE001')).toMatchObject({ ok: true });
});

test('a redelivered envelope reaches both connections with one id', async () => {
  const slack = await sandbox();
  const seen: string[] = [];
  await socketBot(slack, (app) => {
    app.command('/ha', async ({ ack, command }) => {
      seen.push(command.trigger_id);
      slack.lookAgain();
      await ack();
    });
  });
  slack.duplicateNext();
  await slack.person('dana').command({ channel: 'ops', text: '/ha help' });
  await slack.waitFor(() => seen.length === 2, { what: 'both copies' });
  expect(new Set(seen).size).toBe(1);
});

test('a dropped reply leaves the message behind', async () => {
  const slack = await sandbox();
  const { client } = await socketBot(slack, () => undefined);
  slack.fail('chat.postMessage', { dropReplyAfterProcessing: true });
  await expect(client.chat.postMessage({ channel: 'C0OPS00001', text: 'once' })).rejects.toThrow();
  expect(slack.channel('ops').messages()).toMatchObject([{ text: 'once' }]);
  expect(slack.callsOf('chat.postMessage')).toMatchObject([{ answer: { ok: true } }]);
});

test('a hook runs between the effect and its answer', async () => {
  const slack = await sandbox();
  const { client } = await socketBot(slack, () => undefined);
  const order: string[] = [];
  slack.onCall('chat.postMessage', () => {
    order.push(`hook sees ${slack.channel('ops').messages().length}`);
  });
  await client.chat.postMessage({ channel: 'C0OPS00001', text: 'x' });
  order.push('answer');
  expect(order).toEqual(['hook sees 1', 'answer']);
});

test('a wrong bot token is refused by name', async () => {
  const slack = await sandbox();
  const receiver = new SocketModeReceiver({ appToken: slack.appToken, logger });
  const app = new App({
    token: 'xoxb-wrong',
    receiver,
    clientOptions: { slackApiUrl: slack.url },
    logger,
    deferInitialization: true,
  });
  await expect(app.init()).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
});

test('a bot that never acknowledges costs the person a timeout', async () => {
  const slack = await sandbox({ ackTimeoutMs: 200 });
  await socketBot(slack, (app) => {
    app.command('/ha', async () => undefined);
  });
  const seen = await slack.person('dana').command({ channel: 'ops', text: '/ha help' });
  expect(seen).toMatchObject({ acked: false, failure: expect.stringContaining('operation_timeout') });
  expect(slack.ephemerals('dana')).toMatchObject([{ from: 'slackbot' }]);
});

test.each(['abrupt', 'refresh_requested'] as const)('a connection lost by %s leaves the other one working', async (how) => {
  const slack = await sandbox();
  await socketBot(slack, (app) => {
    app.command('/ha', ({ ack }) => ack('here'));
  });
  slack.dropConnections(how, 1);
  await slack.waitFor(() => slack.connections === 1, { what: 'one connection less' });
  expect(await slack.person('dana').command({ channel: 'ops', text: '/ha help' })).toMatchObject({ acked: true });
});

test('mentions and deletions reach the bot as events', async () => {
  const slack = await sandbox();
  const heard: string[] = [];
  const { client } = await socketBot(slack, (app) => {
    app.event('app_mention', async ({ event }) => {
      heard.push(`mention ${event.text}`);
    });
    app.message(async ({ message }) => {
      if (message.subtype === 'message_deleted') heard.push(`deleted ${'deleted_ts' in message ? message.deleted_ts : ''}`);
      slack.lookAgain();
    });
  });
  const { ts = '' } = await client.chat.postMessage({ channel: 'C0OPS00001', text: 'record' });
  await slack.person('dana').mention({ channel: 'ops', text: 'status', thread_ts: ts });
  await slack.channel('ops').deleteMessage(ts);
  await slack.waitFor(() => heard.length === 2, { what: 'mention and deletion' });
  expect(heard.sort()).toEqual([`deleted ${ts}`, 'mention <@U0KEYTURN1> status']);
});

test('an uploaded file appears in the thread after the answer', async () => {
  const slack = await sandbox();
  const { client } = await socketBot(slack, () => undefined);
  const { ts = '' } = await client.chat.postMessage({ channel: 'C0OPS00001', text: 'top' });
  await client.filesUploadV2({ channel_id: 'C0OPS00001', thread_ts: ts, filename: 'step3.log', content: 'line 1\nline 2\n' });
  const file = await slack.waitFor(() => slack.channel('ops').thread(ts)[1]?.files?.[0], { what: 'the file in the thread' });
  expect(file).toMatchObject({ name: 'step3.log', size: 14 });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function httpBot(listen: (app: App) => void, ackTimeoutMs = 3_000): Promise<SandboxSlack> {
  const port = await freePort();
  const slack = await sandbox({ delivery: { kind: 'http', requestUrl: `http://127.0.0.1:${port}/slack/events` }, ackTimeoutMs });
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, port, logger });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: { slackApiUrl: slack.url },
    logger,
    deferInitialization: true,
  });
  listen(app);
  await app.init();
  await app.start(port);
  releases.push(() => app.stop());
  return slack;
}

test('commands and clicks travel as signed requests too', async () => {
  const slack = await httpBot((app) => {
    app.command('/ha', ({ ack }) => ack({ response_type: 'ephemeral', text: 'over HTTP' }));
    app.action('approve', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'Approved.', replace_original: true });
    });
    app.event('app_mention', async ({ client, event }) => {
      await client.chat.postMessage({ channel: event.channel, text: 'Approve?', blocks: [approve('n')] });
    });
  });
  const seen = await slack.person('dana').command({ channel: 'ops', text: '/ha help' });
  expect(seen).toMatchObject({ acked: true, ephemeral: [{ text: 'over HTTP' }] });
  await slack.person('dana').mention({ channel: 'ops', text: 'ask' });
  const card = await slack.waitFor(
    () =>
      slack
        .channel('ops')
        .messages()
        .find((each) => each.bot_id !== undefined),
    { what: 'the card' },
  );
  expect(await slack.person('sam').click({ channel: 'ops', ts: card.ts, actionId: 'approve' })).toMatchObject({ acked: true });
  const after = await slack.waitFor(
    () => slack.channel('ops').message(card.ts)?.text === 'Approved.' && slack.channel('ops').message(card.ts),
  );
  expect(after.blocks).toBeUndefined();
});

test.each([
  ['a forged signature', { signature: 'v0=00' }],
  ['an old timestamp', { timestamp: 1_700_000_000 }],
])('%s is refused by the bot', async (_title, forged) => {
  const slack = await httpBot(() => undefined);
  expect(await slack.deliverRaw({ body: 'command=%2Fha&text=help', ...forged })).toMatchObject({ kind: 'refused', status: 401 });
});
