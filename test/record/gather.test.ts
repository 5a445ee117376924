/** A record is signed only where its journal was proved: what somebody else chained is given as it lies there, without our word for it. */
import { createSealer } from '../../src/journal/seal.ts';
import { gatherRecord } from '../../src/record/gather.ts';
import type { RecordEntry } from '../../src/record/model.ts';
import { inspectedFrom, judgeRecord } from '../../src/verify/record.ts';
import { RUN } from '../run/histories.ts';
import { entriesOf, events, keyFor, outputOf, signer } from '../verify/samples.ts';

const entries = entriesOf(RUN, events(outputOf('all is well\n')));

const gathered = (lying: readonly RecordEntry[], head = inspectedFrom(lying).head) =>
  gatherRecord(
    {
      inspect: async () => ({ ...inspectedFrom(lying), head }),
      threadOf: async () => ({ posted: [], permalink: undefined }),
      content: async () => ({ kind: 'elsewhere', why: 'not here' }),
      signer,
      sealing: keyFor('journal'),
    },
    RUN,
  );

test('a journal that was proved is signed, and verifies by itself', async () => {
  const record = await gathered(entries);
  if (record === undefined) throw new Error('no record');
  expect(record.signature).toBeDefined();
  expect(judgeRecord(record, { pinned: signer.key })).toMatchObject({ faults: [], outcome: 'succeeded' });
});

test.each<[string, readonly RecordEntry[]]>([
  ['an edited event', entries.map((entry) => (entry.seq === 3 ? { ...entry, at: '9' } : entry))],
  ['a deleted event', entries.filter(({ seq }) => seq !== 4)],
  ['a chain without seals', entries.map(({ seal: _seal, ...entry }) => entry)],
  ['a chain that another key sealed', entries.map((entry) => ({ ...entry, seal: createSealer(Buffer.alloc(32, 'x')).seal(entry.hash) }))],
])('%s is not signed', async (_title, lying) => {
  expect((await gathered(lying))?.signature).toBeUndefined();
});

test('a journal whose head is elsewhere is not signed', async () => {
  expect((await gathered(entries, { seq: 9, hash: 'f'.repeat(64) }))?.signature).toBeUndefined();
});

test('a run that is on is not signed', async () => {
  expect((await gathered(entries.slice(0, -1)))?.signature).toBeUndefined();
});
