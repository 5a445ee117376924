/** What people were asked, what held the run, and what they wrote in its thread. Pure. */
import type { Recorded } from '../../run/events.ts';
import type { Question } from '../../run/state.ts';
import type { Inline, Section } from '../model.ts';
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

export function notesSection({ recorded }: Story): Section {
  const rows = recorded.flatMap(noteRow);
  const head = ['When', 'Message', 'Who', 'What', 'Text'];
  return {
    id: 'notes',
    title: 'Notes from the thread',
    blocks:
      rows.length === 0 ? [{ kind: 'text', text: 'Nobody wrote in the thread while the run was on.' }] : [{ kind: 'table', head, rows }],
  };
}

/** An edit and a deletion are rows of their own: what stood there before stays. */
function noteRow({ event, at }: Recorded): readonly (readonly Inline[])[] {
  switch (event.kind) {
    case 'noted': {
      const files = event.files === undefined || event.files.length === 0 ? '' : ` [files in Slack: ${event.files.join(', ')}]`;
      return [[{ time: at }, { code: event.ts }, person(event.by), 'wrote', `${cutWords(event.text, event.length)}${files}`]];
    }
    case 'noteEdited':
      return [[{ time: at }, { code: event.ts }, '', { strong: 'edited; it says now' }, cutWords(event.text, event.length)]];
    case 'noteDeleted':
      return [[{ time: at }, { code: event.ts }, '', { strong: 'deleted in Slack' }, '']];
    default:
      return [];
  }
}

function cutWords(text: string, length: number | undefined): string {
  return length === undefined || length <= text.length ? text : `${text} … (${length} characters in all)`;
}
