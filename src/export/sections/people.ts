/** What people were asked, what held the run, and what they wrote in its thread. Pure. */
import type { Recorded } from '../../run/events.ts';
import type { Question } from '../../run/state.ts';
import { afterEventIn } from '../../record/afterwards.ts';
import type { RecordEntry } from '../../record/model.ts';
import type { Block, Inline, Section } from '../model.ts';
import type { Story } from '../story.ts';
import { filled, person, standWords, stepTitle } from '../words.ts';

export function questionsSection(story: Story): readonly Section[] {
  const rows = Object.values(story.state.questions).map((question) => questionRow(story, question));
  if (rows.length === 0) return [];
  const head = ['Asked', 'Where', 'Question', 'Answer', 'By whom', 'Answered'];
  return [{ id: 'questions', title: 'Questions to people', blocks: [{ kind: 'table', head, rows }] }];
}

function questionRow({ state, recorded }: Story, question: Question): readonly Inline[] {
  const { step, host, text, second, status, askedAt } = question;
  const where: Inline = [stepTitle(state, step), ...(host === undefined ? [] : [' on ', { code: host }])];
  const asked = `${filled(state, text, host)}${second === undefined ? '' : ` (for a second person: ${filled(state, second, host)})`}`;
  const start: readonly Inline[] = [{ time: askedAt }, where, asked];
  switch (status.kind) {
    case 'open':
      return [...start, { strong: 'none yet' }, '', ''];
    case 'withdrawn':
      return [...start, `withdrawn: ${status.why}`, '', { time: status.at }];
    case 'answered': {
      const event = recorded.find((each) => each.event.kind === 'questionAnswered' && each.event.question === question.question)?.event;
      const stands = event?.kind === 'questionAnswered' && event.stands !== undefined ? standWords(event.stands) : [];
      return [...start, status.answer, [person(status.by), ...stands], { time: status.at }];
    }
  }
}

export function notesSection({ recorded, record }: Story): Section {
  const rows = recorded.flatMap(noteRow);
  const during: Block =
    rows.length === 0 ? { kind: 'text', text: 'Nobody wrote in the thread while the run was on.' } : { kind: 'table', head: HEAD, rows };
  const later = (record.afterwards?.entries ?? []).flatMap(laterRow);
  const after: Block = { kind: 'part', title: 'After the end of the run', blocks: [{ kind: 'table', head: HEAD, rows: later }] };
  return { id: 'notes', title: 'Notes from the thread', blocks: later.length === 0 ? [during] : [during, after] };
}

/** Not of the journal, which ends with the run: from the register. */
function laterRow(entry: RecordEntry): readonly (readonly Inline[])[] {
  const event = afterEventIn(entry);
  if (event === undefined) return [];
  const when: Inline = { time: Number(entry.at) };
  if (event.kind === 'reviewed') return [[when, '', person(event.by), 'reviewed the emergency', event.note]];
  const { ts, by, text = '', length, files } = event;
  const what = { written: 'wrote', edited: { strong: 'edited; it says now' }, deleted: { strong: 'deleted in Slack' } }[event.what];
  return [[when, { code: ts }, by === undefined ? '' : person(by), what, `${cutWords(text, length)}${filesIn(files)}`]];
}

const HEAD = ['When', 'Message', 'Who', 'What', 'Text'];

/** An edit and a deletion are rows of their own: what stood there before stays. */
function noteRow({ event, at }: Recorded): readonly (readonly Inline[])[] {
  switch (event.kind) {
    case 'noted': {
      return [
        [{ time: at }, { code: event.ts }, person(event.by), 'wrote', `${cutWords(event.text, event.length)}${filesIn(event.files)}`],
      ];
    }
    case 'noteEdited':
      return [[{ time: at }, { code: event.ts }, '', { strong: 'edited; it says now' }, cutWords(event.text, event.length)]];
    case 'noteDeleted':
      return [[{ time: at }, { code: event.ts }, '', { strong: 'deleted in Slack' }, '']];
    default:
      return [];
  }
}

function filesIn(files: readonly string[] = []): string {
  return files.length === 0 ? '' : ` [files in Slack: ${files.join(', ')}]`;
}

function cutWords(text: string, length: number | undefined): string {
  return length === undefined || length <= text.length ? text : `${text} … (${length} characters in all)`;
}
