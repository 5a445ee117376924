import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunState } from '../../src/run/state.ts';
import { dana, openShop, type Shop, sam } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const ended = (state: RunState): boolean => state.ended !== undefined;
const troubled = (state: RunState): boolean => state.trouble !== undefined;
const asking = (state: RunState): boolean => Object.values(state.approvals).some((approval) => approval.status.kind === 'open');

function yaml(name: string, steps: string): string {
  return `procedure: ${name}\nproduct: sample\ntitle: A sample\nsteps:\n${steps}`;
}

test('safe steps run one host after the other to the end', async () => {
  const run = await shop.begin(
    yaml('plain', `  - { id: A, title: Say where, on: each node, run: 'echo "$WHERE"', env: { WHERE: host.name }, timeout: 10s }\n`),
  );
  const state = await shop.until(run, ended);
  expect(state.ended?.outcome).toBe('succeeded');
  const outputs = (await shop.events(run)).flatMap((event) => (event.kind === 'attemptEnded' ? [event.output?.head] : []));
  expect(outputs).toEqual(['alpha\n', 'beta\n']);
});

test('a command that fails stops the run and is retried', async () => {
  const flag = join(shop.folder, 'flag');
  const run = await shop.begin(yaml('fails', `  - { id: A, title: Look, on: main, run: 'test -e ${flag} || exit 3', timeout: 10s }\n`));
  const stopped = await shop.until(run, troubled);
  expect(stopped.trouble).toMatchObject({
    what: { kind: 'failed', why: expect.stringContaining('exit status 3') },
    choices: ['retry', 'skip', 'abort'],
  });
  writeFileSync(flag, '');
  await shop.desk.act(run, { kind: 'settle', trouble: stopped.trouble?.trouble ?? '', choice: 'retry', reason: 'put right' }, dana);
  expect((await shop.until(run, ended)).ended?.outcome).toBe('succeeded');
  expect((await shop.events(run)).filter((event) => event.kind === 'attemptIntended')).toHaveLength(2);
});

test('an unsafe step starts only after its approval', async () => {
  const mark = join(shop.folder, 'mark');
  const run = await shop.begin(
    yaml('unsafe', `  - { id: A, title: Mark, on: main, run: 'echo x >> ${mark}', timeout: 10s, unsafe: it writes }\n`),
  );
  const waiting = await shop.until(run, asking);
  const { request = '', digest = '' } = Object.values(waiting.approvals)[0] ?? {};
  expect(await shop.desk.act(run, { kind: 'approve', request, digest }, dana)).toMatchObject({ kind: 'refused' });
  expect(existsSync(mark)).toBe(false);
  expect(await shop.desk.act(run, { kind: 'approve', request, digest }, sam)).toMatchObject({ kind: 'taken' });
  await shop.until(run, ended);
  expect(readFileSync(mark, 'utf8')).toBe('x\n');
  const kinds = (await shop.events(run)).map((event) => event.kind);
  expect(kinds.indexOf('approvalGiven')).toBeLessThan(kinds.indexOf('attemptIntended'));
  expect(kinds).toContain('refused');
});

test('what must hold afterwards is polled until it does', async () => {
  const count = join(shop.folder, 'count');
  const until = `{ run: 'echo x >> ${count}; wc -l < ${count}', read: text, expect: 'int(stdout.trim()) >= 3', every: 200ms, within: 20s, waiting: three lines }`;
  const run = await shop.begin(yaml('polls', `  - { id: A, title: Wait, on: main, until: ${until} }\n`));
  const state = await shop.until(run, ended);
  expect(state.ended?.outcome).toBe('succeeded');
  expect((await shop.events(run)).at(-2)).toMatchObject({ kind: 'hostPassed', seen: '3' });
});

test('a cancel ends the process group and proves it', async () => {
  const pids = join(shop.folder, 'pids');
  const script = `sleep 300 & echo $! >> ${pids}; echo $$ >> ${pids}; wait`;
  const run = await shop.begin(yaml('long', `  - { id: A, title: Sleep, on: main, run: '${script}', timeout: 10m }\n`));
  await shop.until(run, () => existsSync(pids) && readFileSync(pids, 'utf8').trim().split('\n').length === 2);
  expect(await shop.desk.act(run, { kind: 'cancel', reason: 'wrong one' }, dana)).toMatchObject({ kind: 'taken' });
  const state = await shop.until(run, ended);
  expect(state.ended).toMatchObject({ outcome: 'cancelled', why: 'cancelled by Dana: wrong one' });
  const end = (await shop.events(run)).find((event) => event.kind === 'attemptEnded');
  expect(end).toMatchObject({ outcome: { kind: 'cancelled', remaining: [] } });
  for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) expect(existsSync(`/proc/${pid}`) && isAlive(pid)).toBe(false);
});

test('a step longer than a drive is followed to its end', async () => {
  const mark = join(shop.folder, 'long-mark');
  const run = await shop.begin(
    yaml('longer', `  - { id: A, title: Take long, on: main, run: 'echo x >> ${mark}; sleep 7; echo done', timeout: 1m }\n`),
  );
  const state = await shop.until(run, ended);
  expect(state.ended?.outcome).toBe('succeeded');
  expect(readFileSync(mark, 'utf8')).toBe('x\n');
});

test('a second run on a locked cluster is refused with its holder', async () => {
  const first = await shop.begin(yaml('holds', `  - { id: A, title: Mark, on: main, run: 'true', timeout: 10s, unsafe: it holds }\n`));
  const second = await shop.desk.start({
    procedure: 'holds',
    cluster: 'prod',
    params: {},
    standing: dana,
    channel: { team: 'T1', id: 'C1' },
    requestId: 'other',
  });
  expect(second).toMatchObject({ kind: 'locked', holder: first });
  await shop.desk.act(first, { kind: 'cancel', reason: '' }, dana);
  await shop.until(first, ended);
  const third = await shop.begin(yaml('holds', `  - { id: A, title: Mark, on: main, run: 'true', timeout: 10s, unsafe: it holds }\n`));
  await shop.desk.act(third, { kind: 'cancel', reason: '' }, dana);
  await shop.until(third, ended);
});

/** A zombie has ended. */
function isAlive(pid: string): boolean {
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
