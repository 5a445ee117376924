/** `/ha approvals`: what waits for whoever asks, and what they gave. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import type { HistoryIndex, Row } from '../../src/history/index.ts';
import { KeyturnError } from '../../src/errors.ts';
import type { Recorded, RunEvent } from '../../src/run/events.ts';
import { requested } from '../run/samples.ts';
import { type Bench, startBench } from './bench.ts';
import { approvalOf, cluster, dana, questionOf, stateOf, TEAM, troubleOf } from './fake-desk.ts';

const sam = { team: TEAM, user: 'U0SAM00001', name: 'Sam' };
const MINUTE = 60_000;
let bench: Bench;
let rows: readonly Row[] = [];
let broken = false;
const asked: { page: number; approvers: readonly string[] | undefined }[] = [];
const index: Pick<HistoryIndex, 'search'> = {
  search: async ({ page }, _reader, limit, approvers) => {
    if (broken) throw new Error('disk I/O error');
    asked.push({ page, approvers });
    const from = (page - 1) * limit;
    const more = rows.length > from + limit;
    return { rows: rows.slice(from, from + limit), more, older: more ? from + limit : undefined, complete: true, unreadable: [] };
  },
};
beforeEach(async () => {
  rows = [];
  broken = false;
  asked.length = 0;
  bench = await startBench('socket', {}, async () => 'https://sandbox.slack.com/archives/C1/p1', undefined, index);
});
afterEach(() => bench.close());

const rowOf = (run: string, started: number): Row => ({
  ...{ run, seq: 5, procedure: 'restart', product: 'atscale', cluster: 'atscale-prod', hosts: [], roles: [] },
  ...{ requester: dana, approvers: [sam], outcome: 'succeeded', started, ended: started + MINUTE, channel: 'C1' },
});

test('an open approval waits for its approver alone, with its link and for how long', async () => {
  const approval = { ...approvalOf('a1'), askedAt: Date.now() - 25 * MINUTE - 5_000 };
  bench.desk.runs.set('run2', stateOf('run2', { approvals: { a1: approval } }));
  const told = await bench.answer('sam', 'ops', '/ha approvals');
  expect(told).toMatch(/https:\/\/sandbox\.slack\.com\/archives\/C1\/p1\|run2/);
  expect(told).toMatch(/asked for by <@U0DANA0001> .*: approve \*S1\* on eng-1\. Waits for 25 min since/);
  expect(await bench.answer('dana', 'ops', '/ha approvals')).toContain('Nothing waits for your approval');
});

test('what I have backed waits for me no more', async () => {
  const approval = { ...approvalOf('a1'), backers: [{ by: sam, at: 0, stands: undefined }] };
  bench.desk.runs.set('run2', stateOf('run2', { approvals: { a1: approval } }));
  expect(await bench.answer('sam', 'ops', '/ha approvals')).toContain('Nothing waits for your approval');
});

test('questions and troubles that want a second person are among them; a red check is told apart', async () => {
  const red = { ...approvalOf('a1'), checks: [{ what: 'in step', host: 'eng-1', ok: false, seen: '40 s behind' }] };
  bench.desk.runs.set('run2', stateOf('run2', { approvals: { a1: red } }));
  bench.desk.runs.set('run3', stateOf('run3', { questions: { q1: questionOf('q1', { second: 'it goes live' }) } }));
  const lost = { ...troubleOf('t1', ['lookAgain', 'settleDone', 'settleFailed']), what: { kind: 'unknown', why: 'gone' } } as const;
  bench.desk.runs.set('run4', stateOf('run4', { trouble: lost, paused: { by: dana, at: 0, reason: '' } }));
  bench.desk.runs.set('run5', stateOf('run5', { trouble: troubleOf('t2', ['retry', 'abort']) }));
  const told = await bench.answer('sam', 'ops', '/ha approvals');
  const [open = '', blocked = ''] = told.split('Would be yours, but cannot be approved now');
  expect(open).toMatch(/run3.*confirm \*S1\*: Is the load balancer drained/);
  expect(open).toMatch(
    /run4.*trouble at \*S1\* on eng-1: end unknown; only a second person may choose Settle as Done or Settle as Failed.*The run is paused/,
  );
  expect(open).not.toMatch(/run2|run5/);
  expect(blocked).toMatch(/run2.*in step: not so on eng-1 \(40 s behind\)/);
});

test('very much that waits fits into one message, and the rest is counted', async () => {
  const heading = {
    ...stateOf('run2').procedure,
    title: 'A procedure with a title that is long enough to be cut somewhere, and then some '.repeat(3),
  };
  for (let at = 10; at < 60; at += 1)
    bench.desk.runs.set(`run${at}`, stateOf(`run${at}`, { procedure: heading, approvals: { a1: { ...approvalOf('a1'), askedAt: at } } }));
  const seen = await bench.sandbox.person('sam').command({ channel: 'ops', text: '/ha approvals' });
  const answer = await bench.sandbox.waitFor(() => seen.ephemeral[0], { what: 'an answer' });
  const lines = visibleText(answer).split('\n');
  const shown = lines.filter((line) => /^• \S*run\d\d/.test(line));
  expect(shown.every((line) => /Waits for .* min since .*until .*\.$/.test(line))).toBe(true);
  expect(lines).toContain(`• and ${50 - shown.length} more; \`/ha status\` shows every run that goes on.`);
  expect(shown[0]).toContain('run10');
});

test('the groups that a run’s own files name are asked for', async () => {
  const may = { ...cluster.may, approve: { users: [], groups: ['S0APPROVE1'] } };
  bench.desk.runs.set('run2', stateOf('run2', { cluster: { ...cluster, may }, approvals: { a1: approvalOf('a1') } }));
  expect(await bench.answer('sam', 'ops', '/ha approvals')).toMatch(/Waits for you.*run2/s);
  expect(await bench.answer('alex', 'ops', '/ha approvals')).toContain('Nothing waits');
});

test('what I gave is told by step and time, a page at a time', async () => {
  rows = Array.from({ length: 12 }, (_, at) => rowOf(`run${String(30 - at)}`, 1_790_000_000_000 - at * MINUTE));
  const events: readonly RunEvent[] = [requested('S1', 'eng-1', 1, 'a1'), { kind: 'approvalGiven', request: 'a1', by: sam }];
  const recorded: readonly Recorded[] = events.map((event, at) => ({ seq: at + 1, at: at * 1_000, actor: { kind: 'keyturn' }, event }));
  bench.desk.runs.set('run30', stateOf('run30', { ended: { outcome: 'succeeded', why: '', at: 1 } }));
  bench.desk.journals.set('run30', recorded);
  const first = await bench.answer('sam', 'ops', '/ha approvals');
  expect(first).toMatch(/run30\S* restart on atscale-prod: \*succeeded\*.*took 1 min; you: approved S1 /);
  expect(first).toMatch(/There are more: press More, or type `\/ha approvals page:2`/);
  const second = await bench.answer('sam', 'ops', '/ha approvals page:2');
  expect(second).toMatch(/page 2.*run25.*run21.*page:3/s);
  expect(second).not.toMatch(/Nothing waits|run20/);
  expect(asked).toEqual([
    { page: 1, approvers: [sam.user] },
    { page: 2, approvers: [sam.user] },
  ]);
  expect(await bench.answer('sam', 'ops', '/ha approvals lately')).toContain('`page:2`');
});

test('what waits is told also while the history cannot be searched', async () => {
  broken = true;
  bench.desk.runs.set('run2', stateOf('run2', { approvals: { a1: approvalOf('a1') } }));
  expect(await bench.answer('sam', 'ops', '/ha approvals')).toMatch(/run2.*What you approved cannot be searched just now/s);
});

test('one damaged journal hides no other run', async () => {
  rows = [rowOf('run1', 2), rowOf('run2', 1)];
  const { journal } = bench.desk;
  bench.desk.journal = async (run) => {
    if (run === 'run1') throw new KeyturnError('JOURNAL_FORGED', 'The journal of run1 is damaged', 'who can write to Redis');
    return journal.call(bench.desk, run);
  };
  bench.desk.runs.set('run2', stateOf('run2', { ended: { outcome: 'succeeded', why: '', at: 1 } }));
  expect(await bench.answer('sam', 'ops', '/ha approvals')).toMatch(/run1.*what was given cannot be read.*\n.*run2\S* restart/);
});
