/** Answers that come late, while no worker is there and the tool goes on by itself: nothing newer is told what was meant for an earlier prompt. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventOf, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import type { RunState } from '../../src/run/state.ts';
import { thread } from '../../src/slack/views/index.ts';
import { until } from '../ssh/support.ts';
import { dana, type Hired, openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ staffed: false });
});
/** Whoever works now; between tests nobody does. */
const staff: Hired[] = [];
afterEach(async () => {
  for (const worker of staff.splice(0)) await worker.kill();
});
afterAll(() => shop.close());

async function hire(): Promise<Hired> {
  const worker = await shop.hire();
  staff.push(worker);
  return worker;
}

/** `WAIT name` in a script waits until the test says `name`. */
async function begin(name: string, script: string, answers = '[]'): Promise<string> {
  const waiting = script.replaceAll(/WAIT (\w+)/g, (_all, word: string) => `until [ -e ${join(shop.folder, word)} ]; do sleep 0.05; done`);
  return shop.begin(
    `procedure: ${name}\nproduct: sample\ntitle: A sample\nsteps:\n  - id: A\n    title: Ask\n    on: main\n    timeout: 2m\n    answers: ${answers}\n    run: |\n      ${waiting}\n`,
  );
}
const say = (word: string): void => writeFileSync(join(shop.folder, word), '');

function of<K extends RunEvent['kind']>(events: readonly RunEvent[], kind: K): readonly EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind);
}

/** What the tool of a run has printed by now, as its host has it. */
function printed(run: string): string {
  const root = join(shop.sshd.home, '.keyturn');
  const folder = join(root, readdirSync(root)[0] ?? '', 'runs', run);
  return readFileSync(join(folder, 'A.alpha.1.out'), 'utf8');
}

/** The open question about a prompt that ends so. */
function openAbout(state: RunState, prompt: string): string | undefined {
  return Object.values(state.questions).find(({ status, text }) => status.kind === 'open' && text.endsWith(prompt))?.question;
}

async function asked(run: string, prompt: string): Promise<string> {
  const state = await shop.until(run, (each) => openAbout(each, prompt) !== undefined);
  return openAbout(state, prompt) ?? '';
}

const answer = (run: string, question: string, line: string) =>
  shop.desk.act(run, { kind: 'answer', question, answer: line, note: '' }, dana);

async function end(run: string): Promise<readonly RunEvent[]> {
  const state = await shop.until(run, (each) => each.ended !== undefined || each.trouble !== undefined);
  expect(state.trouble?.what).toBeUndefined();
  expect(state.ended?.outcome).toBe('succeeded');
  return shop.events(run);
}

const outputs = (events: readonly RunEvent[]) => of(events, 'attemptEnded').map(({ output }) => output?.head);

test('an answer that comes after the tool went on is withheld, and the newer prompt asked', async () => {
  const first = await hire();
  const run = await begin('late', `printf 'Overwrite? '; WAIT late; printf 'no answer\\nDelete all? '; read -r a; echo "told $a"`);
  const old = await asked(run, 'Overwrite? ');
  await first.kill();
  say('late');
  await until(() => printed(run).endsWith('Delete all? '));
  expect(await answer(run, old, 'y')).toMatchObject({ kind: 'taken' });
  await hire();
  const newer = await asked(run, 'Delete all? ');
  const withheld = of(await shop.events(run), 'answerWithheld');
  expect(withheld).toEqual([{ kind: 'answerWithheld', step: 'A', host: 'alpha', attempt: 1, number: 1, why: 'wentOn' }]);
  expect(printed(run)).toBe('Overwrite? no answer\nDelete all? ');
  expect(await answer(run, old, 'y')).toMatchObject({ kind: 'moot' });
  expect(await answer(run, newer, 'n')).toMatchObject({ kind: 'taken' });
  expect(outputs(await end(run))).toEqual(['Overwrite? no answer\nDelete all? told n\n']);
  const recorded = await shop.recorded(run);
  const said = thread(fold(run, recorded), recorded, [], Date.now()).map(({ text }) => text);
  expect(said).toContainEqual(
    expect.stringMatching(/the answer was NOT sent[\s\S]*Overwrite\?[\s\S]*answered `y` by [\s\S]*went on by itself/),
  );
  expect(said.at(-1)).toContain('1 answer not sent');
}, 90_000);

test('an answer that comes in time while nobody works is given once', async () => {
  const first = await hire();
  const run = await begin(
    'intime',
    `printf 'Overwrite? '; read -r a; echo "told $a"; WAIT intime; printf 'Delete all? '; read -r b; echo "told $b"`,
  );
  const old = await asked(run, 'Overwrite? ');
  await first.kill();
  expect(await answer(run, old, 'y')).toMatchObject({ kind: 'taken' });
  const second = await hire();
  await until(() => printed(run).includes('told y'));
  await second.kill();
  say('intime');
  await until(() => printed(run).endsWith('Delete all? '));
  await hire();
  const newer = await asked(run, 'Delete all? ');
  expect(printed(run)).toBe('Overwrite? told y\nDelete all? ');
  expect(await answer(run, newer, 'n')).toMatchObject({ kind: 'taken' });
  const events = await end(run);
  expect(outputs(events)).toEqual(['Overwrite? told y\nDelete all? told n\n']);
  expect(of(events, 'answerWithheld')).toEqual([]);
}, 90_000);

test('a tool that only moves to a new line is asked about once more', async () => {
  const first = await hire();
  const run = await begin('blank', `printf 'Overwrite? '; WAIT blank; echo; read -r a; echo "told $a"`);
  const old = await asked(run, 'Overwrite? ');
  await first.kill();
  say('blank');
  await until(() => printed(run).endsWith('\n'));
  expect(await answer(run, old, 'y')).toMatchObject({ kind: 'taken' });
  await hire();
  const again = await asked(run, 'Overwrite? ');
  expect(again).not.toBe(old);
  expect(printed(run)).toBe('Overwrite? \n');
  expect(await answer(run, again, 'n')).toMatchObject({ kind: 'taken' });
  expect(outputs(await end(run))).toEqual(['Overwrite? \ntold n\n']);
}, 90_000);

test('of prompts that came while nobody worked only the newest is answered', async () => {
  const first = await hire();
  const script = `echo up; WAIT down; printf 'Sure? '; echo no answer; printf 'Sure? '; read -r a; printf 'Delete all? '; read -r b; echo "told $a $b"`;
  const run = await begin('repeated', script, `[{ prompt: 'Sure\\?', answer: '"y"' }]`);
  await shop.until(run, () => runs(run));
  await first.kill();
  say('down');
  await until(() => printed(run).endsWith('no answer\nSure? '));
  await hire();
  const newer = await asked(run, 'Delete all? ');
  expect(await answer(run, newer, 'n')).toMatchObject({ kind: 'taken' });
  const events = await end(run);
  expect(outputs(events)).toEqual(['up\nSure? no answer\nSure? Delete all? told y n\n']);
  expect(of(events, 'promptAnswered').map(({ number, answer: line }) => [number, line])).toEqual([
    [2, 'y'],
    [3, 'n'],
  ]);
}, 90_000);

function runs(run: string): boolean {
  try {
    return printed(run) === 'up\n';
  } catch {
    return false;
  }
}
