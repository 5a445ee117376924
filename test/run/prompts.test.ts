import { secretMark, secretsIn } from '../../src/procedure/secret-mark.ts';
import type { EventOf, RunEvent } from '../../src/run/events.ts';
import { answerFor, numberToGive, promptAgain, promptIn, promptsOf, unforeseen } from '../../src/run/prompts.ts';
import { command, state } from './samples.ts';

const step = command('A', {
  on: { kind: 'all', role: 'node' },
  answers: [
    { prompt: 'key: (?<key>\\S+)\\n.*Other: ', answer: 'peer.key' },
    { prompt: '\\[y/n\\]', answer: '"y"' },
  ],
});
const due = { host: 'node-1', attempt: 1 };
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['node-1', 'node-2'] };
const seen = (host: string, number: number, key: string, answer?: number): EventOf<'promptSeen'> => ({
  kind: 'promptSeen',
  step: 'A',
  host,
  attempt: 1,
  number,
  end: 10 * number,
  prompt: 'p',
  said: { key },
  ...(answer === undefined ? {} : { answer }),
});

test('a prompt is found with what was said before it, in bytes', () => {
  const text = 'Grüße\nkey: abc\nOther: ';
  const [event] = promptIn(state([step], [opened]), step, due, { text, from: 100 }) ?? [];
  expect(event).toMatchObject({ kind: 'promptSeen', number: 1, end: 100 + Buffer.byteLength(text), said: { key: 'abc' }, answer: 0 });
});

test('a host cannot ask for a secret by printing its mark', () => {
  const text = `key: ${secretMark('password')}\nOther: `;
  const [event] = promptIn(state([step], [opened]), step, { ...due, host: 'node-2' }, { text, from: 0 }) ?? [];
  if (event?.kind !== 'promptSeen') throw new Error('no prompt');
  const said = state([step], [opened, seen('node-1', 1, 'mine', 0), event]);
  const answer = answerFor(said, step, due, promptsOf(said, step, due)[0] ?? fail());
  expect(answer).toEqual({ kind: 'answer', text: 'secret:password' });
  expect(secretsIn(answer.kind === 'answer' ? answer.text : fail())).toEqual([]);
});

test('a pattern that takes hours on what a host printed finds nothing', () => {
  const slow = { ...step, answers: [{ prompt: '(?:a+)+b', answer: '"y"' }] };
  const before = performance.now();
  expect(promptIn(state([slow], [opened]), slow, due, { text: 'a'.repeat(40), from: 0 })).toBeUndefined();
  expect(performance.now() - before).toBeLessThan(5_000);
});

test('of two prompts the one that stands first is seen first', () => {
  const [event] = promptIn(state([step], [opened]), step, due, { text: 'Sure? [y/n]\nkey: abc\nOther: ', from: 0 }) ?? [];
  expect(event).toMatchObject({ answer: 1, end: 11 });
});

test.each([
  ['the rest of the half line belongs to the question', 'go on [y/n] (y by default): ', 28],
  ['a line that is over is left to itself', 'go on [y/n]\nwarning: ', 11],
  ['another prompt in the same line is left to itself', 'go on [y/n] sure? [y/n] ', 11],
])('%s', (_title, text, end) => {
  const [event] = promptIn(state([step], [opened]), step, due, { text, from: 0 }) ?? [];
  expect(event).toMatchObject({ kind: 'promptSeen', answer: 1, end });
});

test('an answer waits until the other host has said it', () => {
  const waiting = state([step], [opened, seen('node-1', 1, 'mine', 0)]);
  expect(answerFor(waiting, step, due, promptsOf(waiting, step, due)[0] ?? fail())).toMatchObject({ kind: 'notYet' });
  const said = state([step], [opened, seen('node-1', 1, 'mine', 0), seen('node-2', 1, 'theirs', 0)]);
  expect(answerFor(said, step, due, promptsOf(said, step, due)[0] ?? fail())).toEqual({ kind: 'answer', text: 'theirs' });
});

test('prompts that were left without an answer are not counted', () => {
  const events: RunEvent[] = [
    opened,
    seen('node-1', 1, ''),
    seen('node-1', 2, '', 1),
    { kind: 'promptAnswered', step: 'A', ...due, number: 2, answer: 'y' },
  ];
  const answered = state([step], events);
  expect(numberToGive(answered, step, due, promptsOf(answered, step, due)[1] ?? fail())).toBe(1);
});

test.each([
  ['half a line is a question', 'done\nOverwrite? ', 'Overwrite? '],
  ['a whole line is none', 'done\n', undefined],
  ['blanks are none', 'done\n   ', undefined],
  ['nothing is none', '', undefined],
])('%s', (_title, text, prompt) => {
  const events = unforeseen(state([step], [opened]), step, due, { text, from: 0 });
  expect(events?.[0]).toEqual(prompt === undefined ? undefined : expect.objectContaining({ prompt }));
});

const withheldOnce: RunEvent[] = [
  opened,
  { ...seen('node-1', 1, ''), bytes: 10 },
  { kind: 'promptAnswered', step: 'A', ...due, number: 1, answer: 'y' },
  { kind: 'answerWithheld', step: 'A', ...due, number: 1, why: 'wentOn' },
];

test.each<[string, RunEvent[], string, number, number]>([
  ['after something blank the withheld prompt is asked once more', withheldOnce, '\n ', 12, 2],
  ['after words it is not asked once more', withheldOnce, 'default taken\n', 24, 0],
  ['before anything newer was heard it is not asked once more', withheldOnce, '', 10, 0],
  ['a prompt whose answer was given is not asked once more', withheldOnce.slice(0, 3), '\n', 11, 0],
])('%s', (_title, events, text, bytes, count) => {
  const again = promptAgain(state([step], events), step, due, { text, from: 10, bytes });
  expect(again).toHaveLength(count);
  if (count > 0)
    expect(again).toMatchObject([
      { kind: 'promptSeen', number: 2, end: 12, bytes: 12 },
      { kind: 'questionAsked', number: 2 },
    ]);
});

test('a withheld answer keeps its number on the host', () => {
  const events: RunEvent[] = [
    ...withheldOnce,
    seen('node-1', 2, ''),
    { kind: 'promptAnswered', step: 'A', ...due, number: 2, answer: 'n' },
  ];
  const both = state([step], events);
  expect(numberToGive(both, step, due, promptsOf(both, step, due)[1] ?? fail())).toBe(2);
});

test('whoever answers for an unsafe step is a second person', () => {
  const unsafe = { ...step, safety: { kind: 'unsafe', why: 'it stops {{ cluster.name }}' } as const };
  const events = unforeseen(state([unsafe], [opened]), unsafe, due, { text: 'Sure? ', from: 0 });
  expect(events?.[1]).toMatchObject({ kind: 'questionAsked', second: 'it stops sample-prod', host: 'node-1' });
});

function fail(): never {
  throw new Error('no prompt');
}
