import { fits, matchesIn } from '../../src/procedure/pattern.ts';

test('a pattern that takes too long is ended, the next is not', () => {
  expect(matchesIn('^(?<a>(x+)+)y$', 'x'.repeat(40))).toEqual({ kind: 'tooSlow' });
  expect(fits('(x+)+y', 'x'.repeat(40))).toBe(false);
  expect(matchesIn('(?<word>[a-z]+)', 'one two')).toEqual({ kind: 'matches', matches: [{ word: 'one' }, { word: 'two' }] });
  expect(fits('[a-z]+', 'one')).toBe(true);
});

test('patterns see nothing of each other', () => {
  expect(matchesIn('(?<all>.+)', 'first')).toEqual({ kind: 'matches', matches: [{ all: 'first' }] });
  expect(matchesIn('(?<all>.+)', 'second')).toEqual({ kind: 'matches', matches: [{ all: 'second' }] });
  expect(matchesIn('first', '')).toEqual({ kind: 'matches', matches: [] });
});
