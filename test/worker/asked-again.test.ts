/** What was approved and is no longer what would start: void, and asked for again by itself with the difference, on a real host. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunState } from '../../src/run/state.ts';
import { openShop, type Shop, sam } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

function openRequest(state: RunState): string | undefined {
  return Object.values(state.approvals).find(({ status }) => status.kind === 'open')?.request;
}

test('a file that changed meanwhile voids the approval and is shown anew', async () => {
  const file = join(shop.folder, 'app.conf');
  writeFileSync(file, 'mode = soft\nsize = 1\n');
  const run = await shop.begin(`procedure: edits
product: sample
title: A sample
steps:
  - id: A
    title: Set the mode
    on: main
    edit: { path: '"${file}"', set: { mode: '"hard"' } }
    timeout: 20s
    unsafe: Changes the mode
`);
  const asking = await shop.until(run, (state) => openRequest(state) !== undefined);
  const first = openRequest(asking) ?? '';
  const digest = asking.approvals[first]?.digest ?? '';
  writeFileSync(file, 'mode = soft\nsize = 2\n');
  expect(await shop.desk.act(run, { kind: 'approve', request: first, digest }, sam)).toMatchObject({ kind: 'taken' });
  const again = await shop.until(run, (state) => (openRequest(state) ?? first) !== first || state.trouble !== undefined);
  expect(again.trouble).toBeUndefined();
  const [voided, asked] = Object.values(again.approvals);
  expect(voided?.status).toMatchObject({
    kind: 'voided',
    why: expect.stringMatching(/^something has changed since it was approved: alpha: the file would be changed in another way$/),
  });
  expect(asked?.changed).toContainEqual(
    expect.stringMatching(/^alpha: the file would be changed in another way:\n@@[\s\S]*size = 1[\s\S]*size = 2/),
  );
  expect(readFileSync(file, 'utf8')).toBe('mode = soft\nsize = 2\n');
  expect(await shop.desk.act(run, { kind: 'approve', request: asked?.request ?? '', digest: asked?.digest ?? '' }, sam)).toMatchObject({
    kind: 'taken',
  });
  expect((await shop.until(run, (state) => state.ended !== undefined)).ended?.outcome).toBe('succeeded');
  expect(readFileSync(file, 'utf8')).toBe('mode = hard\nsize = 2\n');
});

test('roles that moved are asked for again with what changed', async () => {
  const file = join(shop.folder, 'leader');
  writeFileSync(file, 'alpha\n');
  const run = await shop.begin(`procedure: moves
product: sample
title: A sample
steps:
  - { id: A, title: Find, on: any node, run: 'cat ${file}', timeout: 20s, read: lines, bind: { leader: 'lines[0]' } }
  - { id: B, title: Stop it, on: leader, run: 'echo stopped', timeout: 20s, unsafe: It stops, recheck: [leader], expect: 'stdout.contains("stopped")' }
`);
  const asking = await shop.until(run, (state) => openRequest(state) !== undefined);
  const first = openRequest(asking) ?? '';
  const digest = asking.approvals[first]?.digest ?? '';
  writeFileSync(file, 'beta\n');
  await shop.desk.act(run, { kind: 'approve', request: first, digest }, sam);
  const stopped = await shop.until(run, (state) => state.trouble !== undefined);
  expect(stopped.trouble?.what.kind).toBe('rolesChanged');
  await shop.desk.act(run, { kind: 'settle', trouble: stopped.trouble?.trouble ?? '', choice: 'askAgain', reason: '' }, sam);
  const again = await shop.until(run, (state) => openRequest(state) !== undefined);
  expect(Object.values(again.approvals).at(-1)?.changed).toEqual([
    'alpha: B would not start there any more',
    'beta: B would start there, which was not asked for',
    'leader was alpha and is now beta',
  ]);
});
