/** The form for a code in a real browser, on the page of the sandbox Slack: what it is for, what is wrong at the field, and sent. */
import { type Browser, chromium, type Page } from 'playwright-core';
import type { CodeVerdict } from '../../src/factor/verdict.ts';
import { type Bench, startBench } from './bench.ts';
import { approvalOf, cluster, stateOf } from './fake-desk.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((each) => `--disable-${each}`);
const RUN = 'runheld1';

let browser: Browser;
let bench: Bench;
const troubles: string[] = [];
/** What the next codes come to. */
const verdicts: CodeVerdict['kind'][] = ['wrong', 'used', 'proved'];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
  bench = await startBench('socket', {}, undefined, {
    verify: async (_user, _code, about) => {
      const kind = verdicts.shift();
      return kind === 'proved' ? { kind, about } : kind === 'wrong' ? { kind, left: 4 } : { kind: 'used' };
    },
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

async function open(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1300, height: 900 } })).newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.setDefaultTimeout(10_000);
  await page.goto(`${bench.sandbox.pageUrl}?as=sam&channel=ops`);
  await page.getByTestId('app-status').getByText('Keyturn is connected').waitFor();
  return page;
}

test('a person reads what the code is for, corrects it and approves', async () => {
  const guarded = { ...cluster, secondFactor: 'totp' as const };
  bench.desk.runs.set(RUN, stateOf(RUN, { cluster: guarded, approvals: { 'S1-1': approvalOf('S1-1') } }));
  await bench.post('keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
  const page = await open();
  await page.getByRole('button', { name: 'Press' }).click();
  const form = page.getByTestId('modal');
  await form.getByText('Approve with a code').waitFor();
  expect(await form.getByText('on eng-1').isVisible()).toBe(true);
  expect(await form.getByText('cccccccccccc').isVisible()).toBe(true);
  expect(await form.getByText('Each code counts once, and only for what stands above.').isVisible()).toBe(true);

  const field = form.getByLabel('Code of your authenticator app');
  const approve = form.getByRole('button', { name: 'Approve' });
  await field.fill('12345');
  await approve.click();
  await form.getByText('A code has six digits.').waitFor();
  await field.fill('123 456');
  await approve.click();
  await form.getByText('4 more wrong ones are possible before you are locked').waitFor();
  expect(await field.inputValue()).toBe('123 456');
  await approve.click();
  await form.getByText('This code was used already').waitFor();
  expect(bench.desk.acts).toEqual([]);
  await approve.click();
  await form.waitFor({ state: 'detached' });
  expect(bench.desk.acts).toMatchObject([{ run: RUN, kind: 'approve', user: 'U0SAM00001' }]);
  expect(troubles).toEqual([]);
}, 60_000);
