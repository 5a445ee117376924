import { existsSync, readFileSync } from 'node:fs';
import { startTown, type Town } from './town.ts';

let town: Town;
beforeEach(async () => {
  town = await startTown();
}, 60_000);
afterEach(() => town.close());

const stops = (): number => town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === 'atscale_stop').length;

test('a paused run starts nothing until it is resumed', async () => {
  const thread = await town.begin();
  await thread.see(/^\*S3 .*: UNSAFE/);
  await thread.press('dana', /^Pause/);
  await thread.see(/paused/i);
  await thread.press('sam', /^Approve S3/);
  await thread.see(/approved S3/i);
  expect(stops()).toBe(0);
  await thread.press('dana', /^Resume/);
  await thread.see(/^\*S4 .*: UNSAFE/);
  expect(stops()).toBe(1);
}, 60_000);

test('mentions in its thread pause, resume and cancel a run', async () => {
  const thread = await town.begin();
  await thread.see(/^\*S3 .*: UNSAFE/);
  const mention = (person: string, text: string) => town.slack.person(person).mention({ channel: 'ops', text, thread_ts: thread.ts });
  await mention('dana', 'pause the queue is full');
  await thread.see(/paused by .*the queue is full/is);
  await mention('dana', 'resume');
  await thread.see(/resumed by/i);
  await mention('alex', 'cancel');
  await town.slack.waitFor(() => /not decide about runs/.test(town.told('alex')), { what: 'the refusal' });
  const { ts } = await mention('sam', 'status');
  await town.slack.waitFor(() => town.told('sam').includes(thread.run), { what: 'the status' });
  await town.slack.person('sam').edit({ channel: 'ops', ts, text: '<@U0KEYTURN1> cancel' });
  await town.slack.waitFor(() => town.told('sam').includes('An edited message does nothing'), { what: 'the answer to the edit' });
  expect(thread.texts().join('\n')).not.toMatch(/cancelled by|cancelling/);
  await mention('sam', 'cancel wrong cluster');
  await thread.see(/cancelled/);
  await thread.see(/wrong cluster/);
}, 60_000);

test('somebody without rights can neither pause nor cancel', async () => {
  const thread = await town.begin();
  await thread.see(/^\*S3 .*: UNSAFE/);
  await town.type('alex', '/ha pause atscale-prod');
  await town.type('alex', '/ha cancel atscale-prod');
  expect(town.told('alex')).toMatch(/not decide about runs/);
  expect(thread.texts().join('\n')).not.toMatch(/paused by|cancelled by/);
}, 60_000);

test('a cancel ends a stop that hangs and proves it', async () => {
  town.hosts.cluster.fault('stop-hangs', 'query-01');
  const thread = await town.begin();
  await thread.press('sam', /^Approve S3/);
  await town.hosts.cluster.waitForLog((entry) => entry.program === 'atscale_stop' && entry.event === 'begin');
  const pid = town.hosts.cluster.log().find((entry) => entry.program === 'atscale_stop')?.pid ?? 0;
  await town.type('dana', `/ha cancel ${thread.run} wrong cluster`);
  await thread.see(/nothing (of it )?is left/i);
  await thread.see(/wrong cluster/);
  expect(isAlive(pid)).toBe(false);
  const again = await town.begin();
  await again.see(/^\*S3 .*: UNSAFE/);
}, 60_000);

test('a second run is refused and names its holder', async () => {
  const thread = await town.begin();
  await town.type('dana', '/ha restart atscale-prod');
  await town.slack.waitFor(() => town.told('dana').includes(thread.run) && /archives/.test(JSON.stringify(town.slack.ephemerals('dana'))), {
    what: 'the holder with a link',
  });
  expect(town.slack.channel('ops').messages()).toHaveLength(1);
}, 60_000);

/** A zombie has ended; where process 1 does not reap, it keeps its entry. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
