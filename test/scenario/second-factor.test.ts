/** The built programs together: people enrolled at the keyboard, a run approved with codes, and a bot that dies in between. */
import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codeAt } from '../../src/factor/totp.ts';
import { converse, holds, secretIn, type Typed } from '../support/authenticator.ts';
import { everythingKept, journalOf } from './attacker.ts';
import { quick, startTown, type Town } from './town.ts';

const DANA = 'U0DANA0001';
const SAM = 'U0SAM00001';
const STEP = 30_000;

let town: Town;
beforeAll(async () => {
  town = await startTown({ procedures: quick, withoutBot: true, env: { KEYTURN_ADMINISTRATORS: `${DANA},${SAM}` } });
  appendFileSync(join(town.env.KEYTURN_CLUSTERS ?? '', 'atscale-prod.yaml'), 'second_factor: totp\n');
  await town.startBot();
}, 60_000);
afterAll(() => town.close());

let secret: Buffer = Buffer.alloc(0);
const at = (steps: number): string => codeAt(secret, Date.now() + steps * STEP);

function factor(args: readonly string[], answers: readonly Typed[] = []) {
  const program = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
  return converse([program, 'factor', ...args], { cwd: town.folder, env: town.env }, answers);
}

/** Types a code into the form and says what stands at the field; nothing where the form closed. */
async function send(code: string): Promise<string | undefined> {
  await town.slack.waitFor(() => town.slack.openViews('sam')[0], { what: 'the form for the code' });
  const sent = await town.slack.person('sam').submitView({ values: { totp: code } });
  if (sent.kind === 'errors') return Object.values(sent.errors).join(' ');
  expect(sent.kind).toBe('closed');
  return undefined;
}

async function given(run: string) {
  return (await journalOf(town, run)).filter(({ kind }) => kind === 'approvalGiven');
}

test('a run is approved with codes of an enrolled person, each once, whatever dies', async () => {
  let dana: Buffer = Buffer.alloc(0);
  const first: Typed = (out) => {
    dana = secretIn(out);
    return codeAt(dana, Date.now() - STEP);
  };
  expect((await factor(['enrol', DANA, '--by', DANA], [first, first])).code).toBe(0);

  const thread = await town.begin();
  await thread.press('sam', /^Approve/);
  expect(await send('123456')).toContain('An administrator of Keyturn enrols you');
  await town.slack.person('sam').closeView();

  const oldest: Typed = (out) => {
    secret = secretIn(out);
    return at(-1);
  };
  expect((await factor(['enrol', SAM, '--by', DANA], [() => codeAt(dana, Date.now()), oldest, oldest])).code).toBe(0);
  await thread.press('sam', /^Approve/);
  const code = at(0);
  expect(await send(code)).toBeUndefined();
  await thread.see(/approved S3/);
  expect(await given(thread.run)).toMatchObject([{ by: { user: SAM }, stands: { factor: 'totp' } }]);

  await town.killBot();
  await town.startBot();
  await thread.see(/S4 .*needs a second person/);
  await thread.press('sam', /^Approve S4/);
  expect(await send(code)).toContain('used already');
  expect(await given(thread.run)).toHaveLength(1);
  const later = at(1);
  expect(await send(later)).toBeUndefined();
  await thread.see(/approved S4/);

  const kept = `${await everythingKept(town)}\n${town.log.join('\n')}`;
  for (const each of [code, later]) expect(holds(kept, each)).toBe(false);
  for (const each of [secret.toString('base64'), secret.toString('hex'), secret.toString('latin1')]) expect(kept).not.toContain(each);
}, 120_000);
