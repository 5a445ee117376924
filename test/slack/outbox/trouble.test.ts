import { intended, leading, type Office, passed, startOffice, succeeded, wholeStep } from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await startOffice();
}, 30_000);
afterEach(() => office.close());

const RUN = 'runabc234';
const WHOLE = [...wholeStep('S1'), succeeded];
const POST = 'chat.postMessage';
const UPDATE = 'chat.update';

function deliveries(): readonly string[] {
  return office.thread(RUN).map((message) => new RegExp(`${RUN}-[a-z2-7]{8}`).exec(message.text)?.[0] ?? `none in ${message.text}`);
}

/** Card, plan, step and end, each once and in order. */
function expectWhole(): void {
  const texts = office.thread(RUN).map((message) => message.text);
  expect(texts).toEqual([
    expect.stringMatching(/: succeeded\n/),
    expect.stringContaining('Plan of'),
    expect.stringContaining('S1 do S1 on main-1: succeeded'),
    expect.stringContaining('Took'),
  ]);
  expect(new Set(deliveries()).size).toBe(4);
  expect(office.slack.channel('ops').all()).toHaveLength(4);
}

const isCard = (args: { readonly thread_ts?: unknown }): boolean => args.thread_ts === undefined;
const isReply = (args: { readonly thread_ts?: unknown }): boolean => args.thread_ts !== undefined;

test.each([
  ['the answer to the card is lost', { dropReplyAfterProcessing: true, when: isCard }],
  ['the answer to a reply is lost', { dropReplyAfterProcessing: true, when: isReply }],
  ['every answer is lost for a while', { dropReplyAfterProcessing: true, times: 3 }],
  ['the request is lost', { dropBeforeProcessing: true, when: isReply }],
  ['Slack has an inner error', { error: 'internal_error', when: isReply }],
  ['Slack answers with status 503', { status: 503, times: 2 }],
  ['Slack asks to wait', { rateLimited: 1, times: 2 }],
] as const)('the thread stands once and whole: %s', async (_title, fault) => {
  office.slack.fail(POST, fault);
  await office.begin(RUN, WHOLE);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  await outbox.close();
  expectWhole();
});

test('read back fails for a while, the post is not repeated', async () => {
  office.slack.fail(POST, { dropReplyAfterProcessing: true, when: isReply });
  office.slack.fail('conversations.replies', { status: 500 });
  await office.begin(RUN, WHOLE);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  await outbox.close();
  expectWhole();
});

test('Slack is down, the run goes on and the thread follows', async () => {
  for (const method of [POST, 'conversations.history', 'conversations.replies']) {
    office.slack.fail(method, { status: 502, times: 1_000 });
  }
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN, wholeStep('S1'));
  await office.slack.waitFor(() => office.slack.callsOf('conversations.history').length > 0, { what: 'a look' });
  await office.append(RUN, [succeeded]);
  office.slack.heal();
  await outbox.settled(RUN);
  await outbox.close();
  expectWhole();
});

test('a wait for posts does not hold updates back', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN);
  await outbox.settled(RUN);
  office.slack.fail(POST, { rateLimited: 2 });
  await office.append(RUN, [...wholeStep('S1')]);
  await office.slack.waitFor(() => office.slack.callsOf(POST).some((call) => call.status === 429), { what: 'the wait' });
  await office.append(RUN, [succeeded]);
  await office.slack.waitFor(() => office.thread(RUN)[0]?.text.includes(': succeeded'), { what: 'the card' });
  expect(office.thread(RUN)).toHaveLength(2);
  await outbox.settled(RUN);
  await outbox.close();
  expectWhole();
});

test('thrown away between post and bookkeeping, the message stands once', async () => {
  await office.begin(RUN, WHOLE);
  const first = office.outbox();
  let dying: Promise<void> | undefined;
  office.slack.fail(POST, { dropReplyAfterProcessing: true, when: isReply });
  office.slack.onCall(POST, (call) => {
    if (isReply(call.args)) dying ??= first.close();
  });
  await leading(first, office);
  await office.slack.waitFor(() => dying !== undefined, { what: 'the end of the first' });
  await dying;
  expect(office.thread(RUN)).toHaveLength(2);
  const second = await leading(office.outbox(), office);
  await second.settled(RUN);
  await second.close();
  expectWhole();
});

test('the channel is archived for a while, then all is made up', async () => {
  await office.begin(RUN, wholeStep('S1'));
  await office.slack.setChannel('ops', { is_archived: true });
  const first = await leading(office.outbox(), office);
  await first.settled(RUN);
  expect(first.health().parked).toEqual([{ run: RUN, key: 'card', why: 'is_archived' }]);
  expect(office.logged.filter((line) => line.includes('is_archived'))).toHaveLength(1);
  await office.append(RUN, [succeeded]);
  await office.slack.setChannel('ops', { is_archived: false });
  await first.settled(RUN);
  await first.close();
  expectWhole();
});

test('an update that is refused for now is made up later', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN);
  await outbox.settled(RUN);
  office.slack.fail(UPDATE, { error: 'is_archived' });
  await office.append(RUN, WHOLE);
  await office.slack.waitFor(() => office.slack.callsOf(UPDATE).length > 0, { what: 'the refused update' });
  await outbox.settled(RUN);
  await outbox.settled(RUN);
  await outbox.close();
  expectWhole();
});

test('an edit window that is closed moves the final text to a new reply', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN, [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, intended('S1')]);
  await outbox.settled(RUN);
  await office.show({ run: RUN, step: 'S1', host: 'main-1', attempt: 1, tail: 'half', bytes: 4 });
  await office.slack.waitFor(() => office.thread(RUN).length === 3, { what: 'the live reply' });
  const live = office.thread(RUN)[2];
  office.slack.fail(UPDATE, { error: 'edit_window_closed', times: 1_000, when: (args) => args.ts === live?.ts });
  await office.append(RUN, [...passed('S1', 'done and dusted\n'), succeeded]);
  await office.slack.waitFor(() => office.thread(RUN).length === 5, { what: 'end and new reply' });
  await outbox.settled(RUN);
  await outbox.close();
  expect(office.thread(RUN)[2]?.text).toContain('running');
  expect(office.thread(RUN)[4]?.text).toContain('S1 do S1 on main-1: succeeded');
  expect(JSON.stringify(office.thread(RUN)[4]?.blocks)).toContain('done and dusted');
  expect(new Set(deliveries()).size).toBe(5);
});

test('a deleted top card begins the thread again, once', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN);
  await outbox.settled(RUN);
  const [card] = office.thread(RUN);
  await office.slack.channel('ops').deleteMessage(card?.ts ?? '');
  await office.append(RUN, WHOLE);
  await office.slack.waitFor(() => office.thread(RUN).length === 3, { what: 'the new thread' });
  await outbox.settled(RUN);
  await outbox.close();
  expect(office.thread(RUN).map((message) => message.text)).toEqual([
    expect.stringContaining('succeeded'),
    expect.stringContaining('S1 do S1 on main-1: succeeded'),
    expect.stringContaining('Took'),
  ]);
});

test('a thread that Slack denies for ever does not flood the channel', async () => {
  office.slack.fail(POST, { error: 'thread_not_found', times: 1_000, when: isReply });
  await office.begin(RUN, WHOLE);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  expect(outbox.health().parked).toEqual([{ run: RUN, key: 'plan', why: 'thread_not_found' }]);
  expect(office.slack.channel('ops').messages()).toHaveLength(1);
  await outbox.close();
});

test('a layout that Slack refuses leaves the text', async () => {
  office.slack.fail(POST, { error: 'invalid_blocks', when: isReply });
  await office.begin(RUN, WHOLE);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  await outbox.close();
  expectWhole();
  expect(office.thread(RUN)[1]?.blocks).toBeUndefined();
});

test('without the right to read back a message is repeated rather than lost', async () => {
  await office.close();
  office = await startOffice({ scopes: ['chat:write'] });
  office.slack.fail(POST, { dropReplyAfterProcessing: true, when: isReply, times: 2 });
  await office.begin(RUN, WHOLE);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  await outbox.close();
  expect(new Set(deliveries()).size).toBe(4);
  expect(deliveries()).toHaveLength(6);
  expect(office.logged.filter((line) => line.includes('history scopes'))).toHaveLength(1);
});

test('a lease that is lost during a call is the end of calls', async () => {
  await office.begin(RUN, WHOLE);
  let held = true;
  const leases = { acquire: async () => ({ kind: 'held' as const }), renew: async () => held, release: async () => true };
  const outbox = office.outbox({ leases });
  const lost = () => office.slack.waitFor(() => !outbox.health().leads, { what: 'the loss' });
  office.slack.onCall(POST, async ({ args }) => {
    if (!isReply(args)) return;
    held = false;
    const nudge = setInterval(() => office.slack.lookAgain(), 50);
    await lost().finally(() => clearInterval(nudge));
  });
  await leading(outbox, office);
  await office.slack.waitFor(() => office.slack.callsOf(POST).length === 2 && !outbox.health().leads, { what: 'a call without lease' });
  await outbox.close();
  expect(office.slack.calls.map((call) => call.method)).toEqual([POST, POST]);
});
