/** The demo as a person sees it: the page in a real browser, from the command to the finished thread. Leaves pictures under artefacts/. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type DemoProcess, startDemo } from './demo-process.ts';

const PICTURES = resolve(import.meta.dirname, '../../artefacts');
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((each) => `--disable-${each}`);

let folder: string;
let demo: DemoProcess;
let browser: Browser;
const troubles: string[] = [];

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'keyturn-demo-'));
  demo = await startDemo(folder);
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  demo?.signal('SIGTERM');
  await demo?.ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}, 60_000);

/** What the page's policy forbade, and every error of a script, are troubles. */
async function open(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 }, colorScheme: 'light' })).newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') troubles.push(line.text());
  });
  page.setDefaultTimeout(30_000);
  await page.goto(demo.url);
  await page.getByTestId('app-status').getByText('Keyturn is connected').waitFor();
  return page;
}

async function become(page: Page, name: RegExp): Promise<void> {
  await page.getByTestId('person-switcher').click();
  await page.getByRole('menuitemradio', { name }).click();
  await page.getByTestId('person-switcher').getByText(name).waitFor();
}

const picture = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
};

test('one person asks, another approves, the thread ends', async () => {
  const page = await open();
  await page.getByTestId('composer').fill('/ha restart atscale-prod');
  await page.keyboard.press('Enter');
  await page
    .getByTestId('message')
    .getByText(/run[2-9a-z]{8}/)
    .first()
    .waitFor();
  await page.getByTestId('replies').click();
  const thread = page.getByTestId('thread-pane');
  const approve = (step: string) => thread.getByRole('button', { name: new RegExp(`^Approve ${step}`) });
  await approve('S3').waitFor();
  await picture(page, 'waiting-for-approval');

  await approve('S3').click();
  await thread
    .getByTestId('ephemeral')
    .getByText(/you asked for this run|second person|another person/i)
    .waitFor();
  await picture(page, 'refused-requester');
  await become(page, /Alex/);
  await thread.getByTestId('ephemeral').waitFor({ state: 'detached' });
  await approve('S3').click();
  await thread
    .getByTestId('ephemeral')
    .getByText(/may approve/i)
    .waitFor();
  await picture(page, 'refused-without-rights');

  await become(page, /Sam Okafor/);
  for (const step of ['S3', 'S4', 'S5', 'S6']) {
    await approve(step).click();
    await approve(step).waitFor({ state: 'detached' });
  }
  await thread.getByText(/Approvals:/).waitFor();
  await page.getByTestId('message').getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  await picture(page, 'finished');
  expect(await thread.getByRole('button', { name: /Approve|Cancel|Pause/ }).count()).toBe(0);
  expect(demo.log().filter(({ event }) => event === 'violation')).toEqual([]);
  expect(troubles).toEqual([]);
}, 120_000);

test('two people approve all steps of a shutdown with one card', async () => {
  const page = await open();
  await page.getByTestId('composer').fill('/ha shutdown atscale-stage');
  await page.keyboard.press('Enter');
  const card = page
    .getByTestId('message')
    .filter({ hasText: 'atscale-stage' })
    .filter({ has: page.getByTestId('replies') });
  await card.getByTestId('replies').click();
  const thread = page.getByTestId('thread-pane');
  const approve = thread.getByRole('button', { name: 'Approve S4 to S6' });
  await approve.waitFor();
  await thread.getByText(/UNSAFE, needs 2 people$/).waitFor();

  await become(page, /Sam Okafor/);
  await approve.click();
  await thread.getByText(/UNSAFE, needs 2 people \(1 of 2 approved\)$/).waitFor();
  await picture(page, 'one-of-two');
  await approve.click();
  await thread
    .getByTestId('ephemeral')
    .getByText(/a person counts once; still wanted/)
    .waitFor();
  await become(page, /Robin Vale/);
  await approve.click();
  await approve.waitFor({ state: 'detached' });
  await thread.getByText(/S4 to S6: .*Sam Okafor.*; .*Robin Vale/).waitFor();
  expect(troubles).toEqual([]);
}, 60_000);
