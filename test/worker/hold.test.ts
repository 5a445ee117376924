/** Held runs and broken glasses with a real Redis and a real host: what begins, what ends by itself, and what the list for review holds. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Standing } from '../../src/run/authorise.ts';
import { dana, openShop, type Shop, sam } from './shop.ts';

const ALWAYS = `freeze:
  time_zone: Europe/Zurich
  override: [U0SAM]
  windows: [{ title: Quarter end, days: [mon, tue, wed, thu, fri, sat, sun] }]
break_glass: { people: [U0DANA], channel: C0LOUD }
`;
const alex: Standing = { person: { team: 'T1', user: 'U0ALEX', name: 'Alex' }, kind: { kind: 'member' }, memberOf: [] };

let shop: Shop;
let plain: string;
beforeAll(async () => {
  shop = await openShop();
  plain = readFileSync(clusterFile(), 'utf8');
}, 30_000);
afterAll(() => shop.close());
beforeEach(() => writeFileSync(clusterFile(), plain));

function clusterFile(): string {
  return join(shop.folder, 'clusters', 'prod.yaml');
}

function procedure(name: string, fields = ''): string {
  return `procedure: ${name}
product: sample
title: The ${name}
approval: 2s
steps:
  - { id: L, title: Look, on: main, run: 'echo looked >>$HOME_FILE', env: { HOME_FILE: '"${shop.folder}/${name}"' }, timeout: 20s, read_only: true }
  - { id: A, title: Act, on: main, run: 'echo acted >>$HOME_FILE', env: { HOME_FILE: '"${shop.folder}/${name}"' }, timeout: 20s${fields} }
`;
}

const done = (name: string): string => readFileSync(join(shop.folder, name), 'utf8');

test('a held run looks, ends in time and frees its cluster', async () => {
  appendFileSync(clusterFile(), ALWAYS);
  const run = await shop.begin(procedure('held'));
  const held = await shop.until(run, ({ hold }) => hold !== undefined);
  expect(held.hold).toMatchObject({ window: 'Quarter end', status: { kind: 'open' } });
  const over = await shop.until(run, ({ ended }) => ended !== undefined);
  expect(over.ended).toMatchObject({ outcome: 'cancelled', why: expect.stringContaining('held by the freeze window Quarter end') });
  expect(done('held')).toBe('looked\n');
  expect((await shop.events(run)).filter(({ kind }) => kind === 'runHeld')).toHaveLength(1);
  writeFileSync(clusterFile(), plain);
  const next = await shop.begin(procedure('after'));
  await shop.until(next, ({ ended }) => ended?.outcome === 'succeeded');
  expect(done('after')).toBe('looked\nacted\n');
}, 40_000);

test('an overridden run acts, and is listed for review at once', async () => {
  appendFileSync(clusterFile(), ALWAYS);
  const run = await shop.begin(procedure('overridden').replace('approval: 2s', 'approval: 10m'));
  const { hold } = await shop.until(run, (state) => state.hold !== undefined);
  const override = { kind: 'override' as const, hold: hold?.hold ?? '', reason: 'the disk is full by noon' };
  expect(await shop.desk.act(run, override, dana)).toMatchObject({ kind: 'refused' });
  const [first, second] = await Promise.all([shop.desk.act(run, override, sam), shop.desk.act(run, override, sam)]);
  expect([first, second].map(({ kind }) => kind).toSorted()).toEqual(['moot', 'taken']);
  const due = await shop.desk.reviews();
  expect(due.filter(({ event }) => event.run === run)).toMatchObject([{ event: { kind: 'holdOverridden', window: 'Quarter end' } }]);
  await shop.until(run, ({ ended }) => ended?.outcome === 'succeeded');
  expect(done('overridden')).toBe('looked\nacted\n');
  expect((await shop.desk.reviews()).filter(({ event }) => event.run === run)).toHaveLength(1);
}, 40_000);

test('a broken glass starts what was asked for, and waits for a review', async () => {
  appendFileSync(clusterFile(), 'break_glass: { people: [U0DANA], channel: C0LOUD }\n');
  const run = await shop.begin(procedure('glass', ', unsafe: it writes').replace('approval: 2s', 'approval: 10m'));
  const asked = await shop.until(run, ({ approvals }) => Object.keys(approvals).length > 0);
  const { request = '', digest = '' } = Object.values(asked.approvals)[0] ?? {};
  const glass = { kind: 'breakGlass' as const, request, reason: 'nobody answers' };
  expect(await shop.desk.act(run, { ...glass, digest: 'another' }, dana)).toMatchObject({ kind: 'moot' });
  expect(await shop.desk.act(run, { ...glass, digest }, sam)).toMatchObject({ kind: 'refused' });
  expect(await shop.desk.act(run, { ...glass, digest }, dana)).toMatchObject({ kind: 'taken' });
  await shop.until(run, ({ ended }) => ended?.outcome === 'succeeded');
  expect(done('glass')).toBe('looked\nacted\n');
  const intended = (await shop.events(run)).filter((event) => event.kind === 'attemptIntended' && event.step === 'A');
  expect(intended).toMatchObject([{ approval: request, digest }]);
  expect(await shop.desk.review(run, 'all was well', dana)).toMatchObject({ kind: 'refused' });
  expect(await shop.desk.review(run, 'all was well', alex)).toMatchObject({ kind: 'refused' });
  expect(await shop.desk.review(run, 'all was well', sam)).toMatchObject({ kind: 'taken' });
  expect((await shop.desk.reviews()).filter(({ event }) => event.run === run)).toEqual([]);
  expect(await shop.desk.review('run22222222', 'what?', sam)).toBeUndefined();
}, 40_000);
