import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { quick, startTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await startTown({
    procedures: (yaml) => quick(yaml).replace('title: Restart every node', 'approval: 3s\ntitle: Restart every node'),
  });
}, 60_000);
afterAll(() => town.close());

const stops = (): number => town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === 'atscale_stop').length;

test('only a second person with rights lets an unsafe step begin', async () => {
  const thread = await town.begin();
  await thread.press('dana', /^Approve/);
  await town.slack.waitFor(() => /requested this run/.test(town.told('dana')), { what: 'the private refusal of the requester' });
  await thread.press('alex', /^Approve/);
  await town.slack.waitFor(() => /may not approve/.test(town.told('alex')), { what: 'the private refusal of a person without rights' });
  await thread.press('gwen', /^Approve/);
  await town.slack.waitFor(() => town.told('gwen') !== '', { what: 'the private refusal of a guest' });
  expect(stops()).toBe(0);
  await thread.see(/expired/i);
  expect(stops()).toBe(0);
  await thread.press('dana', /^Ask Again/);
  await thread.press('sam', /^Reject/);
  await town.slack.waitFor(() => town.slack.openViews('sam').length === 1, { what: 'the modal that asks for a reason' });
  await town.slack.person('sam').submitView({ values: { reason: 'the quarter closes tonight' } });
  await thread.see(/the quarter closes tonight/);
  expect(stops()).toBe(0);
  await thread.press('dana', /^Abort/);
  await finishModal('dana');
  await thread.see(/\baborted\b/);
  expect(stops()).toBe(0);
}, 60_000);

/** Abort may ask for a reason. */
async function finishModal(person: string): Promise<void> {
  await town.slack.waitFor(() => town.slack.openViews(person).length === 1, { what: 'the modal', timeoutMs: 5_000 });
  await town.slack.person(person).submitView({ values: { reason: 'not today' } });
}

test('a click on an outdated card changes nothing', async () => {
  const thread = await town.begin();
  const card = await thread.see(/^.*S3/s);
  const asked = await town.slack.waitFor(
    () =>
      thread.messages().findLast((message) => (message.blocks ?? []).some((block) => block.type === 'actions') && message.ts !== thread.ts),
    { what: 'the approval card' },
  );
  expect(card).toBeDefined();
  await thread.see(/expired/i);
  const before = stops();
  await town.slack.person('sam').click({ channel: 'ops', ts: asked.ts, seen: asked, label: /^Approve/ });
  await town.slack.waitFor(() => /expired/.test(town.told('sam')), { what: 'the private answer to the late click' });
  expect(stops()).toBe(before);
  expect(visibleText(asked)).toMatch(/Approve/);
  await town.type('dana', '/ha cancel atscale-prod');
  await thread.see(/\bcancelled\b/);
}, 60_000);
