/** Steps of a phase that are approved as one, on real hosts: each start within the whole, and the rest void once something is another. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventOf, RunEvent } from '../../src/run/events.ts';
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

function itemsOf(approval: Approval | undefined): readonly string[] {
  return (approval?.subject.items ?? []).map(({ step, host, attempt }) => `${step} ${host} ${attempt}`);
}

function intents(events: readonly RunEvent[]): readonly EventOf<'attemptIntended'>[] {
  return events.filter((event) => event.kind === 'attemptIntended');
}

/** A writes, B fails as long as there is no `ready`, C is required to be looked at. */
function yaml(name: string): string {
  const at = join(shop.folder, name);
  return `procedure: ${name}
product: sample
title: A sample
steps:
  - { id: R, title: Find, on: any node, run: 'cat "$AT.leader"', env: { AT: '"${at}"' }, timeout: 20s, read: lines, bind: { leader: 'lines[0]' } }
  - phase: down
    unsafe: It stops
    approval: together
    steps:
      - { id: A, title: Stop A, on: each node, run: 'echo "A $HOST" >>"$AT.log"', env: { AT: '"${at}"', HOST: host.name }, timeout: 20s, expect: status == 0 }
      - { id: B, title: Stop B, on: main, run: 'echo B >>"$AT.log"; test -e "$AT.ready"', env: { AT: '"${at}"' }, timeout: 20s, expect: status == 0 }
      - id: C
        title: Stop C
        on: leader
        recheck: [leader]
        requires: [{ run: 'test -e "$AT.ready"', expect: status == 0, says: B is down }]
        run: echo "C $HOST" >>"$AT.log"
        env: { AT: '"${at}"', HOST: host.name }
        timeout: 20s
        expect: status == 0
`;
}

async function begin(name: string, ready: boolean): Promise<{ readonly run: string; readonly first: Approval }> {
  writeFileSync(join(shop.folder, `${name}.leader`), 'beta\n');
  if (ready) writeFileSync(join(shop.folder, `${name}.ready`), '');
  const run = await shop.begin(yaml(name));
  const first = open(await shop.until(run, (state) => open(state) !== undefined));
  if (first === undefined) throw new Error('nothing was asked');
  return { run, first };
}

const log = (name: string): string => {
  const file = join(shop.folder, `${name}.log`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

test('one approval starts every step with the digest of the whole', async () => {
  const { run, first } = await begin('whole', true);
  expect(itemsOf(first)).toEqual(['A alpha 1', 'A beta 1', 'B alpha 1', 'C beta 1']);
  expect(first.subject).toMatchObject({ roles: { leader: 'beta' }, requires: [expect.stringMatching(/^C: B is down/)] });
  // Of the later steps nothing is looked at yet.
  expect(first.checks).toEqual([]);
  await shop.desk.act(run, { kind: 'approve', request: first.request, digest: first.digest }, sam);
  const state = await shop.until(run, (each) => each.ended !== undefined || each.trouble !== undefined);
  expect(state.trouble?.what).toBeUndefined();
  expect(log('whole')).toBe('A alpha\nA beta\nB\nC beta\n');
  const unsafe = intents(await shop.events(run)).filter(({ approval }) => approval !== undefined);
  expect(unsafe.map(({ step, approval, digest }) => [step, approval, digest])).toEqual(
    ['A', 'A', 'B', 'C'].map((step) => [step, first.request, first.digest]),
  );
  expect(Object.keys(state.approvals)).toHaveLength(1);
});

test('a step that had to be tried again has the rest asked for again', async () => {
  const { run, first } = await begin('retried', false);
  await shop.desk.act(run, { kind: 'approve', request: first.request, digest: first.digest }, sam);
  const stopped = await shop.until(run, (state) => state.trouble !== undefined);
  expect(stopped.trouble).toMatchObject({ step: 'B', what: { kind: 'failed' } });
  writeFileSync(join(shop.folder, 'retried.ready'), '');
  await shop.desk.act(run, { kind: 'settle', trouble: stopped.trouble?.trouble ?? '', choice: 'retry', reason: '' }, dana);
  const again = await shop.until(run, (state) => open(state) !== undefined);
  expect(again.approvals[first.request]?.status).toMatchObject({ kind: 'voided' });
  expect(itemsOf(open(again))).toEqual(['B alpha 2', 'C beta 1']);
  // What is through since then is no difference.
  expect(open(again)?.changed).toEqual(['alpha: the attempt was "1" and is now "2"']);
  expect(log('retried')).toBe('A alpha\nA beta\nB\n');
  await shop.desk.act(run, { kind: 'approve', request: open(again)?.request ?? '', digest: open(again)?.digest ?? '' }, sam);
  expect((await shop.until(run, (state) => state.ended !== undefined)).ended?.outcome).toBe('succeeded');
});

test('what a later step requires is looked at before its own start', async () => {
  const { run, first } = await begin('late', true);
  const state = await shop.desk.state(run);
  expect(state?.trouble).toBeUndefined();
  await shop.desk.act(run, { kind: 'reject', request: first.request, reason: 'not now' }, sam);
  const rejected = await shop.until(run, (each) => each.trouble !== undefined);
  expect(rejected.trouble).toMatchObject({ step: 'A', host: 'alpha', what: { kind: 'rejected' } });
  await shop.desk.act(run, { kind: 'settle', trouble: rejected.trouble?.trouble ?? '', choice: 'askAgain', reason: '' }, dana);
  const second = open(await shop.until(run, (each) => open(each) !== undefined));
  expect(itemsOf(second)).toEqual(itemsOf(first));
  expect(second?.changed).toEqual([]);
  // The leader moves between the approval and the third step.
  writeFileSync(join(shop.folder, 'late.leader'), 'alpha\n');
  await shop.desk.act(run, { kind: 'approve', request: second?.request ?? '', digest: second?.digest ?? '' }, sam);
  const moved = await shop.until(run, (each) => each.trouble !== undefined);
  expect(moved.trouble).toMatchObject({ step: 'C', what: { kind: 'rolesChanged' } });
  expect(moved.approvals[second?.request ?? '']?.status.kind).toBe('voided');
  expect(log('late')).toBe('A alpha\nA beta\nB\n');
  await shop.desk.act(run, { kind: 'settle', trouble: moved.trouble?.trouble ?? '', choice: 'askAgain', reason: '' }, dana);
  const third = open(await shop.until(run, (each) => open(each) !== undefined));
  expect(itemsOf(third)).toEqual(['C alpha 1']);
  expect(third?.checks).toMatchObject([{ host: 'alpha', what: 'B is down', ok: true }]);
  expect(third?.changed).toEqual([
    'beta: C would not start there any more',
    'alpha: C would start there, which was not asked for',
    'leader was beta and is now alpha',
  ]);
  await shop.desk.act(run, { kind: 'approve', request: third?.request ?? '', digest: third?.digest ?? '' }, sam);
  expect((await shop.until(run, (each) => each.ended !== undefined)).ended?.outcome).toBe('succeeded');
});
