/** The Web API's refusals and limits, by the names that Slack gives them. */
import { jsonObjectSchema } from '../../infra/sandbox/slack/model.ts';
import { type JsonObject, type SandboxOptions, type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';

let slack: SandboxSlack;
async function start(options: SandboxOptions = {}): Promise<void> {
  slack = await startSandboxSlack({ rates: 'off', ...options });
}
afterEach(() => slack.close());

const OPS = 'C0OPS00001';

/** One call as JSON with the bot token; the parsed answer. */
async function call(method: string, args: JsonObject = {}, token = slack.botToken): Promise<JsonObject> {
  const headers = { 'content-type': 'application/json; charset=utf-8', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${slack.url}${method}`, { method: 'POST', headers, body: JSON.stringify(args) });
  return jsonObjectSchema.parse(await response.json());
}

const text = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const button = (patch: JsonObject) => ({ type: 'actions', elements: [{ type: 'button', action_id: 'a', text: plain(5), ...patch }] });

test.each<[string, readonly JsonObject[], string]>([
  ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), 'invalid_blocks'],
  ['a section over 3,000 characters', [{ type: 'section', text: text(3001) }], 'invalid_blocks'],
  ['a header over 150 characters', [{ type: 'header', text: plain(151) }], 'invalid_blocks'],
  ['an empty section text', [{ type: 'section', text: text(0) }], 'invalid_blocks'],
  ['a button value over 2,000 characters', [button({ value: 'x'.repeat(2001) })], 'invalid_blocks'],
  ['a button text over 75 characters', [button({ text: plain(76) })], 'invalid_blocks'],
  ['an unknown block', [{ type: 'sparkle' }], 'invalid_blocks'],
  ['an input block without label', [{ type: 'input', element: { type: 'plain_text_input' } }], 'invalid_blocks'],
  ['the same block id twice', ['one', 'two'].map(() => ({ type: 'divider', block_id: 'same' })), 'invalid_blocks'],
  ['mrkdwn inside preformatted text', [preformatted({ type: 'user', user_id: 'U1' })], 'invalid_blocks'],
  ['more than 13,200 characters together', Array.from({ length: 5 }, () => ({ type: 'section', text: text(2700) })), 'msg_blocks_too_long'],
])('%s is refused', async (_title, blocks, error) => {
  await start();
  expect(await call('chat.postMessage', { channel: OPS, text: 'x', blocks })).toMatchObject({ ok: false, error });
  expect(slack.channel('ops').messages()).toEqual([]);
});

function preformatted(element: JsonObject): JsonObject {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [element] }] };
}

test.each([
  ['random', 'C0RANDOM01', 'not_in_channel'],
  ['a private channel without the bot', 'C0SECRET01', 'channel_not_found'],
  ['an archived channel', 'C0OLD00001', 'is_archived'],
  ['an unknown channel', 'C0NOWHERE1', 'channel_not_found'],
])('posting to %s is refused by name', async (_title, channel, error) => {
  await start();
  expect(await call('chat.postMessage', { channel, text: 'x' })).toMatchObject({ ok: false, error });
});

test.each<[string, string, JsonObject, string]>([
  ['an unknown method', 'chat.shout', {}, 'unknown_method'],
  ['a post without text', 'chat.postMessage', { channel: OPS }, 'no_text'],
  ['a thread that is not there', 'chat.postMessage', { channel: OPS, text: 'x', thread_ts: '1.000001' }, 'thread_not_found'],
  ['an update of nothing', 'chat.update', { channel: OPS, ts: '1.000001', text: 'x' }, 'message_not_found'],
  ['replies of nothing', 'conversations.replies', { channel: OPS, ts: '1.000001' }, 'thread_not_found'],
  ['an unknown person', 'users.info', { user: 'U0NOBODY01' }, 'user_not_found'],
  ['an unknown group', 'usergroups.users.list', { usergroup: 'S0NOTHERE1' }, 'no_such_subteam'],
  ['a made-up trigger', 'views.open', { trigger_id: '1.2', view: { type: 'modal', title: plain(5), blocks: [] } }, 'invalid_trigger_id'],
  [
    'a modal title over 24 characters',
    'views.open',
    { trigger_id: '1.2', view: { type: 'modal', title: plain(25), blocks: [] } },
    'invalid_arguments',
  ],
])('%s is answered by name', async (_title, method, args, error) => {
  await start();
  expect(await call(method, args)).toMatchObject({ ok: false, error });
});

test('only the bot itself changes and deletes its messages', async () => {
  await start();
  const { ts } = await slack.person('dana').say({ channel: 'ops', text: 'mine' });
  expect(await call('chat.update', { channel: OPS, ts, text: 'yours' })).toMatchObject({ error: 'cant_update_message' });
  expect(await call('chat.delete', { channel: OPS, ts })).toMatchObject({ error: 'cant_delete_message' });
  expect(slack.channel('ops').messages()).toMatchObject([{ text: 'mine' }]);
});

test('tokens are told apart by what they may', async () => {
  await start();
  expect(await call('auth.test', {}, '')).toMatchObject({ error: 'not_authed' });
  expect(await call('auth.test', {}, 'xoxb-other')).toMatchObject({ error: 'invalid_auth' });
  expect(await call('apps.connections.open')).toMatchObject({ error: 'not_allowed_token_type' });
  expect(await call('apps.connections.open', {}, slack.appToken)).toMatchObject({ ok: true, url: expect.stringMatching(/^ws:/) });
  expect(await call('auth.test')).toMatchObject({ ok: true, user_id: 'U0KEYTURN1', bot_id: 'B0KEYTURN1', team_id: 'T0SANDBOX1' });
});

test('a missing scope is named', async () => {
  await start({ scopes: ['chat:write'] });
  expect(await call('users.info', { user: 'U0SAM00001' })).toMatchObject({
    error: 'missing_scope',
    needed: 'users:read',
    provided: 'chat:write',
  });
});

test('people come with the flags that decide', async () => {
  await start();
  await slack.setUser('sam', { deleted: true });
  expect(await call('users.info', { user: 'U0SAM00001' })).toMatchObject({ user: { deleted: true, is_restricted: false } });
  expect(await call('users.info', { user: 'U0GUEST001' })).toMatchObject({ user: { is_restricted: true } });
  expect(await call('users.info', { user: 'U0VENDOR01' })).toMatchObject({ user: { is_stranger: true, team_id: 'T0VENDOR01' } });
  expect(await call('conversations.info', { channel: 'C0VENDOR01' })).toMatchObject({ channel: { is_ext_shared: true, is_member: true } });
});

test('a thread is read page by page, parent first', async () => {
  await start();
  const { ts } = await call('chat.postMessage', { channel: OPS, text: 'parent' });
  for (const reply of ['a', 'b', 'c']) await call('chat.postMessage', { channel: OPS, text: reply, thread_ts: ts });
  const first = await call('conversations.replies', { channel: OPS, ts, limit: 2 });
  expect(first).toMatchObject({ has_more: true, messages: [{ text: 'parent', reply_count: 3 }, { text: 'a' }, { text: 'b' }] });
  const { response_metadata } = first;
  const cursor =
    typeof response_metadata === 'object' && response_metadata !== null && 'next_cursor' in response_metadata
      ? response_metadata.next_cursor
      : '';
  expect(await call('conversations.replies', { channel: OPS, ts, limit: 2, cursor })).toMatchObject({
    has_more: false,
    messages: [{ text: 'parent' }, { text: 'c' }],
  });
});

test('timestamps are unique and increase within one millisecond', async () => {
  await start();
  const posts = await Promise.all(Array.from({ length: 50 }, () => call('chat.postMessage', { channel: OPS, text: 'x' })));
  const all = slack
    .channel('ops')
    .all()
    .map((each) => each.ts);
  expect(new Set(posts.map((each) => each.ts)).size).toBe(50);
  expect([...all].sort()).toEqual(all);
});

test('urlencoded and multipart forms mean the same as JSON', async () => {
  await start();
  const blocks = JSON.stringify([{ type: 'divider' }]);
  const fields = { token: slack.botToken, channel: OPS, text: 'form', blocks };
  const multipart = new FormData();
  for (const [name, value] of Object.entries(fields)) multipart.append(name, value);
  for (const body of [new URLSearchParams(fields), multipart]) await fetch(`${slack.url}chat.postMessage`, { method: 'POST', body });
  expect(slack.channel('ops').all()).toMatchObject([1, 2].map(() => ({ text: 'form', blocks: [{ type: 'divider' }] })));
});

test('a response URL serves five times and no more', async () => {
  await start({ ackTimeoutMs: 50 });
  let url = '';
  const forge = (payload: JsonObject): JsonObject => {
    url = String(payload.response_url);
    return payload;
  };
  await slack.person('dana').command({ channel: 'ops', text: '/ha help', forge });
  const post = (text: string) => fetch(url, { method: 'POST', body: JSON.stringify({ text }) }).then((response) => response.status);
  const statuses = [];
  for (let n = 1; n <= 6; n += 1) statuses.push(await post(`answer ${n}`));
  expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
  expect(slack.ephemerals('dana').filter((each) => each.from === 'app')).toHaveLength(5);
});

test('with nobody connected a command fails in words', async () => {
  await start();
  const seen = await slack.person('dana').command({ channel: 'ops', text: '/ha help' });
  expect(seen).toMatchObject({ acked: false, receipt: { kind: 'unreachable' }, failure: expect.stringContaining('/ha failed') });
});

test.each([
  ['an error', { error: 'internal_error' }, 200],
  ['a status', { status: 503 }, 503],
  ['a rate limit', { rateLimited: 7 }, 429],
])('%s on order has no effect and hits once', async (_title, fault, status) => {
  await start();
  slack.fail('chat.postMessage', fault);
  const post = () =>
    fetch(`${slack.url}chat.postMessage`, {
      method: 'POST',
      body: new URLSearchParams({ token: slack.botToken, channel: OPS, text: 'x' }),
    });
  const first = await post();
  expect(first.status).toBe(status);
  expect(first.headers.get('retry-after')).toBe(status === 429 ? '7' : null);
  expect(slack.channel('ops').all()).toEqual([]);
  expect((await post()).status).toBe(200);
  expect(slack.channel('ops').all()).toHaveLength(1);
});

test('waiting in vain shows what was said instead', async () => {
  await start();
  await call('chat.postMessage', { channel: OPS, text: 'something else' });
  await expect(slack.waitFor(() => undefined, { timeoutMs: 20, what: 'the run card' })).rejects.toThrow(
    /the run card[\s\S]*#ops[\s\S]*something else/,
  );
});

test('the page refuses orders from other sites', async () => {
  await start();
  const order = { method: 'POST', body: JSON.stringify({ as: 'dana', channel: 'ops', text: 'hi' }) };
  const say = (headers: Record<string, string>) =>
    fetch(`${slack.pageUrl}sandbox/say`, { ...order, headers }).then((response) => response.status);
  expect(await say({ 'content-type': 'application/json', origin: 'http://evil.example' })).toBe(403);
  expect(await say({ 'content-type': 'text/plain' })).toBe(403);
  expect(slack.channel('ops').all()).toEqual([]);
  expect(await say({ 'content-type': 'application/json' })).toBe(200);
});
