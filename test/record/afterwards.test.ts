/** What came after the end of a run is in its record, proved by itself, and nothing can be put in or taken out unseen. */
import type { Raw } from '../../src/journal/raw.ts';
import { render } from '../../src/export/render.ts';
import { createAfterwards } from '../../src/record/afterwards.ts';
import { gatherRecord } from '../../src/record/gather.ts';
import type { RecordEntry, RunRecord } from '../../src/record/model.ts';
import { afterwardsStatement, createSigner } from '../../src/signature.ts';
import { inspectedFrom, judgeRecord } from '../../src/verify/record.ts';
import { RUN } from '../run/histories.ts';
import { entriesOf, events, keyFor, logOf, outputOf, signer } from '../verify/samples.ts';

const alex = { team: 'T1', user: 'UALEX', name: 'Alex' };
const about = { kind: 'lateNote', run: RUN, cluster: 'prod', by: alex } as const;
const register = logOf('register', [
  { ...about, what: 'written', ts: '2.1', text: 'Queries are fine again, CHG-4711 closed.' },
  { kind: 'refused', person: alex, action: 'review', run: RUN, why: 'no right' },
  { ...about, run: 'runother22', what: 'written', ts: '9.1', text: 'of another run' },
  { ...about, what: 'edited', ts: '2.1', text: 'Queries are fine again, CHG-4712 closed.' },
  { kind: 'reviewed', run: RUN, about: 'x', by: alex, note: 'looked at it' },
  { kind: 'lateNote', run: RUN, cluster: 'prod', what: 'deleted', ts: '2.1' },
]);
const [first, , foreign] = register;
if (first === undefined || foreign === undefined) throw new Error('no register');

const asRaw = ({ seal, ...entry }: RecordEntry): Raw => ({ ...entry, seal });

async function gathered(lying: readonly RecordEntry[] = register): Promise<RunRecord> {
  const record = await gatherRecord(
    {
      inspect: async () => inspectedFrom(entriesOf(RUN, events(outputOf('all is well\n')))),
      threadOf: async () => ({ posted: [], permalink: undefined }),
      content: async () => ({ kind: 'elsewhere', why: 'not here' }),
      signer,
      sealing: keyFor('journal'),
      afterwardsOf: createAfterwards({
        register: {
          texts: async function* () {
            yield* lying.map(asRaw);
          },
          head: async () => lying.at(-1),
        },
        sealing: keyFor('register'),
      }),
    },
    RUN,
  );
  if (record === undefined) throw new Error('no record');
  return record;
}

const faultsIn = (record: RunRecord) => judgeRecord(record, { pinned: signer.key }).faults.map(({ kind }) => kind);
type After = NonNullable<RunRecord['afterwards']>;

async function withEntries(change: (entries: readonly RecordEntry[]) => readonly RecordEntry[]): Promise<RunRecord> {
  const record = await gathered();
  const { entries, signature }: After = record.afterwards ?? { entries: [], signature: signer.sign('') };
  return { ...record, afterwards: { entries: [...change(entries)], signature } };
}

test('notes and reviews of this run are in it, of others not, and it proves', async () => {
  const record = await gathered();
  expect(record.afterwards?.entries.map(({ seq }) => seq)).toEqual([1, 4, 5, 6]);
  expect(faultsIn(record)).toEqual([]);
  const page = render(record, 'md');
  for (const words of ['After the end of the run', 'CHG-4711', 'CHG-4712', 'looked at it', 'deleted in Slack'])
    expect(page).toContain(words);
});

test('where nothing came, nothing is said', async () => {
  const record = await gathered(register.slice(1, 3));
  expect(record.afterwards).toBeUndefined();
  expect(render(record, 'md')).not.toContain('After the end of the run');
});

test('what Keyturn did not write is not taken in', async () => {
  const forged = { ...first, seal: 'f'.repeat(64) };
  expect((await gathered([forged, ...register.slice(1)])).afterwards?.entries.map(({ seq }) => seq)).toEqual([4, 5, 6]);
});

test.each<[string, (entries: readonly RecordEntry[]) => readonly RecordEntry[]]>([
  ['changed', (entries) => entries.map((entry) => ({ ...entry, event: entry.event.replace('CHG-4711', 'CHG-4713') }))],
  ['taken out', (entries) => entries.slice(0, -1)],
  ['taken out altogether, but for its signature', () => []],
  ['put in another order', (entries) => entries.toReversed()],
  ['put in from another run', (entries) => [...entries, foreign]],
])('an entry that was %s is found, and the page says so', async (_title, change) => {
  const record = await withEntries(change);
  expect(faultsIn(record)).toEqual(['wrongSignature']);
  expect(render(record, 'md')).toContain('THIS RECORD IS DAMAGED');
});

test('another key than the one that is wanted is found', async () => {
  const record = await gathered();
  const entries = record.afterwards?.entries ?? [];
  const other = createSigner(Buffer.alloc(32, 'other'));
  const signed = { ...record, afterwards: { entries, signature: other.sign(afterwardsStatement(RUN, entries)) } };
  expect(faultsIn(signed)).toEqual(['otherKey']);
});
