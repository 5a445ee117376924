/** Without Slack's word: what a proof at Keyturn's own machine is enough for, whoever it is. */
import { type Action, authorise, type Standing } from '../../src/run/authorise.ts';
import { cluster as sample, dana, sam } from './samples.ts';

const everybody = { users: [dana.user, sam.user], groups: ['S1'] };
const may = { start: everybody, approve: everybody, settle: everybody, cancel: everybody, read: everybody };
const cluster = { ...sample, may, breakGlass: { people: everybody, channel: 'C1' } };
const about = { cluster, procedure: undefined, requester: dana, shapers: [], steps: [] };
const proved = (person: typeof dana): Standing => ({ person, kind: { kind: 'proved', why: 'Slack gave no answer' }, memberOf: [] });

test.each<Action>(['start', 'plan', 'approve', 'press', 'settle', 'override', 'breakGlass', 'read'])(
  'a proof alone is not enough to %s',
  (action) => {
    for (const person of [dana, sam]) {
      expect(authorise(action, proved(person), about)).toEqual({
        kind: 'refused',
        why: expect.stringContaining('only pausing and cancelling are possible: Slack gave no answer'),
      });
    }
  },
);

test('a proof is enough to stop for whom a list names', () => {
  expect(authorise('stop', proved(sam), about)).toEqual({ kind: 'allowed' });
});

test('a proof gives no right that nobody gave', () => {
  const groups = { users: [], groups: ['S1'] };
  const byGroup = { ...about, cluster: { ...cluster, may: { ...may, start: groups, approve: groups, cancel: groups } } };
  expect(authorise('stop', proved(sam), byGroup)).toMatchObject({ kind: 'refused' });
  expect(authorise('stop', proved(dana), byGroup)).toEqual({ kind: 'allowed' });
});

test.each([{ silent: true as const }, {}])('who is not confirmed may not even stop: %j', (more) => {
  const unknown: Standing = { person: sam, kind: { kind: 'unverified', why: 'Slack gave no answer', ...more }, memberOf: [] };
  expect(authorise('stop', unknown, about)).toMatchObject({ kind: 'refused', why: expect.stringContaining('could not be confirmed') });
});
