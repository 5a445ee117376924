import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { startTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await startTown({ hosts: { seconds: { stop: 3, start: 0.2, services: 0.2 } } });
}, 60_000);
afterAll(() => town.close());

/** Types, and reads the private answer in which these words stand. */
async function answer(person: string, text: string, words: RegExp): Promise<string> {
  const seen = await town.type(person, text);
  expect(seen.acked).toBe(true);
  return town.slack.waitFor(() => seen.ephemeral.map(visibleText).find((each) => words.test(each)), { what: `${words} after ${text}` });
}

test('a plan shows hosts and commands and runs only discovery', async () => {
  const plan = await answer('dana', '/ha plan restart atscale-prod', /leader: engine-01/);
  for (const words of ['replica: engine-02', 'S3', 'query-01', '/bin/atscale_stop', 'UNSAFE', 'S0APPROVE1', 'S10'])
    expect(plan).toContain(words);
  const programs = town.hosts.cluster.log().flatMap((entry) => (entry.event === 'begin' ? [entry.program] : []));
  expect(new Set(programs)).toEqual(new Set(['postgres_nodes']));
  expect(town.slack.channel('ops').messages()).toEqual([]);
});

test('a plan says what would stop the run', async () => {
  town.hosts.cluster.fault('two-leaders');
  await answer('dana', '/ha plan restart atscale-prod', /cannot be carried out[\s\S]*exactly one Leader/);
  town.hosts.cluster.clearFaults();
});

test.each([
  ['/ha help', /\/ha plan/],
  ['/ha list', /atscale-prod/],
  ['/ha restrat atscale-prod', /Did you mean `\/ha restart`/],
  ['/ha restart atscale-pord', /Did you mean `atscale-prod`/],
  ['/ha restart', /Which cluster/],
  ['/ha restart atscale-prod color=red', /color/],
  ['/ha cancel run99999999', /run99999999/],
])('%s is answered in private', async (text, words) => {
  await answer('dana', text, words);
  expect(town.slack.channel('ops').messages()).toEqual([]);
});

test('somebody without rights starts nothing', async () => {
  await answer('alex', '/ha restart atscale-prod', /may not start/);
  expect(town.slack.channel('ops').messages()).toEqual([]);
});

test.each([
  ['random', /\/invite/],
  ['vendor-shared', /shared with another organisation/],
  ['directmessage', /channels only/],
])('in #%s nothing is started', async (channel, words) => {
  const seen = await town.type('dana', '/ha restart atscale-prod', channel);
  await town.slack.waitFor(() => seen.ephemeral.some((each) => words.test(visibleText(each))), { what: String(words) });
});

test('a running stop shows its tail, and status links to it', async () => {
  const thread = await town.begin();
  await thread.press('sam', /^Approve S3/);
  const running = await thread.see(/^\*S3 .* on query-01: running[\s\S]*stopp/);
  const status = await answer('alex', '/ha status', new RegExp(thread.run));
  expect(status).toMatch(/restart|Restart/);
  await town.slack.waitFor(() => /succeeded/.test(visibleText(thread.messages().find((each) => each.ts === running.ts) ?? running)), {
    what: 'the same reply as final text',
  });
  await town.type('dana', `/ha cancel ${thread.run}`);
  await thread.see(/\bcancelled\b/);
}, 60_000);
