import { compiles, fits, groupsOf, matchesIn } from '../../src/procedure/pattern.ts';

test.each([
  ['(?<lag>[0-9]+) (?<unit>MB)?', ['lag', 'unit']],
  ['(a)|(?:b)|(?<c>d)', ['c']],
  ['plain', []],
  ['(', []],
])('%s names the groups %j', (pattern, groups) => {
  expect(groupsOf(pattern)).toEqual(groups);
});

test.each([
  ['(?<x>a)', true],
  ['(', false],
  ['(?<x>a)(?<x>b)', false],
  ['\\p{Lu}', true],
])('%s is a pattern: %s', (pattern, is) => {
  expect(compiles(pattern)).toBe(is);
});

test('every place is found, with ^ and $ at line ends', () => {
  expect(matchesIn('^(?<n>[0-9]+)(?<u> MB)?$', '1\nx 2\n3 MB\n')).toEqual({
    kind: 'matches',
    matches: [
      { n: '1', u: '' },
      { n: '3', u: ' MB' },
    ],
  });
});

test('a group called __proto__ is an ordinary one', () => {
  const found = matchesIn('(?<__proto__>a)', 'a');
  expect(found.kind === 'matches' && Object.entries(found.matches[0] ?? {})).toEqual([['__proto__', 'a']]);
});

test('no more than a thousand places are given', () => {
  const found = matchesIn('x*', 'y'.repeat(100_000));
  expect(found.kind === 'matches' && found.matches.length).toBe(1_000);
});

test.each([
  ['a|b', 'b', true],
  ['a|b', 'ab', false],
  ['', '', true],
])('%j fits the whole of %j: %s', (pattern, text, is) => {
  expect(fits(pattern, text)).toBe(is);
});

test('a pattern that would take years is given up', () => {
  expect(matchesIn('(a+)+b', 'a'.repeat(60))).toEqual({ kind: 'tooSlow' });
  expect(fits('(a+)+b', 'a'.repeat(60))).toBe(false);
});

test('a pattern after one that was given up sees its own text only', () => {
  expect(matchesIn('^(?<a>(x+)+)y$', 'x'.repeat(60))).toEqual({ kind: 'tooSlow' });
  expect(matchesIn('(?<word>[a-z]+)', 'one two')).toEqual({ kind: 'matches', matches: [{ word: 'one' }, { word: 'two' }] });
  expect(matchesIn('x', '')).toEqual({ kind: 'matches', matches: [] });
});
