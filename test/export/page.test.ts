/** What an export tells of a run, and in which order. */
import { htmlOf } from '../../src/export/html.ts';
import { markdownOf } from '../../src/export/markdown.ts';
import { pageOf } from '../../src/export/page.ts';
import { summaryOf } from '../../src/export/period.ts';
import { render } from '../../src/export/render.ts';
import { timelineOf } from '../../src/export/timeline.ts';
import { storyOf } from '../../src/export/story.ts';
import { recordSchema, type RunRecord } from '../../src/record/model.ts';
import * as of from '../run/histories.ts';
import { dana } from '../run/samples.ts';
import { everything, recordOf, sound } from './records.ts';

const both = (record: RunRecord): string => `${htmlOf(pageOf(record))}\n${markdownOf(pageOf(record))}`;

test('deviations come first, the verdict before the journal', () => {
  const ids = pageOf(everything('words of a person')).sections.map(({ id }) => id);
  expect(ids).toEqual(['deviations', 'request', 'timeline', 'approvals', 'questions', 'steps', 'notes', 'verdict', 'journal']);
});

test('everything that happened is told, in both forms', () => {
  const text = both(everything('words of a person'));
  for (const words of [
    '1 freeze window overridden, 1 warning, 1 skip, 1 question declined, 1 prompt that nobody foresaw',
    'end unknown',
    'Settle as Done: words of a person',
    'edited; it says now',
    'deleted in Slack',
    'second factor',
    'refused: approve',
    'Ed25519',
    'keyturn verify run2.json',
    'paused',
  ]) {
    expect(text.split(words).length).toBeGreaterThan(words === 'Ed25519' || words.startsWith('1 ') ? 2 : 1);
  }
});

test('a period names second persons, not who pressed a gate', () => {
  const gate = of.request(of.subjectFor(of.itemFor('S2', 'main-1')), { request: 'q2', step: 'S2', needs: 'gate' });
  const events = [of.begun(), ...of.approved, gate, of.given(dana, { request: 'q2', stands: undefined }), of.over()];
  expect(summaryOf(recordOf(events)).approvers).toBe('Sam');
});

test('break-glass stands first among the deviations', () => {
  const record = recordOf([
    of.begun(of.glassy),
    of.opened(),
    of.request(),
    of.broken(of.eve),
    of.intended(),
    of.ended(),
    of.passed(),
    of.over(),
  ]);
  const page = htmlOf(pageOf(record));
  expect(page).toContain('Deviations: 1 break-glass.');
  expect(page).toMatch(/BREAK-GLASS<\/strong> by Eve \(<code>U4<\/code>\).*it burns/);
});

test('waits for people are of their own kinds', () => {
  const told = storyOf(everything('x'));
  if (told.kind !== 'story') throw new Error(told.faults.join());
  const rows = timelineOf(told.story).map(({ step, host, bars }) => [
    step,
    host,
    bars.map(({ kind, from, to }) => `${kind} ${(to - from) / 1000}`),
  ]);
  expect(rows).toEqual([
    ['Run', undefined, ['hold 20', 'pause 20']],
    ['S1', 'node-1', ['approval 60', 'work 20']],
    ['S1', 'node-2', ['approval 60', 'work 20', 'trouble 20']],
    ['S3', 'main-1', ['work 100', 'question 20']],
    ['S4', undefined, ['question 20']],
  ]);
});

test('a run that goes on is said to be not finished', () => {
  const record = recordOf([of.begun(), of.opened(), of.request()]);
  const text = both(record);
  expect(record.signature).toBeUndefined();
  for (const words of [
    'This run is NOT FINISHED',
    'by event 3',
    'the run is NOT FINISHED',
    'waited for approval under 0.1 s, not over',
    'none: a run is signed when it has ended',
  ])
    expect(text.split(words).length).toBeGreaterThan(2);
});

test('the same record gives the same bytes', () => {
  for (const format of ['json', 'md', 'html'] as const) expect(render(everything('x'), format)).toBe(render(everything('x'), format));
  expect(recordSchema.parse(JSON.parse(render(recordOf(sound), 'json')))).toEqual(recordOf(sound));
});

test('a script without approval is shown as it ran', () => {
  const record = recordOf([of.begun(), ...of.talking, { ...of.main, kind: 'attemptEnded', outcome: { kind: 'finished', status: 0 } }]);
  expect(htmlOf(pageOf(record))).toMatch(/S3, exactly this on main-1 \(ops@main-1\.example:22\)<\/p>\n<pre class="script">do_it<\/pre>/);
});

test('an output that is elsewhere shows its ends and where it is', () => {
  const path = 'output/run2/S1.node-1.1.log.gz';
  const long = { bytes: 9_000_000, lines: 5, sha256: 'e'.repeat(64), head: 'begins', tail: 'ends', path };
  const page = htmlOf(pageOf(recordOf([of.begun(), ...of.approved, of.intended(), of.ended({ output: long }), of.passed()])));
  expect(page).toContain(`begins\n\n[8999990 bytes are left out here; whole in ${path}: it is larger than an export holds]\n\nends`);
});

describe('a damaged record', () => {
  const damaged: readonly (readonly [string, (record: RunRecord) => RunRecord, string])[] = [
    [
      'an edited event',
      (record) => ({
        ...record,
        entries: record.entries.map((each) => (each.seq === 3 ? { ...each, event: each.event.replace('do_it', 'done') } : each)),
      }),
      'Event 3 is not what was written there.',
    ],
    ['a missing event', (record) => ({ ...record, entries: record.entries.filter(({ seq }) => seq !== 4) }), 'Event 5 does not follow'],
    ['a cut end', (record) => ({ ...record, entries: record.entries.slice(0, -1) }), 'The signature is not of this record'],
    ['no events', (record) => ({ ...record, entries: [] }), 'The events do not begin with a request'],
    [
      'an event of another release',
      (record) => ({ ...record, entries: record.entries.map((each) => (each.seq === 3 ? { ...each, event: '{"kind":"<b>"}' } : each)) }),
      'Event 3 is nothing that this release',
    ],
    [
      'an event that is no JSON',
      (record) => ({ ...record, entries: record.entries.map((each) => ({ ...each, event: '{' })) }),
      'cannot be read',
    ],
  ];
  test.each(damaged)('%s is said at the top', (_what, damage, sentence) => {
    const page = pageOf(damage(recordOf(sound)));
    expect(page.sections[0]?.id).toBe('warning');
    expect(htmlOf(page)).toContain('THIS RECORD IS DAMAGED');
    expect(htmlOf(page)).toContain(sentence);
    expect(markdownOf(page)).toContain(sentence);
  });

  test('a sound one says nothing of that', () => {
    expect(both(recordOf(sound))).not.toContain('DAMAGED');
  });
});
