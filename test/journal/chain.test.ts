import { digestOf } from '../../src/canonical.ts';
import { verifyJournal } from '../../src/journal/chain.ts';
import { createSealer, type Sealer } from '../../src/journal/seal.ts';
import { chainAfter, genesis, type Stored } from '../../src/journal/stored.ts';
import { by, key, lying, note, sealer } from './samples.ts';

const run = 'r1';
const whole: readonly Stored<unknown>[] = chainAfter(
  run,
  { seq: 0, hash: genesis(run) },
  ['a', 'b', 'c', 'd'].map(note),
  {
    ...by,
    id: 'x',
  },
  sealer,
).stored;
const last = { seq: 4, hash: whole[3]?.hash ?? '' };
const [a, b, c, d] = whole;
if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four entries');

test('the hash covers the canonical form of the whole entry', () => {
  for (const { hash, seal: _seal, ...entry } of whole) expect(hash).toBe(digestOf({ run, ...entry }));
});

test('a journal as it was written has no faults', () => {
  expect(verifyJournal(run, lying(whole), key, last)).toEqual([]);
});

test.each<[string, readonly Stored<unknown>[], readonly string[]]>([
  ['an edited event is named', [a, { ...b, event: note('B') }, c, d], ['edited 2']],
  ['an edited time is named', [a, { ...b, at: b.at + 1 }, c, d], ['edited 2']],
  ['an edited actor is named', [a, { ...b, actor: { kind: 'person', person: { team: 'T', user: 'U', name: 'x' } } }, c, d], ['edited 2']],
  ['a removed event is named', [a, c, d], ['missing 2']],
  ['several removed events are named', [a, d], ['missing 2']],
  ['a removed first event is named', [b, c, d], ['missing 1']],
  ['a cut end is named', [a, b], ['cut 3']],
  ['an empty journal is named as cut', [], ['cut 1']],
  ['events changed in order are named', [a, c, b, d], ['missing 2', 'reordered 2', 'missing 3']],
])('%s', (_title, stored, faults) => {
  expect(verifyJournal(run, lying(stored), key, last).map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(faults);
});

test('an event put in with a right hash breaks the link', () => {
  const [forged] = chainAfter(run, { seq: 1, hash: a.hash }, [note('forged')], by, sealer).stored;
  if (forged === undefined) throw new Error('no entry');
  expect(verifyJournal(run, lying([a, forged, c, d]), key, last).map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['reordered 3']);
});

test('a journal written anew differs from the head seen before', () => {
  const anew = chainAfter(run, { seq: 0, hash: genesis(run) }, ['a', 'b', 'c', 'X'].map(note), by, sealer).stored;
  expect(verifyJournal(run, lying(anew), key, last).map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['edited 4']);
});

test('the journal of another run is not taken for ours', () => {
  expect(verifyJournal('r2', lying(whole), key).map(({ kind }) => kind)).toContain('edited');
});

describe('the seals', () => {
  const other = createSealer(Buffer.alloc(32, 'others'));
  const kinds = (stored: readonly Stored<unknown>[]) => verifyJournal(run, lying(stored), key).map(({ kind, seq }) => `${kind} ${seq}`);

  test('a journal of our own has no faults', () => {
    expect(kinds(whole)).toEqual([]);
  });

  test.each<[string, Sealer | undefined]>([
    ['another installation', other],
    ['nobody', undefined],
  ])('a whole chain sealed by %s is named at each event', (_whose, whose) => {
    const { stored } = chainAfter(run, { seq: 0, hash: genesis(run) }, ['a', 'b'].map(note), by, whose ?? other);
    const forged = stored.map(({ seal, ...entry }) => (whose === undefined ? entry : { ...entry, seal }));
    expect(kinds(forged)).toEqual(['unsealed 1', 'unsealed 2']);
  });

  test('a seal taken from another event is named', () => {
    expect(kinds([a, { ...b, seal: c.seal ?? '' }, c, d])).toEqual(['unsealed 2']);
  });
});
