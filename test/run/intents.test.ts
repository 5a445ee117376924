import type { Standing } from '../../src/run/authorise.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { Decided } from '../../src/run/decided.ts';
import { decide, type Intent } from '../../src/run/intents.ts';
import { whyTooLong } from '../../src/run/subject.ts';
import { alex, command, dana, member, requested, sam, state } from './samples.ts';

const unsafeStep = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['main-1'] };
const asked = [opened, requested('A', 'main-1')];
const approve: Intent = { kind: 'approve', request: 'q1', digest: 'd1' };
const reject: Intent = { kind: 'reject', request: 'q1', reason: 'not now' };
const pausedOnce: RunEvent = { kind: 'paused', by: dana, reason: '', asked: 'd1' };
const resumedOnce: RunEvent = { kind: 'resumed', by: dana, asked: 'd2' };
const barred: Standing = { person: sam, kind: { kind: 'barred', why: 'this account is deactivated.' }, memberOf: [] };
const unverified: Standing = { person: sam, kind: { kind: 'unverified', why: 'timeout' }, memberOf: [] };

function outcome(decided: Decided): string {
  return decided.kind === 'moot' ? 'moot' : `${decided.kind} ${decided.events.map((event) => event.kind).join('+')}`;
}

test.each<[string, Standing, Intent, string]>([
  ['a second person approves', member(sam), approve, 'taken approvalGiven'],
  ['a member of the approving group approves', member(alex, ['S1']), approve, 'taken approvalGiven'],
  ['the requester cannot approve', member(dana), approve, 'refused refused'],
  ['the requester in the approving group cannot approve', member(dana, ['S1']), approve, 'refused refused'],
  ['somebody without rights cannot approve', member(alex), approve, 'refused refused'],
  ['a deactivated approver cannot approve', barred, approve, 'refused refused'],
  ['an approver whom Slack cannot confirm is refused', unverified, approve, 'refused refused'],
  ['a rejection stops and offers to ask again', member(sam), reject, 'taken approvalRejected+troubleRaised'],
  ['somebody without rights cannot reject', member(alex), reject, 'refused refused'],
  ["another run's request settles nothing", member(sam), { kind: 'approve', request: 'q9', digest: 'd1' }, 'moot'],
  ['a name that every object has is no request', member(sam), { kind: 'approve', request: 'constructor', digest: 'd1' }, 'moot'],
  ["another version's digest approves nothing", member(sam), { kind: 'approve', request: 'q1', digest: 'd0' }, 'moot'],
  ['the requester may pause', member(dana), { kind: 'pause', reason: '' }, 'taken paused'],
  ['somebody without rights cannot pause', member(alex), { kind: 'pause', reason: '' }, 'refused refused'],
  ['somebody without rights cannot cancel', member(alex), { kind: 'cancel', reason: '' }, 'refused refused'],
  ['resuming what is not paused is moot', member(dana), { kind: 'resume' }, 'moot'],
])('%s', (_title, standing, intent, expected) => {
  expect(outcome(decide(state([unsafeStep], asked), intent, standing, 5_000))).toBe(expected);
});

test.each<[string, RunEvent, RegExp]>([
  ['approved', { kind: 'approvalGiven', request: 'q1', by: sam }, /Already approved by Sam at 00:00:04 UTC/],
  ['rejected', { kind: 'approvalRejected', request: 'q1', by: sam, reason: 'no' }, /Already rejected by Sam/],
  ['expired', { kind: 'approvalExpired', request: 'q1' }, /expired/],
  ['voided', { kind: 'approvalVoided', request: 'q1', why: 'the leader moved' }, /the leader moved/],
])('a click on a request that is %s is told so', (_title, event, told) => {
  const decided = decide(state([unsafeStep], [...asked, event]), approve, member(sam), 5_000);
  expect(decided).toMatchObject({ kind: 'moot', told: expect.stringMatching(told) });
});

test.each([approve, reject])('$kind of a run that is being cancelled decides nothing', (intent) => {
  const cancelling = state([unsafeStep], [...asked, { kind: 'cancelRequested', by: dana, reason: '' }]);
  expect(decide(cancelling, intent, member(sam), 5_000)).toMatchObject({
    kind: 'moot',
    told: expect.stringMatching(/is being cancelled by Dana/),
  });
});

test('a click after the time limit approves nothing', () => {
  expect(outcome(decide(state([unsafeStep], asked), approve, member(sam), 1_000_000))).toBe('moot');
});

describe('trouble on an unsafe step', () => {
  const trouble: RunEvent = {
    kind: 'troubleRaised',
    trouble: 't1',
    step: 'A',
    host: 'main-1',
    attempt: 1,
    what: { kind: 'failed', why: 'status 1' },
    choices: ['retry', 'skip', 'abort'],
  };
  const settle = (choice: 'retry' | 'skip' | 'abort' | 'settleDone'): Intent => ({
    kind: 'settle',
    trouble: 't1',
    choice,
    reason: 'because',
  });

  test.each<[string, Standing, Intent, string]>([
    ['is retried by the requester', member(dana), settle('retry'), 'taken troubleSettled'],
    ['is not skipped by the requester', member(dana), settle('skip'), 'refused refused'],
    ['is skipped by a second person', member(sam), settle('skip'), 'taken troubleSettled'],
    ['is aborted by the requester', member(dana), settle('abort'), 'taken troubleSettled+runEnded'],
    ['is not settled by somebody without rights', member(alex), settle('retry'), 'refused refused'],
    ['takes no choice that was not offered', member(sam), settle('settleDone'), 'moot'],
  ])('%s', (_title, standing, intent, expected) => {
    expect(outcome(decide(state([unsafeStep], [opened, trouble]), intent, standing, 5_000))).toBe(expected);
  });
});

test('an empty list of approvers means nobody', () => {
  const empty = state([unsafeStep], asked);
  const nobody = { ...empty, cluster: { ...empty.cluster, may: { ...empty.cluster.may, approve: { users: [], groups: [] } } } };
  expect(decide(nobody, approve, member(sam), 5_000)).toMatchObject({
    kind: 'refused',
    told: expect.stringContaining('Nobody may approve'),
  });
});

test.each<[string, RunEvent[], Intent, string]>([
  ['a pause delivered again', [pausedOnce, { kind: 'resumed', by: dana }], { kind: 'pause', reason: '', asked: 'd1' }, 'moot'],
  ['a resume delivered again', [pausedOnce, resumedOnce, pausedOnce], { kind: 'resume', asked: 'd2' }, 'moot'],
  ['a resume delivered for the first time', [pausedOnce, resumedOnce, pausedOnce], { kind: 'resume', asked: 'd3' }, 'taken resumed'],
])('%s counts as it should', (_title, events, intent, expected) => {
  expect(outcome(decide(state([unsafeStep], [...asked, ...events]), intent, member(dana), 5_000))).toBe(expected);
});

test('refusals are told always and recorded for a while', () => {
  const refusals = Array.from({ length: 20 }, (): RunEvent => ({ kind: 'refused', person: alex, action: 'approve', why: 'no' }));
  const decided = decide(state([unsafeStep], [...asked, ...refusals]), approve, member(alex), 5_000);
  expect(decided).toMatchObject({ kind: 'refused', events: [], told: expect.stringContaining('may not approve') });
  expect(outcome(decide(state([unsafeStep], [...asked, ...refusals]), approve, member(dana), 5_000))).toBe('refused refused');
});

test('nothing can be done with an ended run', () => {
  const ended: RunEvent = { kind: 'runEnded', outcome: 'aborted', why: 'x' };
  expect(outcome(decide(state([unsafeStep], [...asked, ended]), approve, member(sam), 5_000))).toBe('moot');
});

test.each([
  [1_000, undefined],
  [6_000, /an approver can be shown 3500 whole/],
])('a script of %d characters can or cannot be asked for', (length, why) => {
  const items = [{ step: 'A', host: 'main-1', address: 'ops@main-1.example:22', attempt: 1, script: 'x'.repeat(length), env: {} }];
  const told = whyTooLong({ items, roles: {}, expectations: [] });
  if (why === undefined) expect(told).toBeUndefined();
  else expect(told).toMatch(why);
});

test('a script that runs on several hosts counts once', () => {
  const item = (host: string, diff: string) => ({
    step: 'A',
    host,
    address: `ops@${host}:22`,
    attempt: 1,
    script: 'x'.repeat(2_000),
    env: {},
    diff,
  });
  const subjectOf = (length: number) => ({
    items: ['node-1', 'node-2'].map((host) => item(host, `${host}${'d'.repeat(length)}`)),
    roles: {},
    expectations: [],
  });
  expect(whyTooLong(subjectOf(500))).toBeUndefined();
  expect(whyTooLong(subjectOf(1_000))).toMatch(/an approver can be shown 3500 whole/);
});
