/** What a step requires, on a real host: seen before anybody is asked, and again just before the start. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Approval, RunState } from '../../src/run/state.ts';
import { dana, openShop, type Shop, sam } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

function open(state: RunState): Approval | undefined {
  return Object.values(state.approvals).find(({ status }) => status.kind === 'open');
}

function yaml(name: string, up: string, done: string): string {
  return `procedure: ${name}
product: sample
title: A sample
steps:
  - id: A
    title: Stop it
    on: main
    env: { UP: '"${up}"', DONE: '"${done}"', HOST: host.name }
    requires:
      - { run: 'ls "$UP.$HOST"', expect: status == 0, says: '{{ host.name }} is up', on: each node }
      - { run: 'echo free 80', read: regex, pattern: 'free (?<free>[0-9]+)', expect: int(match.free) > 10, says: there is space }
    run: 'echo done >"$DONE"'
    timeout: 20s
    unsafe: It stops
`;
}

test('nobody approves what is not ready, and Check Again asks anew', async () => {
  const [up, done] = [join(shop.folder, 'up'), join(shop.folder, 'done')];
  writeFileSync(`${up}.alpha`, '');
  const run = await shop.begin(yaml('required', up, done));
  const red = open(await shop.until(run, (state) => open(state) !== undefined));
  expect(red?.checks.map(({ host, what, ok }) => `${host} ${what} ${ok}`)).toEqual([
    'alpha alpha is up true',
    'beta beta is up false',
    'alpha there is space true',
  ]);
  const { request = '', digest = '' } = red ?? {};
  expect(await shop.desk.act(run, { kind: 'approve', request, digest }, sam)).toMatchObject({
    kind: 'refused',
    told: expect.stringContaining('beta is up: not so on beta'),
  });
  writeFileSync(`${up}.beta`, '');
  expect(await shop.desk.act(run, { kind: 'checkAgain', request }, dana)).toMatchObject({ kind: 'taken' });
  const green = open(await shop.until(run, (state) => (open(state)?.request ?? request) !== request));
  expect(green?.checks.every(({ ok }) => ok)).toBe(true);

  // It is no longer so when it is about to start.
  rmSync(`${up}.beta`);
  expect(await shop.desk.act(run, { kind: 'approve', request: green?.request ?? '', digest: green?.digest ?? '' }, sam)).toMatchObject({
    kind: 'taken',
  });
  const again = await shop.until(run, (state) => open(state) !== undefined || state.trouble !== undefined);
  expect(again.approvals[green?.request ?? '']?.status).toMatchObject({
    kind: 'voided',
    why: expect.stringMatching(/^just before the start it was not as it must be: beta is up: not so on beta \(/),
  });
  expect(open(again)?.checks.find(({ host }) => host === 'beta')?.ok).toBe(false);
  expect(existsSync(done)).toBe(false);

  writeFileSync(`${up}.beta`, '');
  await shop.desk.act(run, { kind: 'checkAgain', request: open(again)?.request ?? '' }, dana);
  const last = open(await shop.until(run, (state) => open(state)?.checks.every(({ ok }) => ok) === true));
  await shop.desk.act(run, { kind: 'approve', request: last?.request ?? '', digest: last?.digest ?? '' }, sam);
  expect((await shop.until(run, (state) => state.ended !== undefined)).ended?.outcome).toBe('succeeded');
  expect(existsSync(done)).toBe(true);
});

test('a host that gives no answer is not ready, and says why', async () => {
  const run = await shop.begin(`procedure: silent
product: sample
title: A sample
steps:
  - id: A
    title: Stop it
    on: main
    requires: [{ run: 'true', expect: status == 0, says: the spare is there, on: spare }, { run: 'true', expect: status == 0, says: one of them is there, on: any node }]
    run: 'true'
    timeout: 20s
    gate: Stop it?
`);
  const asked = open(await shop.until(run, (state) => open(state) !== undefined));
  expect(asked?.checks).toMatchObject([
    { host: 'gone', ok: false, seen: expect.stringContaining('cannot be reached') },
    { host: 'alpha', ok: true },
  ]);
  expect(await shop.desk.act(run, { kind: 'approve', request: asked?.request ?? '', digest: asked?.digest ?? '' }, dana)).toMatchObject({
    kind: 'refused',
  });
});
