import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
beforeEach(async () => {
  town = await startTown({ hosts: { seconds: { stop: 1, start: 0.2, services: 0.2 } } });
}, 60_000);
afterEach(() => town.close());

const begun = (program: string): string[] =>
  town.hosts.cluster.log().flatMap((entry) => (entry.event === 'begin' && entry.program === program ? [entry.host] : []));

/** Every message once, in the order in which the journal made them, and the run through. */
function expectWholeThread(thread: ThreadView): void {
  const deliveries = thread.texts().map((text) => new RegExp(`${thread.run}-[a-z2-9]+`).exec(text)?.[0]);
  expect(deliveries).not.toContain(undefined);
  expect(new Set(deliveries).size).toBe(deliveries.length);
  expect(begun('atscale_stop')).toEqual(['query-01', 'engine-02', 'engine-01', 'coord-01']);
  expect(begun('atscale_start')).toEqual(['coord-01', 'engine-01', 'engine-02', 'query-01']);
  expect(town.hosts.cluster.violations()).toEqual([]);
}

test('killed in the middle of a stop, nothing runs twice', async () => {
  const thread = await town.begin();
  await thread.press('sam', /^Approve/);
  await town.hosts.cluster.waitForLog((entry) => entry.program === 'atscale_stop' && entry.event === 'begin');
  await town.killBot();
  await town.hosts.cluster.waitForLog((entry) => entry.program === 'atscale_stop' && entry.event === 'end');
  await town.startBot();
  await thread.approveToTheEnd();
  await thread.see(/\bsucceeded\b/);
  expectWholeThread(thread);
}, 90_000);

test('killed while it waits for approval, the card still works', async () => {
  const thread = await town.begin();
  const card = await thread.see(/^\*S3 .*: UNSAFE/);
  await town.killBot();
  await town.startBot();
  await town.slack.waitForConnections(2);
  expect(thread.messages().map((message) => message.ts)).toContain(card.ts);
  await thread.approveToTheEnd();
  expectWholeThread(thread);
}, 90_000);

test.each([
  ['the top card', (text: string) => !text.includes('S3')],
  ['the approval card', (text: string) => text.includes('UNSAFE')],
  ['the last word', (text: string) => /succeeded/.test(text) && /approvals?/i.test(text)],
])(
  'killed between a post and its bookkeeping (%s), it stands once',
  async (_title, isIt) => {
    let killed: Promise<void> | undefined;
    town.slack.onCall('chat.postMessage', async (call) => {
      if (killed !== undefined || !isIt(String(call.args.text))) return;
      killed = town.killBot();
      await killed;
    });
    const thread = await town.begin();
    const through = (async () => {
      await town.slack.waitFor(() => killed !== undefined, { what: 'the kill', timeoutMs: 60_000 });
      await killed;
      await town.startBot();
    })();
    if (_title === 'the last word') await approveUntilKilled(thread, () => killed !== undefined);
    await through;
    await thread.approveToTheEnd();
    await thread.see(/\bsucceeded\b/);
    expectWholeThread(thread);
  },
  120_000,
);

async function approveUntilKilled(thread: ThreadView, isKilled: () => boolean): Promise<void> {
  for (const step of ['S3', 'S4', 'S5', 'S6']) {
    if (isKilled()) return;
    await thread.press('sam', new RegExp(`^Approve ${step}`));
  }
}

test('killed at ten moments of one run, the record stays whole', async () => {
  const thread = await town.begin();
  for (let kill = 0; kill < 10; kill += 1) {
    const before = thread.messages().length;
    const approving = thread.press('sam', /^Approve/, 2_000).catch(() => undefined);
    await town.slack.waitFor(() => thread.messages().length > before, { what: 'any new message', timeoutMs: 5_000 }).catch(() => undefined);
    await town.killBot();
    await approving;
    await town.startBot();
    if (/\bsucceeded\b/.test(visibleText(thread.messages()[0] ?? fail()))) break;
  }
  await thread.approveToTheEnd();
  await thread.see(/\bsucceeded\b/);
  expectWholeThread(thread);
}, 180_000);

function fail(): never {
  throw new Error('the thread has no top card');
}
