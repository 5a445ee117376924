import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
let thread: ThreadView;

beforeAll(async () => {
  town = await startTown();
  thread = await town.begin();
  await thread.approveToTheEnd();
}, 90_000);
afterAll(() => town.close());

/** What was stopped and started, in the order of the hosts' own log. */
function executed(): string[] {
  return town.hosts.cluster
    .log()
    .filter((entry) => entry.event === 'begin' && /atscale_(stop|start)/.test(entry.program))
    .map((entry) => `${entry.program} ${entry.host}`);
}

test('every node is stopped and started once, in order', () => {
  expect(executed()).toEqual([
    'atscale_stop query-01',
    'atscale_stop engine-02',
    'atscale_stop engine-01',
    'atscale_stop coord-01',
    'atscale_start coord-01',
    'atscale_start engine-01',
    'atscale_start engine-02',
    'atscale_start query-01',
  ]);
  expect(town.hosts.cluster.violations()).toEqual([]);
});

test('the thread shows plan, roles, outputs, decisions and end', () => {
  const text = thread.texts().join('\n');
  for (const words of [/engine-01/, /leader/i, /replica/i, /atscale_stop/, /Sam Okafor/, /succeeded/, /S10/]) expect(text).toMatch(words);
  const approved = thread.texts().filter((each) => /approved/i.test(each) && /Sam Okafor|U0SAM00001/.test(each));
  expect(approved.length).toBeGreaterThanOrEqual(4);
});

test('each step and host has one reply', () => {
  const replies = thread.texts().slice(1);
  for (const [step, host] of [
    ['S3', 'query-01'],
    ['S4', 'engine-02'],
    ['S5', 'engine-01'],
    ['S6', 'coord-01'],
    ['S10', 'query-01'],
  ] as const) {
    const about = replies.filter(
      (text) => new RegExp(`^.{0,80}\\b${step}\\b.{0,80}\\b${host}\\b`, 's').test(text) && /exit status/.test(text),
    );
    expect({ step, host, replies: about.length }).toEqual({ step, host, replies: 1 });
  }
});

test('no button is left when the run is over', () => {
  const buttons = thread.messages().flatMap((message) => (message.blocks ?? []).filter((block) => block.type === 'actions'));
  expect(buttons).toEqual([]);
});

test('the stakeholders hear of the outage and of its end', () => {
  const texts = town.slack.channel('stakeholders').messages().map(visibleText);
  expect(texts).toHaveLength(2);
  expect(texts[0]).toMatch(/go down/);
  expect(texts[1]).toMatch(/back/);
});

test('no message stands twice in the thread', () => {
  const texts = thread.texts();
  expect(new Set(texts).size).toBe(texts.length);
});

test('Slack is called no more often than promised', () => {
  const calls = town.slack.calls.filter((call) => /^chat\.(postMessage|update)$/.test(call.method));
  const stepHosts = 10;
  const approvals = 4;
  expect(calls.length).toBeLessThanOrEqual(2 * (stepHosts + approvals * 2 + 4));
});
