/** Clicks on old cards: what was asked and settled once is not settled again, however like it the newer question looks. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { Intent } from '../../src/run/intents.ts';
import type { RunState } from '../../src/run/state.ts';
import { dana, openShop, type Shop, sam } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const yaml = (name: string, steps: string): string => `procedure: ${name}\nproduct: sample\ntitle: A sample\nsteps:\n${steps}`;
const act = (run: string, intent: Intent, who = dana) => shop.desk.act(run, intent, who);
const answer = (run: string, question: string, line: string, who = dana) =>
  act(run, { kind: 'answer', question, answer: line, note: '' }, who);

async function trouble(run: string, but = ''): Promise<string> {
  const state = await shop.until(run, (each) => each.trouble !== undefined && each.trouble.trouble !== but);
  return state.trouble?.trouble ?? '';
}

const openIn = (state: RunState): string | undefined =>
  Object.values(state.questions).find(({ status }) => status.kind === 'open')?.question;

async function question(run: string, but = ''): Promise<string> {
  const state = await shop.until(run, (each) => ![undefined, but].includes(openIn(each)));
  return openIn(state) ?? '';
}

test('a trouble card of an earlier attempt settles nothing', async () => {
  const run = await shop.begin(yaml('troubles', `  - { id: A, title: Fail, on: main, run: 'exit 3', timeout: 10s }\n`));
  const first = await trouble(run);
  expect(await act(run, { kind: 'settle', trouble: first, choice: 'retry', reason: '' })).toMatchObject({ kind: 'taken' });
  const second = await trouble(run, first);
  for (const choice of ['retry', 'skip', 'abort'] as const)
    expect(await act(run, { kind: 'settle', trouble: first, choice, reason: '' })).toMatchObject({ kind: 'moot' });
  expect(await trouble(run)).toBe(second);
  expect(await act(run, { kind: 'settle', trouble: second, choice: 'abort', reason: '' })).toMatchObject({ kind: 'taken' });
  const settled = (await shop.events(run)).filter(({ kind }) => kind === 'troubleSettled');
  expect(settled).toMatchObject([
    { trouble: first, choice: 'retry' },
    { trouble: second, choice: 'abort' },
  ]);
});

test('the question of an earlier attempt answers no later one', async () => {
  const script = `printf 'Overwrite? '; read -r a; echo "told $a"; [ "$a" = n ]`;
  const run = await shop.begin(
    yaml('attempts', `  - id: A\n    title: Ask\n    on: main\n    timeout: 1m\n    answers: []\n    run: |\n      ${script}\n`),
  );
  const first = await question(run);
  expect(await answer(run, first, 'y')).toMatchObject({ kind: 'taken' });
  const failed = await trouble(run);
  expect(await answer(run, first, 'n')).toMatchObject({ kind: 'moot' });
  await act(run, { kind: 'settle', trouble: failed, choice: 'retry', reason: '' });
  const second = await question(run, first);
  expect(await answer(run, first, 'y')).toMatchObject({ kind: 'moot' });
  expect(await answer(run, second, 'n')).toMatchObject({ kind: 'taken' });
  expect((await shop.until(run, (each) => each.ended !== undefined)).ended?.outcome).toBe('succeeded');
  const told = (await shop.events(run)).flatMap((event) => (event.kind === 'attemptEnded' ? [event.output?.head] : []));
  expect(told).toEqual(['Overwrite? told y\n', 'Overwrite? told n\n']);
}, 60_000);

test('a question that its attempt did not outlive is not answered in the next', async () => {
  const path = join(shop.folder, 'outlived');
  const script = `printf 'Overwrite? '; [ -e ${path} ] || { until [ -e ${path} ]; do sleep 0.05; done; exit 3; }; read -r a; echo "told $a"`;
  const run = await shop.begin(
    yaml('outlived', `  - id: A\n    title: Ask\n    on: main\n    timeout: 1m\n    answers: []\n    run: |\n      ${script}\n`),
  );
  const first = await question(run);
  writeFileSync(path, '');
  const failed = await trouble(run);
  expect(await answer(run, first, 'y')).toMatchObject({ kind: 'moot' });
  await act(run, { kind: 'settle', trouble: failed, choice: 'retry', reason: '' });
  const second = await question(run, first);
  expect(await answer(run, first, 'y')).toMatchObject({ kind: 'moot' });
  expect(await answer(run, second, 'n')).toMatchObject({ kind: 'taken' });
  expect((await shop.until(run, (each) => each.ended !== undefined)).ended?.outcome).toBe('succeeded');
}, 60_000);

test.each([
  ['by hand', 'byhand', '{ manual: Turn the key, id: M }'],
  ['to be confirmed', 'confirmed', '{ confirm: Is it off?, id: M }'],
])('what is asked again %s is not done by the old card', async (_title, name, step) => {
  const run = await shop.begin(yaml(name, `  - ${step}\n`));
  const first = await question(run);
  expect(await answer(run, first, 'declined')).toMatchObject({ kind: 'taken' });
  const declined = await trouble(run);
  expect(await answer(run, first, 'done')).toMatchObject({ kind: 'moot' });
  await act(run, { kind: 'settle', trouble: declined, choice: 'askAgain', reason: '' });
  const second = await question(run, first);
  expect(await answer(run, first, 'done')).toMatchObject({ kind: 'moot' });
  expect(await act(run, { kind: 'settle', trouble: declined, choice: 'abort', reason: '' })).toMatchObject({ kind: 'moot' });
  expect(openIn(await shop.until(run, () => true))).toBe(second);
  expect(await answer(run, second, 'done', sam)).toMatchObject({ kind: 'taken' });
  expect((await shop.until(run, (each) => each.ended !== undefined)).ended?.outcome).toBe('succeeded');
});
