import type { CommandStep, PersonStep } from '../../src/procedure/model.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { decide, type Intent } from '../../src/run/intents.ts';
import { alex, command, dana, member, sam, state } from './samples.ts';

const manual: PersonStep = { kind: 'person', id: 'M', title: 'By hand', about: 'manual', text: 'Exchange it', exchanges: 'main' };
const confirm: PersonStep = { kind: 'person', id: 'C', title: 'Confirm', about: 'confirm', text: 'A backup?', second: 'Data may be lost' };
const tool: CommandStep = command('A', { answers: [] });
const asked = (step: string, about: 'manual' | 'confirm' | 'prompt', more: object = {}): RunEvent => ({
  kind: 'questionAsked',
  question: 'q1',
  step,
  about,
  text: 'so?',
  ...more,
});
const prompt: RunEvent[] = [
  { kind: 'stepOpened', step: 'A', hosts: ['main-1'] },
  { kind: 'attemptIntended', step: 'A', host: 'main-1', attempt: 1, digest: 'd' },
  { kind: 'promptSeen', step: 'A', host: 'main-1', attempt: 1, number: 1, end: 3, prompt: 'so?', said: {} },
  asked('A', 'prompt', { host: 'main-1', attempt: 1, number: 1 }),
];
const answer = (text: string, question = 'q1'): Intent => ({ kind: 'answer', question, answer: text, note: 'because' });

const blocked: RunEvent = {
  kind: 'troubleRaised',
  trouble: 't1',
  step: 'C',
  what: { kind: 'blocked', why: 'its condition cannot be decided' },
  choices: ['retry', 'skip', 'abort'],
};
const skip: Intent = { kind: 'settle', trouble: 't1', choice: 'skip', reason: 'because' };
const cancelled: RunEvent = { kind: 'cancelRequested', by: sam, reason: '' };

function outcome(steps: (CommandStep | PersonStep)[], events: RunEvent[], who: typeof sam, intent: Intent): string {
  const decided = decide(state(steps, events), intent, member(who), 5_000);
  return decided.kind === 'moot' ? 'moot' : `${decided.kind} ${decided.events.map((event) => event.kind).join('+')}`;
}

test.each<[string, (CommandStep | PersonStep)[], RunEvent[], typeof sam, Intent, string]>([
  [
    'what was done by hand exchanges the machine',
    [manual],
    [asked('M', 'manual')],
    dana,
    answer('done'),
    'taken questionAnswered+hostExchanged',
  ],
  [
    'what cannot be done by hand is a trouble',
    [manual],
    [asked('M', 'manual')],
    dana,
    answer('declined'),
    'taken questionAnswered+troubleRaised',
  ],
  ['somebody without rights answers nothing', [manual], [asked('M', 'manual')], alex, answer('done'), 'refused refused'],
  [
    'what needs a second person is not for the requester',
    [confirm],
    [asked('C', 'confirm', { second: 'x' })],
    dana,
    answer('done'),
    'refused refused',
  ],
  ['a second person confirms', [confirm], [asked('C', 'confirm', { second: 'x' })], sam, answer('done'), 'taken questionAnswered'],
  ['what needs a second person is not skipped by the requester', [confirm], [blocked], dana, skip, 'refused refused'],
  ['a second person skips it', [confirm], [blocked], sam, skip, 'taken troubleSettled'],
  ['a run that is being cancelled takes no answer for a tool', [tool], [...prompt, cancelled], dana, answer('y'), 'moot'],
  ['a run that is being cancelled takes no answer of people', [manual], [asked('M', 'manual'), cancelled], dana, answer('done'), 'moot'],
  ['a word that is not offered does nothing', [manual], [asked('M', 'manual')], dana, answer('perhaps'), 'moot'],
  ['a tool gets the line', [tool], prompt, dana, answer('y'), 'taken questionAnswered+promptAnswered'],
  ['a tool gets an empty line', [tool], prompt, dana, answer(''), 'taken questionAnswered+promptAnswered'],
  ['a line with a line end in it is no answer', [tool], prompt, dana, answer('y\nrm'), 'moot'],
  ['a line with invisible characters is no answer', [tool], prompt, dana, answer('y\u202e'), 'moot'],
  ['a line with a letter that is blank is no answer', [tool], prompt, dana, answer('y\u3164'), 'moot'],
  ['a line of a thousand and one is no answer', [tool], prompt, dana, answer('y'.repeat(1_001)), 'moot'],
  ['a question of another run is nobody here', [tool], prompt, dana, answer('y', 'q9'), 'moot'],
  ['a name that every object has is no question', [tool], prompt, dana, answer('y', 'constructor'), 'moot'],
  [
    'a withdrawn question takes no answer',
    [tool],
    [...prompt, { kind: 'questionWithdrawn', question: 'q1', why: 'it went on' }],
    dana,
    answer('y'),
    'moot',
  ],
  [
    'a question is answered once',
    [tool],
    [...prompt, { kind: 'questionAnswered', question: 'q1', by: sam, answer: 'n' }],
    dana,
    answer('y'),
    'moot',
  ],
])('%s', (_title, steps, events, who, intent, expected) => {
  expect(outcome(steps, events, who, intent)).toBe(expected);
});
