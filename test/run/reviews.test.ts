/** What waits for a review, and whose review counts. */
import type { Standing } from '../../src/run/authorise.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { type DueReview, decideReview, dueReviews, emergenciesIn, type Reviewed } from '../../src/run/reviews.ts';
import { alex, command, dana, journal, member, requested, sam, state } from './samples.ts';

const step = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const stands = { memberOf: [], accounts: ['U3'] };
const events: readonly RunEvent[] = [
  { kind: 'runHeld', hold: 'h2', window: 'Trading hours', expiresAt: 600_000 },
  { kind: 'holdOverridden', hold: 'h2', by: alex, reason: 'now or never', stands },
  requested('A', 'main-1'),
  { kind: 'glassBroken', request: 'q1', by: dana, reason: 'nobody is awake', stands, channel: 'C0LOUD' },
];
const all = emergenciesIn('run2', 'sample-prod', journal([step], events));
const glassAlone = all.filter(({ event }) => event.kind === 'glassBroken' && event.by === dana);
const other: Standing = { ...member({ ...sam, user: 'U9' }, ['S1']), identity: { name: 'Alex', accounts: ['U3', 'U9'] } };

test('a journal’s emergencies have the same ids whenever they are read', () => {
  expect(all).toEqual([
    {
      id: 'run2:override:h2',
      at: 3_000,
      event: {
        kind: 'holdOverridden',
        run: 'run2',
        hold: 'h2',
        cluster: 'sample-prod',
        window: 'Trading hours',
        by: alex,
        reason: 'now or never',
      },
    },
    {
      id: 'run2:glass:q1',
      at: 5_000,
      event: { kind: 'glassBroken', run: 'run2', request: 'q1', step: 'A', cluster: 'sample-prod', by: dana, reason: 'nobody is awake' },
    },
  ]);
});

test('the newest comes first, and what was reviewed is gone', () => {
  const reviewed: Reviewed = { kind: 'reviewed', run: 'run2', about: 'run2:override:h2', by: sam, note: 'fine' };
  expect(dueReviews(all).map(({ id }) => id)).toEqual(['run2:glass:q1', 'run2:override:h2']);
  expect(dueReviews([...all, { id: 'r2', at: 9, event: reviewed }]).map(({ id }) => id)).toEqual(['run2:glass:q1']);
});

test.each<[string, readonly DueReview[], string, Standing, RegExp]>([
  [
    'an approver who had no part in it reviews all',
    all,
    'looked right',
    member(sam),
    /^taken Recorded: you reviewed 2 emergencies in run2/,
  ],
  ['a member of the approving group does too', all, 'looked right', member({ ...sam, user: 'U8' }, ['S1']), /^taken/],
  ['the requester does not', all, 'looked right', member(dana, ['S1']), /^refused You requested run2/],
  ['whoever overrode does not', all, 'looked right', member(alex, ['S1']), /^refused It was you who broke the glass or overrode/],
  ['not even with another account', all, 'looked right', other, /^refused It was you/],
  ['somebody who may not approve there does not', glassAlone, 'looked right', member(alex), /^refused You may not approve/],
  [
    'without an answer of Slack nobody does',
    all,
    'ok',
    { ...member(sam), kind: { kind: 'unverified', why: 'timeout' } },
    /^refused It could not be confirmed/,
  ],
  ['a review without words is none', all, '  ', member(sam), /^moot Say what you found: `\/ha review run2 <words>`/],
  ['what is reviewed already needs no second look', [], 'looked right', member(sam), /^moot Nothing of run2 waits/],
])('%s', (_title, due, note, standing, expected) => {
  const decided = decideReview(state([step], events), due, note, standing);
  expect(`${decided.kind} ${decided.told}`).toMatch(expected);
});

test('each emergency of the run is marked with who and what', () => {
  const decided = decideReview(state([step], events), all, 'looked right', member(sam));
  expect(decided).toMatchObject({
    kind: 'taken',
    entries: [
      {
        id: 'reviewed:run2:override:h2',
        event: { kind: 'reviewed', run: 'run2', about: 'run2:override:h2', by: sam, note: 'looked right' },
      },
      { id: 'reviewed:run2:glass:q1', event: { about: 'run2:glass:q1' } },
    ],
  });
});
