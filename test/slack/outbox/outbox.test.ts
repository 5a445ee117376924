import type { RunEvent } from '../../../src/run/events.ts';
import { requested, sam } from '../../run/samples.ts';
import { intended, leading, led, type Office, passed, startOffice, succeeded, wholeStep } from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await startOffice();
}, 30_000);
afterEach(() => office.close());

const RUN = 'runabc234';

/** First lines of a thread, top card first. */
function firstLines(): readonly string[] {
  return office.thread(RUN).map((message) => message.text.split('\n')[0] ?? '');
}

function deliveries(): readonly string[] {
  return office.thread(RUN).map((message) => new RegExp(`${RUN}-[a-z2-7]{8}`).exec(message.text)?.[0] ?? `none in ${message.text}`);
}

function expectNoDoubles(): void {
  expect(new Set(deliveries()).size).toBe(deliveries().length);
}

test('a run that ended while nobody looked is shown whole', async () => {
  await office.begin(RUN, [...wholeStep('S1'), succeeded]);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  await outbox.close();
  expect(firstLines()).toEqual([
    expect.stringContaining('succeeded'),
    expect.stringContaining('Plan of'),
    expect.stringContaining('S1'),
    expect.stringContaining('succeeded'),
  ]);
  expectNoDoubles();
});

test('each append is shown as it comes, in order', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN);
  await office.append(RUN, wholeStep('S1'));
  await office.append(RUN, [requested('S2', 'main-1')]);
  await office.append(RUN, [{ kind: 'approvalGiven', request: 'q1', by: sam }]);
  await office.append(RUN, [...wholeStep('S2'), succeeded]);
  await office.slack.waitFor(() => firstLines().length === 7, { what: 'the whole thread' });
  await outbox.settled(RUN);
  await outbox.close();
  expect(firstLines().map((line) => line.replace(/ ?\(.*| · .*/, ''))).toEqual([
    'Restart it',
    'Plan of Restart it',
    expect.stringMatching(/^S1 .*succeeded\./),
    expect.stringMatching(/^S2 .*UNSAFE, approved\./),
    '<@U2>',
    expect.stringMatching(/^S2 .*succeeded\./),
    'Restart it',
  ]);
});

test('a short step costs one call, whatever was printed meanwhile', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN, [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, intended('S1')]);
  await outbox.settled(RUN);
  await office.show({ run: RUN, step: 'S1', host: 'main-1', attempt: 1, tail: 'half', bytes: 4 });
  await office.append(RUN, passed('S1'));
  await office.slack.waitFor(() => office.thread(RUN).length === 3, { what: 'the reply' });
  await outbox.settled(RUN);
  await outbox.close();
  const reply = office.thread(RUN)[2];
  expect(office.slack.callsOf('chat.postMessage')).toHaveLength(3);
  expect(office.slack.callsOf('chat.update').filter((call) => call.args.ts === reply?.ts)).toEqual([]);
});

test('a settled approval card has no buttons left', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN, [requested('S2', 'main-1')]);
  await outbox.settled(RUN);
  expect(JSON.stringify(office.thread(RUN)[2]?.blocks)).toContain('keyturn_approve');
  await office.append(RUN, [{ kind: 'approvalRejected', request: 'q1', by: sam, reason: 'not today' }]);
  await office.slack.waitFor(() => office.thread(RUN)[2]?.text.includes('not today'), { what: 'the settled card' });
  await outbox.settled(RUN);
  await outbox.close();
  expect(JSON.stringify(office.thread(RUN)[2]?.blocks)).not.toContain('keyturn_approve');
});

test('every call keeps Slack from linking, mentioning and unfurling', async () => {
  await office.begin(RUN, [...wholeStep('S1'), succeeded]);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  await outbox.close();
  for (const { args } of office.slack.callsOf('chat.postMessage')) {
    expect([args.parse, String(args.link_names), String(args.unfurl_links), String(args.unfurl_media)]).toEqual([
      'none',
      'false',
      'false',
      'false',
    ]);
  }
});

test('announcements reach their channels, and a closed one holds nothing back', async () => {
  const announced: RunEvent = { kind: 'announced', step: 'S1', text: 'it goes down', channels: ['C0STAKE001', 'C0OLD00001'] };
  await office.begin(RUN, [announced, succeeded]);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  expect(
    office.slack
      .channel('stakeholders')
      .messages()
      .map((message) => message.text),
  ).toEqual([expect.stringContaining('it goes down')]);
  expect(outbox.health().parked).toEqual([{ run: RUN, key: expect.stringContaining('C0OLD00001'), why: 'is_archived' }]);
  expect(firstLines().at(-1)).toContain('succeeded');
  await outbox.close();
});

test('one of two outboxes posts, and the other takes over', async () => {
  const first = await leading(office.outbox(), office);
  const second = office.outbox();
  second.start();
  await office.begin(RUN, wholeStep('S1'));
  await office.slack.waitFor(() => firstLines().length === 3, { what: 'three messages' });
  await first.close();
  await led(second, office);
  await office.append(RUN, [succeeded]);
  await office.slack.waitFor(() => firstLines().length === 4, { what: 'the end' });
  await second.settled(RUN);
  await second.close();
  expectNoDoubles();
});

test('a journal behind its thread is reported and left alone', async () => {
  await office.begin(RUN, wholeStep('S1'));
  const first = await leading(office.outbox(), office);
  await first.settled(RUN);
  await first.close();
  const rewound: unknown[] = [];
  const second = office.outbox({
    onRewind: (run, seen, head) => rewound.push([run, seen, head]),
    notes: { thread: () => ({ get: async () => '99', all: async () => new Map(), set: fail, remove: fail }) },
  });
  const calls = office.slack.calls.length;
  await leading(second, office);
  await second.settled(RUN);
  await second.close();
  expect(rewound).toEqual([[RUN, 99, 5]]);
  expect(office.slack.calls).toHaveLength(calls);
});

async function fail(): Promise<never> {
  throw new Error('nothing may be written');
}

test('the permalink leads to the top card once it stands', async () => {
  const outbox = await leading(office.outbox(), office);
  await office.begin(RUN);
  await outbox.settled(RUN);
  expect(await outbox.permalink(RUN)).toContain(`/archives/C0OPS00001/p${office.thread(RUN)[0]?.ts.replace('.', '')}`);
  expect(await outbox.permalink('runother2')).toBeUndefined();
  await outbox.close();
});
