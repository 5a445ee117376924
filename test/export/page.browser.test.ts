/** The page in a real browser: nothing runs, nothing is fetched, nothing is cut; light, dark, on a telephone and on paper. Leaves pictures under artefacts/. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { render } from '../../src/export/render.ts';
import { type RunRecord, recordSchema } from '../../src/record/model.ts';
import { ALL, LONG_LINE } from './hostile.ts';
import { everything } from './records.ts';

const PICTURES = resolve(import.meta.dirname, '../../artefacts');
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((each) => `--disable-${each}`);

let browser: Browser;
let folder: string;
let troubles: string[];
let requests: string[];

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'keyturn-export-'));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  troubles = [];
  requests = [];
});

type How = { readonly width?: number; readonly colorScheme?: 'light' | 'dark'; readonly contrast?: boolean };

async function open(record: RunRecord, { width = 1200, colorScheme = 'light' }: How = {}): Promise<Page> {
  const file = join(folder, `${record.run}.html`);
  writeFileSync(file, render(record, 'html'));
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, colorScheme })).newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (line) => troubles.push(line.text()));
  page.on('dialog', (dialog) => troubles.push(dialog.message()));
  page.on('request', (request) => requests.push(request.url()));
  page.setDefaultTimeout(20_000);
  await page.goto(`file://${file}`);
  return page;
}

const alarmed = (page: Page): Promise<unknown> => page.evaluate('window.alarmed');
/** How far the page is wider than the window, in pixels. */
const tooWide = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

test('the page is read without script, request or error', async () => {
  const page = await open(everything('words of a person'));
  expect(await page.title()).toBe('words of a person · sample-prod: failed');
  await page.getByRole('heading', { name: 'Deviations' }).waitFor();
  expect(await page.getByRole('img', { name: /waited for approval 1 min; ran 20 s/ }).count()).toBeGreaterThan(0);
  expect(requests).toEqual([page.url()]);
  expect(troubles).toEqual([]);
  expect(await tooWide(page)).toBe(0);
  await page.screenshot({ path: join(PICTURES, 'export-all-kinds.png'), fullPage: true });
}, 60_000);

test('what is folded opens by a click, and on paper by itself', async () => {
  const page = await open(everything('words of a person'));
  const journal = page.locator('#journal table');
  expect(await journal.isVisible()).toBe(false);
  await page.locator('#journal summary').click();
  expect(await journal.isVisible()).toBe(true);
  await page.reload();
  await page.emulateMedia({ media: 'print' });
  expect(await journal.isVisible()).toBe(true);
  for (const output of await page.locator('#steps .folded pre').all()) expect(await output.isVisible()).toBe(true);
}, 60_000);

test.each([390, 1200])(
  'at %d pixels nothing is cut off, in light and dark',
  async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open(everything('words of a person'), { width, colorScheme });
      expect(await tooWide(page)).toBe(0);
      await page.screenshot({ path: join(PICTURES, `export-${width}-${colorScheme}.png`), fullPage: true });
    }
    expect(troubles).toEqual([]);
  },
  60_000,
);

test.each([
  ['hostile texts', ALL],
  ['lines of a megabyte', LONG_LINE],
])(
  '%s do nothing',
  async (_what, text) => {
    const page = await open(everything(text));
    await page.locator('footer').waitFor();
    expect(await alarmed(page)).toBeUndefined();
    expect(await page.locator('script, iframe, img, link, base, object, form').count()).toBe(0);
    expect(await page.locator('section').count()).toBe(9);
    expect(await tooWide(page)).toBe(0);
    expect(requests).toEqual([page.url()]);
    expect(troubles).toEqual([]);
  },
  120_000,
);

test('a script that came in all the same would be stopped', async () => {
  const page = await open(everything('words'));
  const stopped = page.waitForEvent('console');
  await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.alarmed = 1' }))");
  expect((await stopped).text()).toMatch(/Content Security Policy/);
  expect(await alarmed(page)).toBeUndefined();
}, 60_000);

test('an example is a page that can be read', async () => {
  const page = await open(recordSchema.parse(JSON.parse(readFileSync('docs/examples/atscale-restart.json', 'utf8'))));
  await page.getByText('exactly this on query-01').first().waitFor();
  expect(await tooWide(page)).toBe(0);
  await page.screenshot({ path: join(PICTURES, 'export.png') });
  if (process.env.UPDATE_EXAMPLES === '1')
    await page.screenshot({ path: 'docs/images/export.png', clip: { x: 0, y: 0, width: 1200, height: 1800 }, fullPage: true });
  await page.screenshot({ path: join(PICTURES, 'export-example.png'), fullPage: true });
  await page.pdf({ path: join(PICTURES, 'export-example.pdf'), format: 'A4' });
  expect(troubles).toEqual([]);
}, 60_000);

test('it is printed on pages with nothing cut', async () => {
  const page = await open(everything('words of a person'));
  const pdf = await page.pdf({ path: join(PICTURES, 'export.pdf'), format: 'A4' });
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await page.setViewportSize({ width: 690, height: 980 });
  await page.emulateMedia({ media: 'print' });
  expect(await tooWide(page)).toBe(0);
}, 60_000);
