/** What changed since it was approved, in words: one sentence each, and nothing left out. */
import fc from 'fast-check';
import { digestOf } from '../../src/canonical.ts';
import { secretMark } from '../../src/procedure/secret-mark.ts';
import { differenceOf, inOneLine } from '../../src/run/difference.ts';
import type { Item, RunEvent, Subject } from '../../src/run/events.ts';
import { changesFor, voidedBefore } from '../../src/run/voided.ts';
import { command, requested, state } from './samples.ts';

function item(host: string, fields: Partial<Item> = {}): Item {
  return { step: 'S4', host, address: `ops@${host}:22`, attempt: 1, script: 'stop it', env: { MODE: 'soft' }, ...fields };
}

function subject(items: readonly Item[], fields: Partial<Subject> = {}): Subject {
  return { items: [...items], roles: { leader: 'a' }, expectations: ['status == 0'], ...fields };
}

const before = subject([item('a'), item('b')]);

test.each<[string, Subject, readonly string[]]>([
  ['nothing', before, []],
  ['a host that is gone', subject([item('a')]), ['b: S4 would not start there any more']],
  ['a host that is new', subject([item('a'), item('b'), item('c')]), ['c: S4 would start there, which was not asked for']],
  ['an address', subject([item('a'), item('b', { address: 'ops@b:2222' })]), ['b: the address was "ops@b:22" and is now "ops@b:2222"']],
  ['an attempt', subject([item('a', { attempt: 2 }), item('b')]), ['a: the attempt was "1" and is now "2"']],
  [
    'a script, as a diff and once for both hosts',
    subject([item('a', { script: 'stop it\nnow' }), item('b', { script: 'stop it\nnow' })]),
    ['a, b: the script is another one:\n@@ -1,1 +1,2 @@\n stop it\n+now'],
  ],
  [
    'a value, a new one and one that is gone',
    subject([item('a', { env: { MODE: 'hard\nnow', NEW: '1' } }), item('b', { env: {} })]),
    ['a: the value MODE was "soft" and is now "hard⏎now"', 'a: the value NEW is new: "1"', 'b: the value MODE is gone; it was "soft"'],
  ],
  [
    'a secret, by its name alone',
    subject([item('a', { env: { MODE: secretMark('password') } }), item('b')]),
    ['a: the value MODE was "soft" and is now "‹secret password›"'],
  ],
  [
    'an answer',
    subject([item('a', { answers: [{ prompt: 'Sure\\?', answer: '"y"' }] }), item('b')]),
    ['a: of its questions, new: "to Sure\\? it is told "y""'],
  ],
  ['a user', subject([item('a', { become: 'root' }), item('b')]), ['a: the user was "the one who logs in" and is now "root"']],
  [
    'a shell',
    subject([item('a', { shell: { name: 'own', run: 'chroot /x' } }), item('b')]),
    ['a: the shell was "/bin/sh" and is now "own (chroot /x)"'],
  ],
  [
    'a role',
    subject(before.items, { roles: { leader: 'b', replica: 'a' } }),
    ['leader was a and is now b', 'replica was not read and is now a'],
  ],
  [
    'what is checked afterwards',
    subject(before.items, { expectations: ['status == 3'] }),
    ['it is checked afterwards, no longer: "status == 0"', 'it is checked afterwards, new: "status == 3"'],
  ],
  [
    'the change of a file',
    subject([item('a', { diff: '-x\n+y\n' }), item('b')]),
    ['a: the file would be changed in another way:\n@@ -0,0 +1,2 @@\n+-x\n++y'],
  ],
])('%s is told', (_title, after, sentences) => {
  expect(differenceOf(before, after)).toEqual(sentences);
});

test('a reason holds the sentences without their lines', () => {
  const after = subject([item('a', { script: 'halt' }), item('b')], { roles: { leader: 'b' } });
  expect(inOneLine(differenceOf(before, after))).toBe('a: the script is another one; leader was a and is now b');
});

test('a long script is told in few lines', () => {
  const lines = (from: number): string => Array.from({ length: 200 }, (_, at) => `line ${from + at}`).join('\n');
  const [sentence = ''] = differenceOf(subject([item('a', { script: lines(0) })]), subject([item('a', { script: lines(500) })]));
  expect(sentence.split('\n')).toHaveLength(32);
  expect(sentence).toMatch(/… \d+ lines more$/);
});

const text = fc.constantFrom('', 'x', 'x\n', 'y', 'a\nb');
const anyItem: fc.Arbitrary<Item> = fc.record({
  step: fc.constantFrom('S4', 'S5'),
  host: fc.constantFrom('a', 'b'),
  address: text,
  attempt: fc.integer({ min: 1, max: 2 }),
  script: text,
  env: fc.dictionary(fc.constantFrom('A', 'B'), text),
  become: fc.constantFrom('root', 'ops'),
  diff: text,
  answers: fc.array(fc.record({ prompt: text, answer: text }), { maxLength: 2 }),
});
const anySubject: fc.Arbitrary<Subject> = fc.record({
  items: fc.uniqueArray(anyItem, { minLength: 1, maxLength: 3, selector: ({ step, host }) => `${step} ${host}` }),
  roles: fc.dictionary(fc.constantFrom('leader', 'replica'), fc.constantFrom('a', 'b')),
  expectations: fc.array(text, { maxLength: 2 }),
});

test('whatever the digest tells apart is told in words', () => {
  fc.assert(
    fc.property(anySubject, anySubject, (one, other) => {
      const sameOrder = (a: Subject, b: Subject): boolean =>
        keys(a).join() === keys(b).join() || [...keys(a)].sort().join() !== [...keys(b)].sort().join();
      fc.pre(sameOrder(one, other));
      expect(differenceOf(one, other).length === 0).toBe(digestOf(one) === digestOf(other));
    }),
    { numRuns: 2_000 },
  );
});

/** The engine makes the items in the order of steps and hosts, which no difference is about. */
function keys({ items }: Subject): readonly string[] {
  return items.map(({ step, host }) => `${step} ${host}`);
}

const asked = command('S4', { safety: { kind: 'unsafe', why: 'it stops' }, on: { kind: 'each', role: 'node' } });
const opened: RunEvent = { kind: 'stepOpened', step: 'S4', hosts: ['node-1', 'node-2'] };
const voided: RunEvent = { kind: 'approvalVoided', request: 'q1', why: 'the script is another one' };

test('only a request that was voided is compared with', () => {
  const of = (...events: RunEvent[]) => voidedBefore(state([asked], [opened, requested('S4', 'node-1'), ...events]), 'S4')?.request;
  expect(of(voided)).toBe('q1');
  expect(of({ kind: 'approvalRejected', request: 'q1', by: { team: 'T1', user: 'U2', name: 'Sam' }, reason: 'no' })).toBeUndefined();
  expect(of(voided, requested('S4', 'node-1', 1, 'q2'))).toBeUndefined();
});

test('what has begun since is no difference', () => {
  const request = requested('S4', 'node-1');
  if (request.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const [first] = request.subject.items;
  if (first === undefined) throw new Error('the sample has no item');
  const both = {
    ...request,
    subject: { ...request.subject, items: [first, { ...first, host: 'node-2', address: 'ops@node-2.example:22' }] },
  };
  const began: RunEvent = { kind: 'attemptIntended', step: 'S4', host: 'node-1', attempt: 1, digest: 'd1' };
  const now: Subject = { ...both.subject, items: both.subject.items.slice(1) };
  expect(changesFor(state([asked], [opened, both, voided]), asked, now)).toEqual(['node-1: S4 would not start there any more']);
  expect(changesFor(state([asked], [opened, both, began, voided]), asked, now)).toEqual([]);
});
