/** Copies and edits on a real host: what an approver sees is what is done, and nothing half is ever taken for a file. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { watch as watchFor } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunState } from '../../src/run/state.ts';
import { dana, openShop, PASSWORD, type Shop, sam } from './shop.ts';

let shop: Shop;
let place: string;
beforeAll(async () => {
  shop = await openShop();
  mkdirSync(join(shop.folder, 'data', 'files'), { recursive: true });
});
afterAll(() => shop.close());
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'keyturn-place-'));
});
afterEach(async () => {
  await cancel();
  rmSync(place, { recursive: true, force: true });
});

const settled = (state: RunState): boolean => state.ended !== undefined || state.trouble !== undefined;
const asking = (state: RunState): boolean => Object.values(state.approvals).some((approval) => approval.status.kind === 'open');

const yaml = (name: string, step: string): string =>
  `procedure: ${name}\nproduct: sample\ntitle: Files\nsteps:\n  - ${step.trim().split('\n').join('\n    ')}\n`;

const edit = (name: string, rest = ''): string =>
  yaml(
    name,
    `id: A
title: Change the name
on: main
edit: { path: '"${place}/app.conf"', replace: [{ text: '"old.example"', with: '"new.example"' }]${rest} }
timeout: 10s
unsafe: The application answers for another name.`,
  );

let run = '';
const begin = async (text: string): Promise<string> => {
  run = await shop.begin(text);
  return run;
};

/** The next run needs the cluster. */
async function cancel(): Promise<RunState> {
  await shop.desk.act(run, { kind: 'cancel', reason: 'seen' }, dana);
  return shop.until(run, (state) => state.ended !== undefined);
}

async function approve(run: string): Promise<void> {
  const state = await shop.until(run, (each) => asking(each) || settled(each));
  const open = Object.values(state.approvals).find(({ status }) => status.kind === 'open');
  if (open === undefined) throw new Error(`no card: ${JSON.stringify(state.trouble ?? state.ended)}`);
  await shop.desk.act(run, { kind: 'approve', request: open.request, digest: open.digest }, sam);
}

const kept = (): readonly string[] => readdirSync(place).filter((name) => /^app\.conf\.keyturn-\d{8}T\d{6}Z$/.test(name));

test('an edit shows its difference, keeps the old file, and keeps its mode', async () => {
  writeFileSync(join(place, 'app.conf'), 'name: old.example\nport: 1\n# old.example is the name\n', { mode: 0o640 });
  await begin(edit('edit'));
  const state = await shop.until(run, asking);
  const [card] = Object.values(state.approvals);
  expect(card?.subject.items[0]?.diff).toContain('-name: old.example\n+name: new.example\n');
  await approve(run);
  expect((await shop.until(run, settled)).ended?.outcome).toBe('succeeded');
  expect(readFileSync(join(place, 'app.conf'), 'utf8')).toBe('name: new.example\nport: 1\n# new.example is the name\n');
  expect(statSync(join(place, 'app.conf')).mode & 0o777).toBe(0o640);
  expect(kept().map((name) => readFileSync(join(place, name), 'utf8'))).toEqual([
    'name: old.example\nport: 1\n# old.example is the name\n',
  ]);
  expect(readdirSync(place)).toHaveLength(2);
}, 30_000);

test('a secret of the run is on no card, whatever the setting is called', async () => {
  writeFileSync(join(place, 'app.conf'), `name: old.example\nx: ${PASSWORD}\n`);
  await begin(`${edit('secret-beside', '').replace('steps:', 'secrets: { password: { title: Its password } }\nsteps:')}`);
  const state = await shop.until(run, asking);
  const [card] = Object.values(state.approvals);
  expect(card?.subject.items[0]?.diff).toContain('+name: new.example\n x: ••••••\n');
  expect(JSON.stringify(await shop.events(run))).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
  await approve(run);
  expect((await shop.until(run, settled)).ended?.outcome).toBe('succeeded');
  expect(readFileSync(join(place, 'app.conf'), 'utf8')).toBe(`name: new.example\nx: ${PASSWORD}\n`);
}, 30_000);

test('a file that changed after it was shown is not touched', async () => {
  writeFileSync(join(place, 'app.conf'), 'name: old.example\n');
  await begin(edit('changed'));
  await shop.until(run, asking);
  writeFileSync(join(place, 'app.conf'), 'name: old.example\nport: 2\n');
  await approve(run);
  const state = await shop.until(run, (each) => settled(each) || Object.keys(each.approvals).length > 1);
  expect(state.ended).toBeUndefined();
  expect(readFileSync(join(place, 'app.conf'), 'utf8')).toBe('name: old.example\nport: 2\n');
}, 30_000);

test.each([
  ['nothing to replace', () => writeFileSync(join(place, 'app.conf'), 'name: other\n'), /old\.example/],
  ['no file', () => undefined, /it is not there/],
  ['a folder', () => mkdirSync(join(place, 'app.conf')), /director|folder/],
  ['a link', () => link('app.conf'), /is a link/],
  ['bytes that are no text', () => writeFileSync(join(place, 'app.conf'), Buffer.from([0x6f, 0xff, 0xfe])), /not a text file/],
  ['a gigabyte', () => writeFileSync(join(place, 'app.conf'), 'old.example'.repeat(100_000)), /at most/],
])(
  'an edit refuses %s, and nothing is asked',
  async (name, make, why) => {
    make();
    await begin(edit(`refuses-${name.replaceAll(' ', '-')}`));
    const state = await shop.until(run, settled);
    expect(JSON.stringify(state.trouble)).toMatch(why);
    expect(Object.keys(state.approvals)).toEqual([]);
  },
  30_000,
);

function link(name: string): void {
  writeFileSync(join(place, 'real'), 'old.example');
  symlinkSync(join(place, 'real'), join(place, name));
}

const copy = (name: string, rest: string): string =>
  yaml(name, `id: A\ntitle: Copy\non: main\ncopy: ${rest}\ntimeout: 20s\nsafe: The place is not used yet.`);

test('a copy from host to host keeps sum and mode, and the older file', async () => {
  writeFileSync(join(place, 'from'), Buffer.from([0, 1, 2, 255, 10]), { mode: 0o600 });
  writeFileSync(join(place, 'to'), 'older', { mode: 0o644 });
  const text = copy('host-to-host', `{ from: node, path: '"${place}/from"', to: '"${place}/to"' }`).replace('from: node', 'from: spot');
  const bound = text.replace('steps:', 'roles: { spot: \'"beta"\' }\nsteps:');
  await begin(bound);
  const state = await shop.until(run, settled);
  expect(state.trouble).toBeUndefined();
  expect(readFileSync(join(place, 'to'))).toEqual(Buffer.from([0, 1, 2, 255, 10]));
  expect(statSync(join(place, 'to')).mode & 0o777).toBe(0o600);
  const old = readdirSync(place).filter((name) => /^to\.keyturn-\d+T\d+Z$/.test(name));
  expect(old.map((name) => readFileSync(join(place, name), 'utf8'))).toEqual(['older']);
}, 30_000);

test('a copy from the worker takes what is in its folder and nothing else', async () => {
  writeFileSync(join(shop.folder, 'data', 'files', 'a package'), 'content');
  symlinkSync(join(shop.folder, 'password'), join(shop.folder, 'data', 'files', 'sly'));
  await begin(copy('from-worker', `{ from: bot, path: '"a package"', to: '"${place}/it''s here"', mode: '0755' }`));
  expect((await shop.until(run, settled)).trouble).toBeUndefined();
  expect(readFileSync(join(place, "it's here"), 'utf8')).toBe('content');
  expect(statSync(join(place, "it's here")).mode & 0o777).toBe(0o755);
  for (const [name, path, why] of [
    ['sly', 'sly', /it is not in/],
    ['up', '../../password', /may not hold \.\./],
    ['none', 'nothing', /there is no file/],
  ] as const) {
    await cancel();
    await begin(copy(`worker-${name}`, `{ from: bot, path: '"${path}"', to: '"${place}/stolen"' }`));
    expect(JSON.stringify((await shop.until(run, settled)).trouble)).toMatch(why);
    expect(existsSync(join(place, 'stolen'))).toBe(false);
  }
}, 60_000);

test('a copy that cannot be written is a failure with the reason, and leaves nothing', async () => {
  writeFileSync(join(shop.folder, 'data', 'files', 'small'), 'content');
  await begin(copy('nowhere', `{ from: bot, path: '"small"', to: '"${place}/missing/file"' }`));
  const state = await shop.until(run, settled);
  expect(JSON.stringify(state.trouble)).toMatch(/nothing was put in its place/);
  expect(readdirSync(place)).toEqual([]);
}, 30_000);

test('a copy that is cancelled in the middle leaves neither a file nor a part', async () => {
  writeFileSync(join(shop.folder, 'data', 'files', 'big'), Buffer.alloc(400_000_000, 'x'));
  const began = new Promise<string>((resolve) => {
    const watcher = watch(place, (_, name) => {
      watcher.close();
      resolve(name ?? '');
    });
  });
  await begin(copy('big', `{ from: bot, path: '"big"', to: '"${place}/big"' }`));
  expect(await began).toMatch(/^\.big\.keyturn-.*\.part$/);
  expect((await cancel()).ended?.outcome).toBe('cancelled');
  await emptied();
}, 60_000);

/** Waits until nothing is in the place. */
async function emptied(): Promise<void> {
  const stop = AbortSignal.timeout(20_000);
  const changes = watchFor(place, { signal: stop })[Symbol.asyncIterator]();
  while (readdirSync(place).length > 0) await changes.next();
}
