import type { Recorded, RunEvent } from '../../src/run/events.ts';
import { evolve } from '../../src/run/evolve.ts';
import { lateNote, lateNoteId, noteEvents, type Remark } from '../../src/run/note.ts';
import type { RunState } from '../../src/run/state.ts';
import { stateOf } from '../slack/fake-desk.ts';

const by = { team: 'T1', user: 'UALEX', name: 'Alex' };
const written = (ts: string, text: string): Remark => ({ kind: 'written', ts, by, text, files: [] });

function after(state: RunState, ...remarks: readonly Remark[]): { readonly state: RunState; readonly events: readonly RunEvent[] } {
  const events: RunEvent[] = [];
  let now = state;
  for (const remark of remarks)
    for (const event of noteEvents(now, remark)) {
      events.push(event);
      const recorded: Recorded = { seq: now.seq + 1, at: 1, actor: { kind: 'keyturn' }, event };
      now = evolve(now, recorded);
    }
  return { state: now, events };
}

const begun = stateOf('runnotes22');

test('a reply delivered twice is one note', () => {
  expect(after(begun, written('1.1', 'looks odd'), written('1.1', 'looks odd')).events).toEqual([
    { kind: 'noted', ts: '1.1', by, text: 'looks odd' },
  ]);
});

test('an edit is kept beside what was written, and only once', () => {
  const edit: Remark = { kind: 'edited', ts: '1.1', by, text: 'looks fine', files: [] };
  expect(after(begun, written('1.1', 'looks odd'), edit, edit).events.slice(1)).toEqual([
    { kind: 'noteEdited', ts: '1.1', text: 'looks fine' },
  ]);
});

test('an unfurled link is no edit, and what was deleted stays deleted', () => {
  const { events } = after(
    begun,
    written('1.1', 'see the wiki'),
    { kind: 'edited', ts: '1.1', by, text: 'see the wiki', files: [] },
    { kind: 'deleted', ts: '1.1' },
    { kind: 'deleted', ts: '1.1' },
    { kind: 'edited', ts: '1.1', by, text: 'late', files: [] },
    written('1.1', 'see the wiki'),
  );
  expect(events.map(({ kind }) => kind)).toEqual(['noted', 'noteDeleted']);
});

test('an edit of what was missed is a note, and the original that comes late is not', () => {
  const { events } = after(begun, { kind: 'edited', ts: '1.1', by, text: 'better', files: [] }, written('1.1', 'worse'));
  expect(events).toEqual([{ kind: 'noted', ts: '1.1', by, text: 'better' }]);
});

test('the deletion of a message that is no note is no matter', () => {
  expect(after(begun, { kind: 'deleted', ts: '9.9' }, { kind: 'deleted', ts: 'constructor' }).events).toEqual([]);
});

test('nothing follows the end of a run', () => {
  const over = { ...begun, ended: { outcome: 'succeeded' as const, why: '', at: 1 } };
  expect(noteEvents(over, written('1.1', 'thanks'))).toEqual([]);
});

test('a long note keeps its beginning and its length, and no half character', () => {
  const text = `${'a'.repeat(3_998)}😀 and more`;
  expect(noteEvents(begun, written('1.1', text))).toEqual([
    { kind: 'noted', ts: '1.1', by, text: `${'a'.repeat(3_998)}…`, length: text.length },
  ]);
});

test('nobody can fill the record by writing or by editing', () => {
  const many = Array.from({ length: 400 }, (_each, index) => written(`1.${index}`, 'again'));
  const edits = Array.from(
    { length: 1_000 },
    (_each, index): Remark => ({ kind: 'edited', ts: '1.1', by, text: String(index), files: [] }),
  );
  expect(after(begun, ...many).events).toHaveLength(300);
  expect(after(begun, written('1.1', 'x'), ...edits).events).toHaveLength(901);
});

describe('after the end', () => {
  const over = stateOf('runnotes22', { notes: { '1.1': { text: 'looks odd', edits: 0 }, '1.2': { text: undefined, edits: 1 } } });
  const edit = (ts: string, text: string, edited?: string): Remark => ({ kind: 'edited', ts, by, text, files: [], edited });

  test('a reply is written under the id of its message, also where only an edit of it was heard', () => {
    const whole = { id: lateNoteId('runnotes22', '2.1'), what: 'written', ts: '2.1', by, text: 'all is well' };
    expect(lateNote(over, written('2.1', 'all is well'), false)).toEqual(whole);
    expect(lateNote(over, edit('2.1', 'all is well', '3.0'), false)).toEqual(whole);
    expect(lateNote(over, written('2.1', 'all is well'), true)).toBeUndefined();
  });

  test('each edit of a person is one of its own, and the preview of a link is none', () => {
    expect(lateNote(over, edit('2.1', 'all was well', '3.0'), true)).toMatchObject({ id: 'note:runnotes22:2.1:3.0', what: 'edited' });
    expect(lateNote(over, edit('2.1', 'all was well'), true)).toBeUndefined();
    expect(lateNote(over, edit('1.1', 'looks odd', '0.9'), true)).toBeUndefined();
  });

  test('only a note can be deleted, and once', () => {
    expect(lateNote(over, { kind: 'deleted', ts: '1.1' }, true)).toEqual({ id: 'note:runnotes22:1.1:gone', what: 'deleted', ts: '1.1' });
    expect(lateNote(over, { kind: 'deleted', ts: '1.2' }, true)).toBeUndefined();
    expect(lateNote(over, { kind: 'deleted', ts: '9.9' }, false)).toBeUndefined();
  });
});
