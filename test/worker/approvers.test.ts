/** Approvers looked up again before a start: what Slack says then counts, and its silence is no yes. */
import type { Standing } from '../../src/run/authorise.ts';
import type { RunState } from '../../src/run/state.ts';
import { createApprovers, type StillGood } from '../../src/worker/approvers.ts';
import { alex, command, dana, member, requested, sam, state } from '../run/samples.ts';

const unsafeStep = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const stands = { memberOf: [], accounts: ['U2'] };
const given = state(
  [unsafeStep],
  [
    { kind: 'stepOpened', step: 'A', hosts: ['main-1'] },
    requested('A', 'main-1'),
    { kind: 'approvalGiven', request: 'q1', by: sam, stands },
  ],
);
const clickedAt = given.approvals.q1?.backers[0]?.at ?? 0;

async function asked(standing: Standing, at: number, from: RunState = given): Promise<{ verdict: StillGood; calls: number }> {
  let calls = 0;
  const whoIs = async (): Promise<Standing> => {
    calls += 1;
    return standing;
  };
  const approval = from.approvals.q1;
  if (approval === undefined) throw new Error('no request');
  return { verdict: await createApprovers(whoIs, () => at)(from, approval), calls };
}

const [left, silent]: Standing[] = [
  { ...member(sam), kind: { kind: 'barred', why: 'your Slack account is deactivated.' } },
  { ...member(sam), kind: { kind: 'unverified', why: 'timeout' } },
];

test.each<[string, Standing | undefined, StillGood['kind'], RegExp]>([
  ['a member who is still listed', member(sam), 'good', /^$/],
  ['somebody deactivated since', left, 'bad', /Sam, who approved it, is no active full member/],
  ['somebody whom Slack cannot confirm', silent, 'unknown', /Sam: timeout/],
  [
    'an account that is the requester’s too',
    { ...member(sam), identity: { name: 'd', accounts: ['U1', 'U2'] } },
    'bad',
    /may not do so any more/,
  ],
])('%s is %s', async (_title, standing, kind, words) => {
  const { verdict, calls } = await asked(standing ?? member(sam), clickedAt + 60_000);
  expect([verdict.kind, calls]).toEqual([kind, 1]);
  expect(verdict.kind === 'good' ? '' : verdict.why).toMatch(words);
});

test('somebody who left the group is no approver any more', async () => {
  const { approvals, ...rest } = given;
  const byGroup = {
    ...rest,
    approvals,
    cluster: { ...given.cluster, may: { ...given.cluster.may, approve: { users: [], groups: ['S1'] } } },
  };
  expect((await asked(member(sam, ['S1']), clickedAt + 60_000, byGroup)).verdict.kind).toBe('good');
  expect((await asked(member(sam), clickedAt + 60_000, byGroup)).verdict).toMatchObject({ kind: 'bad' });
});

test('a click of a moment ago is not asked about again', async () => {
  expect((await asked(left ?? member(dana), clickedAt + 1_000)).calls).toBe(0);
});

test('an answer is good for a moment only', async () => {
  let now = clickedAt + 60_000;
  let calls = 0;
  const stillGood = createApprovers(
    async () => {
      calls += 1;
      return member(sam);
    },
    () => now,
  );
  const approval = given.approvals.q1;
  if (approval === undefined) throw new Error('no request');
  for (const ms of [0, 1_000, 1_500, 60_000]) {
    now += ms;
    await stillGood(given, approval);
  }
  expect(calls).toBe(3);
});

test('whoever broke the glass must still be let', async () => {
  const stood = { memberOf: ['S9'], accounts: ['U3'] };
  const broken = state(
    [unsafeStep],
    [
      { kind: 'stepOpened', step: 'A', hosts: ['main-1'] },
      requested('A', 'main-1'),
      { kind: 'glassBroken', request: 'q1', by: alex, reason: 'all is down', stands: stood, channel: 'C1' },
    ],
  );
  const people = { users: [], groups: ['S9'] };
  const from = { ...broken, cluster: { ...broken.cluster, breakGlass: { people, channel: 'C1' } } };
  expect((await asked(member(alex, ['S9']), clickedAt + 60_000, from)).verdict.kind).toBe('good');
  expect((await asked(member(alex), clickedAt + 60_000, from)).verdict).toMatchObject({ kind: 'bad' });
});

test('a click dated into the future is asked about', async () => {
  expect(await asked(left ?? member(dana), clickedAt - 600_000)).toMatchObject({ calls: 1, verdict: { kind: 'bad' } });
});
