/** How it ended, and by what anybody can check this record. Pure. */
import { fingerprintOf } from '../../signature.ts';
import type { Block, Inline, Section } from '../model.ts';
import type { Story } from '../story.ts';
import { person, took } from '../words.ts';
import { describeEvent } from './journal.ts';

export function verdictSection({ state, record }: Story): Section {
  const { ended } = state;
  const last = record.entries.at(-1);
  const { signature } = record;
  const facts: readonly (readonly [string, Inline])[] = [
    ['Outcome', ended === undefined ? { strong: 'the run is NOT FINISHED' } : { strong: ended.outcome }],
    ...(ended === undefined
      ? []
      : ([
          ['Why', ended.why],
          ['Ended', [{ time: ended.at }, `, after ${took(ended.at - state.startedAt)}`]],
        ] as const)),
    ['Events', String(record.entries.length)],
    ['Head: hash of the last event', { code: last?.hash ?? '' }],
    ...(signature === undefined
      ? ([['Signature', 'none: a run is signed when it has ended']] as const)
      : ([
          ['Signature (Ed25519)', { code: signature.value }],
          ['Public key', { code: signature.key }],
          ['Its fingerprint', { code: fingerprintOf(signature.key) }],
        ] as const)),
  ];
  return { id: 'verdict', title: 'Verdict', blocks: [{ kind: 'facts', facts }, ...howTo(state.run, last?.hash)] };
}

function howTo(run: string, hash: string | undefined): readonly Block[] {
  const compare =
    hash === undefined ? '' : ' Compare head and fingerprint with the closing message of the thread, which was posted when the run ended.';
  return [
    {
      kind: 'text',
      text: `How to verify: this page shows the record; the record itself is the JSON export, which holds every event as it was written. It can be checked without Redis and without Slack:`,
    },
    {
      kind: 'script',
      title: 'On any machine with Keyturn',
      text: `keyturn export ${run} --format json --out ${run}.json\nkeyturn verify ${run}.json`,
    },
    { kind: 'text', text: `Each event’s hash covers its content and the hash before it, and the signature covers the last one.${compare}` },
  ];
}

/** Every event, so that nothing that the other sections leave out is missing. */
export function journalSection({ record, recorded }: Story): Section {
  const rows = recorded.map((each, index): readonly Inline[] => {
    const { seq, at, actor, event } = each;
    const who: Inline = actor.kind === 'person' ? person(actor.person) : 'Keyturn';
    return [String(seq), { time: at }, who, event.kind, describeEvent(event), { code: record.entries[index]?.hash.slice(0, 12) ?? '' }];
  });
  return {
    id: 'journal',
    title: `Journal: all ${rows.length} events`,
    folded: true,
    blocks: [{ kind: 'table', head: ['No.', 'When', 'By', 'Event', 'About', 'Hash begins'], rows }],
  };
}
