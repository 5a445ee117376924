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
async function asked(text: string, words: RegExp, person = 'dana'): Promise<string> {
  for (const until = Date.now() + 20_000; ; await delay(300)) {
    const before = town.told(person).length;
    await town.type(person, text);
    await town.slack.waitFor(() => town.told(person).length > before, { what: `an answer to ${text}`, timeoutMs: 10_000 });
    const answer = town.told(person).slice(before);
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

test('one run is shown in full, and what nobody may see is not told apart from nothing', async () => {
  const answer = await asked(`/ha show ${thread.run}`, /Deviations/);
  expect(answer).toContain('tamarind looked wrong');
  expect(answer).toMatch(
    /Approvals[\s\S]*S3, digest [0-9a-f]{12}[\s\S]*voided[\s\S]*Steps\S* \(3 of \d+ reached\):[\s\S]*S1[\s\S]*Notes\S*: none/,
  );
  expect(await asked('/ha show runnobody22', /no run/)).toMatch(/knows no run `runnobody22`/);
  expect(await asked('/ha show', /Which run/)).toMatch(/Which run\?/);
}, 60_000);

test('approvals say what waits for me, and what I gave', async () => {
  const next = await town.begin();
  await next.see(/^\*S3 .*: UNSAFE/);
  const of = (person: string, words: RegExp) => asked('/ha approvals', words, person);
  expect(await of('sam', /Waits for/)).toMatch(new RegExp(`Waits for you[\\s\\S]*${next.run}[\\s\\S]*approve \\*?S3`));
  expect(await of('dana', /Nothing waits/)).toMatch(/Nothing waits for your approval/);
  await next.press('sam', /^Approve S3/);
  await next.see(/^\*S4 .*: UNSAFE/, 30_000);
  await town.type('dana', `/ha cancel ${next.run} enough`);
  await next.see(/: cancelled/, 30_000);
  const given = await of('sam', new RegExp(`approved something[\\s\\S]*${next.run}[\\s\\S]*cancelled`));
  expect(given).toMatch(/Nothing waits for your approval/);
  expect(given).toMatch(
    new RegExp(`approved something[\\s\\S]*${next.run}\\S* restart on atscale-prod: \\*?cancelled[^\\n]*you: approved S3 `),
  );
  expect(given).not.toContain(thread.run);
}, 120_000);

test('the command line finds it with and without the bot', async () => {
  const find = async () => {
    const { code, out } = await runCommand(town, 'history', 'atscale-prod', 'outcome:cancelled', '--json');
    return { code, found: JSON.parse(out) };
  };
  const expected = {
    code: 0,
    found: {
      more: false,
      runs: [{ outcome: 'cancelled' }, { run: thread.run, outcome: 'cancelled', cluster: 'atscale-prod', procedure: 'restart' }],
    },
  };
  expect(await find()).toMatchObject(expected);
  await town.killBot();
  expect(await find()).toMatchObject(expected);
  const { code, out } = await runCommand(town, 'show', thread.run);
  expect([code, out]).toEqual([0, expect.stringMatching(/tamarind looked wrong[\s\S]*S1 [^\n]*: succeeded on \S+ \([\s\S]*Thread: http/)]);
  const of = await runCommand(town, 'approvals', '--as', 'U0SAM00001', '--json');
  expect(of.code).toBe(0);
  expect(JSON.parse(of.out)).toMatchObject({ waiting: [], given: { runs: [{ gave: [{ what: 'approval', steps: ['S3'] }] }] } });
  expect(await runCommand(town, 'history', 'outcome:splendid')).toMatchObject({ code: 2, err: expect.stringContaining('Allowed:') });
}, 60_000);
