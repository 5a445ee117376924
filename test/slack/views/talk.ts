/** Steps that ask people and tools that ask, with the events around them; and one run as a journal. */
import type { PersonStep } from '../../../src/procedure/model.ts';
import { secretMark } from '../../../src/procedure/secret-mark.ts';
import type { Recorded, RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { type Message, thread } from '../../../src/slack/views/index.ts';
import { command, dana, journal, sam } from '../../run/samples.ts';
import { ended, intended } from './sample.ts';

export const RUN = 'run7f3k2q';

export function byHand(id: string, fields: Partial<PersonStep> = {}): PersonStep {
  return { kind: 'person', id, title: `Do ${id}`, about: 'manual', text: 'Drain the balancer.\nThen wait a minute.', ...fields };
}

export const steps = [
  byHand('P1'),
  byHand('P2', { about: 'confirm', text: 'Is the balancer drained?', second: 'It cuts traffic.' }),
  command('S3', {
    title: 'Replicate',
    on: { kind: 'all', role: 'node' },
    answers: [{ prompt: 'Continue\\?', answer: '"y"' }],
    statuses: [0, 3],
  }),
];

export const asked: RunEvent = {
  kind: 'questionAsked',
  question: 'q2',
  step: 'P1',
  about: 'manual',
  text: 'Drain the balancer.\nThen wait a minute.',
};
export const confirm: RunEvent = {
  kind: 'questionAsked',
  question: 'q4',
  step: 'P2',
  about: 'confirm',
  text: 'Is the balancer drained?',
  second: 'It cuts traffic.',
};

const at = { step: 'S3', host: 'node-1', attempt: 1 };

/** The tool asks what nobody foresaw. */
export function unforeseen(text: string, second?: string): readonly RunEvent[] {
  return [
    { kind: 'promptSeen', ...at, number: 2, end: 40, prompt: text.split('\n').at(-1) ?? '', said: {} },
    { kind: 'questionAsked', question: 'q11-node-1', ...at, about: 'prompt', number: 2, text, ...(second === undefined ? {} : { second }) },
  ];
}

export const answeredByPerson: readonly RunEvent[] = [
  { kind: 'questionAnswered', question: 'q11-node-1', by: sam, answer: 'n' },
  { kind: 'promptAnswered', ...at, number: 2, answer: 'n', by: sam },
];

/** Two people's questions, two hosts at once, a declared prompt, one that nobody foresaw, and an end with warnings. */
export const events: readonly RunEvent[] = [
  asked,
  { kind: 'questionAnswered', question: 'q2', by: dana, answer: 'done' },
  confirm,
  { kind: 'questionAnswered', question: 'q4', by: sam, answer: 'done' },
  { kind: 'planResolved', digest: 'e'.repeat(64) },
  { kind: 'stepOpened', step: 'S3', hosts: ['node-1', 'node-2'] },
  intended('S3', 'node-1', 1),
  intended('S3', 'node-2', 1),
  { kind: 'promptSeen', ...at, number: 1, end: 12, prompt: 'Continue? ', said: { peer: 'node-2' } },
  { kind: 'promptAnswered', ...at, number: 1, answer: `y ${secretMark('db_password')}` },
  ...unforeseen('Found an old copy of 12 files.\nOverwrite them? [y/N] '),
  ended('S3', 'node-2', 1, 'replicated', 3),
  { kind: 'valuesCaptured', step: 'S3', host: 'node-2', values: { lag: 12, members: ['node-1', 'node-2'] } },
  {
    kind: 'hostPassed',
    step: 'S3',
    host: 'node-2',
    attempt: 1,
    seen: 'replicated',
    warnings: ['The lag is 12 MB.', 'No backup of today.'],
  },
  ...answeredByPerson,
  ended('S3', 'node-1', 1, 'replicated'),
  { kind: 'hostPassed', ...at, seen: 'replicated' },
  { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' },
];

export const recorded: readonly Recorded[] = journal(steps, events);

/** The thread half a second after the last event. */
export function view(journalled: readonly Recorded[], afterMs = 500): readonly Message[] {
  return thread(fold(RUN, journalled), journalled, [], (journalled.at(-1)?.at ?? 0) + afterMs);
}

export function upTo(count: number, all: readonly Recorded[] = recorded): readonly Message[] {
  return view(all.slice(0, count));
}

export function find(messages: readonly Message[], key: string): Message {
  const found = messages.find((message) => message.key === key);
  if (found === undefined) throw new Error(`no ${key} among ${messages.map((message) => message.key).join(', ')}`);
  return found;
}

export function buttonsOf(message: Message): readonly string[] {
  return message.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((each) => (each.type === 'button' ? [`${each.text.text} ${each.value}`] : [])) : [],
  );
}
