/** The page in a real browser: two people, one thread, and text that stays text. */
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((each) => `--disable-${each}`);

let browser: Browser;
let slack: SandboxSlack;
let receiver: SocketModeReceiver;
const troubles: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
});
afterAll(() => browser?.close());
beforeEach(async () => {
  troubles.length = 0;
  slack = await startSandboxSlack({ rates: 'off' });
  await startBot();
});
afterEach(async () => {
  await Promise.all((browser?.contexts() ?? []).map((each) => each.close()));
  await receiver.client.disconnect();
  await slack.close();
});

const HOSTILE = '<img src=x onerror=alert(1)> &amp; `*_~ <javascript:alert(1)|click>';
const plain = (text: string) => ({ type: 'plain_text', text }) as const;

/** Asks for an approval in a thread, and a second person decides. */
async function startBot(): Promise<void> {
  receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions: { slackApiUrl: slack.url } },
  });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: { slackApiUrl: slack.url },
    logLevel: LogLevel.ERROR,
    deferInitialization: true,
  });
  app.command('/ha', async ({ ack, command, client }) => {
    await ack();
    const top = await client.chat.postMessage({ channel: command.channel_id, text: `Run of ${command.text}` });
    const confirm = { title: plain('Sure?'), text: plain('It stops.'), confirm: plain('Go On'), deny: plain('Back') };
    const approve = { type: 'button', action_id: 'approve', style: 'primary', text: plain('Approve Restart'), confirm } as const;
    const output = {
      type: 'rich_text',
      elements: [{ type: 'rich_text_preformatted', border: 0, elements: [{ type: 'text', text: HOSTILE }] }],
    } as const;
    const section = { type: 'section', text: { type: 'mrkdwn', text: HOSTILE } } as const;
    await client.chat.postMessage({
      channel: command.channel_id,
      thread_ts: top.ts,
      text: 'Approve?',
      blocks: [section, output, { type: 'actions', elements: [approve] }],
    });
  });
  app.action('approve', async ({ ack, body, respond }) => {
    await ack();
    if (body.user.id === 'U0SAM00001') await respond({ text: 'Approved by Sam', replace_original: true });
    else await respond({ text: 'Somebody else must approve this.', replace_original: false });
  });
  await app.init();
  await app.start();
  await slack.waitForConnections(1);
}

async function open(query = ''): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1300, height: 800 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('dialog', (dialog) => troubles.push(dialog.message()));
  await page.goto(`${slack.pageUrl}${query}`);
  await page.getByTestId('app-status').getByText('Keyturn is connected').waitFor();
  return page;
}

async function startRun(page: Page): Promise<void> {
  await page.getByTestId('composer').fill('/ha restart atscale-prod');
  await page.keyboard.press('Enter');
  await page.getByTestId('replies').click();
  await page.getByTestId('thread-pane').getByRole('button', { name: 'Approve Restart' }).waitFor();
}

test('two people take a run through its approval', async () => {
  const page = await open();
  await startRun(page);
  const thread = page.getByTestId('thread-pane');
  const press = async (): Promise<void> => {
    await thread.getByRole('button', { name: 'Approve Restart' }).click();
    await page.getByTestId('confirm').getByRole('button', { name: 'Go On' }).click();
  };
  await press();
  await thread.getByTestId('ephemeral').getByText('Somebody else must approve this.').waitFor();
  await page.getByTestId('person-switcher').click();
  await page.getByRole('menuitemradio', { name: /Sam Okafor/ }).click();
  await page.getByTestId('person-switcher').getByText('Sam Okafor').waitFor();
  await thread.getByTestId('ephemeral').waitFor({ state: 'detached' });
  await press();
  await thread.getByText('Approved by Sam').waitFor();
  expect(await thread.getByRole('button', { name: 'Approve Restart' }).count()).toBe(0);
  expect(troubles).toEqual([]);
});

test('hostile text stays text in every block', async () => {
  const page = await open();
  await slack.person('alex').say({ channel: 'ops', text: HOSTILE });
  await startRun(page);
  const reply = page.getByTestId('thread-message').last();
  expect(await reply.locator('pre').textContent()).toBe(HOSTILE);
  expect(await page.locator('article img:not(.avatar), article script').count()).toBe(0);
  expect(await page.locator('article a[href^="javascript"]').count()).toBe(0);
  expect(troubles).toEqual([]);
});

test('news arrives without disturbing what is being typed', async () => {
  const page = await open('?as=dana&channel=ops');
  const composer = page.getByTestId('composer');
  await composer.fill('half a sen');
  await slack.person('alex').say({ channel: 'ops', text: 'News' });
  await page.getByTestId('message').getByText('News').waitFor();
  expect(await composer.inputValue()).toBe('half a sen');
  expect(await composer.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
});

test('a permalink opens its thread', async () => {
  const { ts } = await slack.person('dana').say({ channel: 'ops', text: 'parent' });
  await slack.person('sam').say({ channel: 'ops', text: 'the reply', thread_ts: ts });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${slack.pageUrl}archives/C0OPS00001/p${ts.replace('.', '')}`);
  await page.getByTestId('thread-pane').getByText('the reply').waitFor();
  expect(await page.getByTestId('thread-message').count()).toBe(2);
});
