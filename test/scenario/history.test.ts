/** What was run is found again: in Slack with the way to its thread, and on the command line with and without the bot. */
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './program.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
let thread: ThreadView;
beforeAll(async () => {
  town = await startTown({ hosts: { seconds: { stop: 1, start: 0.2, services: 0.2 } } });
  thread = await town.begin();
  await thread.see(/^\*S3 .*: UNSAFE/);
  await town.type('dana', `/ha cancel ${thread.run} tamarind looked wrong`);
  await thread.see(/\bcancelled\b/);
}, 90_000);
afterAll(() => town.close());

/** Asks until the answer is there: the history follows the journal by a second or two. */
async function asked(text: string, words: RegExp): Promise<string> {
  for (const until = Date.now() + 20_000; ; await delay(300)) {
    const before = town.told('dana').length;
    await town.type('dana', text);
    await town.slack.waitFor(() => town.told('dana').length > before, { what: `an answer to ${text}`, timeoutMs: 10_000 });
    const answer = town.told('dana').slice(before);
    if (words.test(answer) || Date.now() > until) return answer;
  }
}

test('a run that ended is found in Slack with its permalink', async () => {
  const answer = await asked('/ha history atscale-prod by:me outcome:cancelled "tamarind looked" since:1d', /restart/);
  expect(answer).toContain(thread.run);
  expect(answer).toMatch(/cancelled/);
  expect(answer).toMatch(/https?:\/\/\S+\/archives\//);
}, 60_000);

test('nothing found says what was searched', async () => {
  expect(await asked('/ha history cluster:nowhere "a OR 1', /Nothing was found|quote/)).toMatch(/quote/);
  expect(await asked('/ha history cluster:nowhere kiwi', /Nothing was found/)).toMatch(/cluster nowhere, “kiwi”/);
}, 60_000);

test('the command line finds it with and without the bot', async () => {
  const find = async () => {
    const { code, out } = await runCommand(town, 'history', 'atscale-prod', 'outcome:cancelled', '--json');
    return { code, found: JSON.parse(out) };
  };
  const expected = {
    code: 0,
    found: { more: false, runs: [{ run: thread.run, outcome: 'cancelled', cluster: 'atscale-prod', procedure: 'restart' }] },
  };
  expect(await find()).toMatchObject(expected);
  await town.killBot();
  expect(await find()).toMatchObject(expected);
  expect(await runCommand(town, 'history', 'outcome:splendid')).toMatchObject({ code: 2, err: expect.stringContaining('Allowed:') });
}, 60_000);
