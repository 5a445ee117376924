/** The whole bot, as people in Slack meet what is new: a form, a question, a second person, a tool that asks, a secret that is not typed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlsOf, visibleText } from '../../infra/sandbox/slack/server.ts';
import { startTown, type ThreadView, type Town } from '../scenario/town.ts';

const ASK = `procedure: ask
product: atscale
title: Ask people and tools
source: Nobody's document
params:
  word: { type: text, pattern: '[a-z]+', title: A word, help: Any word }
  node: { type: host, role: coordinator, title: Where }
steps:
  - { id: L, title: Look, on: coordinator, run: 'echo "lag: 12"', timeout: 20s, read: keys, capture: { lag: 'keys.lag' }, read_only: true }
  - { manual: 'Drain the balancer of {{ params.node }}.', id: M }
  - { confirm: Is it drained?, id: C, second: It cuts traffic. }
  - id: T
    title: Talk
    on: coordinator
    run: |
      printf 'Go on? '; read go
      printf 'Overwrite <!channel> 12 files? [y/N] '; read files
      printf 'Name: '; read name
      echo "went $go, files $files, name $name"
    timeout: 10s
    answers: [{ prompt: 'Go on\\? ', answer: '"y"' }]
    warn: [{ that: 'stdout.contains("nobody")', else: 'It has another name.' }]
`;

const SECRET = `procedure: secret
product: atscale
title: Ask for a secret
steps:
  - { id: S, title: Log in, on: coordinator, run: 'printf "Vault password: "; read p; echo "got $p"', timeout: 60s, answers: [] }
`;

let town: Town;
beforeAll(async () => {
  town = await startTown();
  mkdirSync(join(town.folder, 'procedures', 'atscale'), { recursive: true });
  for (const [name, text] of Object.entries({ ask: ASK, secret: SECRET }))
    writeFileSync(join(town.folder, 'procedures', 'atscale', `${name}.yaml`), text);
}, 60_000);
afterAll(() => town.close());

async function form(thread: ThreadView, person: string, label: RegExp, text: string): Promise<void> {
  await thread.press(person, label);
  expect((await town.slack.person(person).submitView({ values: { text } })).kind).toBe('closed');
}

/** Fills in the form that the command opens, first wrongly; gives the host that was chosen. */
async function fillIn(role: string): Promise<string> {
  const { view } = await town.slack.waitFor(() => town.slack.openViews('dana')[0], { what: 'the form', timeoutMs: 20_000 });
  const host = new RegExp(`"text":"(\\S+) \\(${role}\\)"`).exec(JSON.stringify(view))?.[1] ?? '';
  const wrong = await town.slack.person('dana').submitView({ values: { 'param:word': 'NO', 'param:node': host } });
  expect(wrong).toMatchObject({ kind: 'errors', errors: { 'param:word': expect.stringContaining('must match') } });
  expect((await town.slack.person('dana').submitView({ values: { 'param:word': 'go', 'param:node': host } })).kind).toBe('closed');
  return host;
}

test('a run is begun by form, asks people, is answered, and tells it all', async () => {
  const [thread, host] = await Promise.all([town.begin('/ha ask atscale-prod'), fillIn('coordinator')]);

  await thread.see(/Kept from L Look on .*: lag = 12/);
  await thread.see(/M By hand: to be done by hand/);
  await town.slack.waitFor(() => /waiting for M to be done by hand/.test(thread.texts()[0] ?? ''), { what: 'the card', timeoutMs: 20_000 });
  expect(visibleText(await firstAnswer('/ha status'))).toMatch(/waiting for M to be done by hand[\s\S]*Waits for: .*to do M by hand/);
  await thread.press('dana', /^Done$/);
  await thread.see(/M By hand: done by hand[\s\S]*Done by .*Dana/);

  await thread.see(/C Confirm: to be confirmed by a second person[\s\S]*It cuts traffic/);
  await thread.press('dana', /^Yes, Confirmed$/);
  await town.slack.waitFor(() => /You requested this run/.test(town.told('dana')), { what: 'the refusal', timeoutMs: 20_000 });
  await form(thread, 'sam', /^No$/, 'it still serves');
  await thread.see(/Sam Okafor says that it is not so: it still serves/);
  await thread.press('dana', /^Ask Again$/);
  await thread.press('sam', /^Yes, Confirmed$/);

  await thread.see(/T Talk on .*: asked, and answered `y` as the procedure has it/);
  const prompt = await thread.see(/the tool asks what nobody foresaw[\s\S]*Overwrite <!channel> 12 files\?/);
  expect(controlsOf(prompt.blocks).map(({ label }) => label)).toEqual(['y', 'n', 'Enter', 'Answer…']);
  expect(prompt.text).not.toContain('<!channel>');
  await thread.press('dana', /^n$/);
  await thread.see(/Overwrite[\s\S]*Answered `n` by .*Dana/);
  await thread.see(/the tool asks what nobody foresaw[\s\S]*Name:/);
  await form(thread, 'dana', /^Answer…$/, 'O\'Neil "$(id)"');
  await thread.see(
    /T Talk on .*: succeeded with 1 warning[\s\S]*Warning:\* It has another name\.[\s\S]*went y, files n, name O'Neil "\$\(id\)"/,
  );

  const end = await thread.see(/Deviations: 1 warning, 1 question declined, 2 prompts that nobody foresaw/);
  expect(visibleText(end)).toContain('Troubles:');
  const plan = thread.messages().find((message) => message.text.startsWith('Plan of'));
  const digest = /Digest ([0-9a-f]{64})/.exec(plan?.text ?? '')?.[1];
  expect(digest).toBeDefined();
  await town.type('dana', `/ha plan ask atscale-prod word=go node=${host}`);
  const planned = await town.slack.waitFor(() => town.slack.ephemerals('dana').findLast((each) => each.text.startsWith('Plan of')), {
    what: 'the plan',
    timeoutMs: 20_000,
  });
  expect(planned.text).toContain(`Digest ${digest}`);
  expect(planned.text).toContain('Last time it took');
}, 120_000);

async function firstAnswer(text: string) {
  const seen = await town.type('dana', text);
  return town.slack.waitFor(() => seen.ephemeral[0], { what: `the answer to ${text}` });
}

test('a question for a secret offers no answer, and the run is cancelled', async () => {
  const thread = await town.begin('/ha secret atscale-prod');
  const asked = await thread.see(/This looks like a question for a secret/);
  expect(controlsOf(asked.blocks)).toEqual([]);
  await town.type('dana', `/ha cancel ${thread.run} its answer is to be declared`);
  await thread.see(/: cancelled/);
  await town.slack.waitFor(() => /withdrawn|not answered/.test(visibleText(thread.messages().find(({ ts }) => ts === asked.ts) ?? asked)), {
    what: 'the closed question',
    timeoutMs: 20_000,
  });
}, 60_000);
