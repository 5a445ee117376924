/** The form of parameters in a real browser, on the page of the sandbox Slack: shown, corrected, sent. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Bench, startBench } from './bench.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((each) => `--disable-${each}`);

let browser: Browser;
let bench: Bench;
const troubles: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
  bench = await startBench('socket');
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

async function open(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1300, height: 900 } })).newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.setDefaultTimeout(10_000);
  await page.goto(`${bench.sandbox.pageUrl}?as=dana&channel=ops`);
  await page.getByTestId('app-status').getByText('Keyturn is connected').waitFor();
  return page;
}

test('a person fills in what the command left out', async () => {
  const page = await open();
  await page.getByTestId('composer').fill('/ha replace-host atscale-prod wait=7');
  await page.keyboard.press('Enter');
  const form = page.getByTestId('modal');
  await form.getByText('replace-host', { exact: true }).first().waitFor();
  const host = form.getByLabel('The host that goes (old)');
  expect(await host.locator('option').allTextContents()).toEqual(['Choose…', 'eng-1 (engine)', 'eng-2 (engine, query)']);
  expect(await form.getByText('Its name or alias. Allowed: a host in the role engine.').isVisible()).toBe(true);
  expect(await form.getByLabel('mode (optional)').inputValue()).toBe('soft');
  expect(await form.getByLabel('Package to install (package) (optional)').inputValue()).toBe('/tmp/atscale.rpm');
  expect(await form.getByLabel('Minutes to wait (wait) (optional)').inputValue()).toBe('7');

  await form.getByRole('button', { name: 'Start' }).click();
  await form.getByText('Please complete this required field.').first().waitFor();
  await host.selectOption({ label: 'eng-2 (engine, query)' });
  await form.getByLabel('Name of the new host (new)').fill('ENG 3');
  await form.getByRole('button', { name: 'Start' }).click();
  await form.getByText(/new must match the pattern/).waitFor();
  expect(bench.desk.started).toEqual([]);

  await form.getByLabel('Name of the new host (new)').fill('eng-3');
  await form.getByRole('button', { name: 'Start' }).click();
  await form.waitFor({ state: 'detached' });
  await page.getByTestId('ephemeral').getByText('has begun: replace-host on atscale-prod').waitFor();
  expect(bench.desk.started[0]?.params).toEqual({ old: 'eng-2', new: 'eng-3', package: '/tmp/atscale.rpm', mode: 'soft', wait: '7' });
  expect(troubles).toEqual([]);
}, 60_000);
