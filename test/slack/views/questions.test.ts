/** What people are asked in the thread, and what stands there afterwards. */
import fc from 'fast-check';
import type { RunEvent } from '../../../src/run/events.ts';
import { cluster, dana, journal, sam } from '../../run/samples.ts';
import { broken, mrkdwn, shown } from './limits.ts';
import { answeredByPerson, asked, buttonsOf, byHand, confirm, events, find, RUN, recorded, steps, unforeseen, upTo, view } from './talk.ts';

test('a run with questions shows every message in order', () => {
  expect(view(recorded).map(({ key, final }) => `${key} ${final}`)).toMatchSnapshot();
});

test.each(view(recorded).map((message) => [message.key, message] as const))('%s reads as recorded', (_key, message) => {
  expect({ text: message.text, blocks: message.blocks }).toMatchSnapshot();
});

test('what was final once never changes again', () => {
  for (let count = 1; count < recorded.length; count += 1) {
    const later = upTo(count + 1);
    for (const message of upTo(count)) if (message.final) expect(find(later, message.key)).toEqual(message);
  }
  expect(view(recorded).every((message) => message.final)).toBe(true);
});

test.each<[string, RunEvent, readonly string[]]>([
  ['to do something by hand', asked, [`Done ${RUN}:q2:done`, `Cannot Be Done ${RUN}:q2:declined`]],
  ['to confirm something', confirm, [`Yes, Confirmed ${RUN}:q4:done`, `No ${RUN}:q4:declined`]],
])('people are asked %s, with two buttons', (_title, event, buttons) => {
  const question = event.kind === 'questionAsked' ? event.question : '';
  const open = find(view(journal(steps, [event])), `question:${question}`);
  expect(open.final).toBe(false);
  expect(buttonsOf(open)).toEqual(buttons);
  expect({ text: open.text, blocks: open.blocks }).toMatchSnapshot();
});

const running = events.slice(0, 8);

function tool(text: string, second?: string) {
  return find(view(journal(steps, [...running, ...unforeseen(text, second)])), 'question:q11-node-1');
}

test('a tool that asks what nobody foresaw is shown with what it printed', () => {
  const open = tool('Found 12 files.\nOverwrite them? [y/N] ', 'It overwrites the standby.');
  expect(buttonsOf(open)).toEqual([
    `y ${RUN}:q11-node-1:y`,
    `n ${RUN}:q11-node-1:n`,
    `Enter ${RUN}:q11-node-1:enter`,
    `Answer… ${RUN}:q11-node-1:text`,
  ]);
  expect(shown(open)).toBe('Found 12 files.\nOverwrite them? [y/N] ');
  expect({ text: open.text, blocks: open.blocks }).toMatchSnapshot();
});

test('a question for a secret has no buttons and says what to do', () => {
  const open = tool('Connecting.\nVault password: ');
  expect(buttonsOf(open)).toEqual([]);
  expect(open.final).toBe(false);
  expect(mrkdwn(open)).toContain('Secrets are never typed into Slack');
  expect(mrkdwn(open)).toContain(`/ha cancel ${RUN}`);
  expect({ text: open.text, blocks: open.blocks }).toMatchSnapshot();
});

test.each([
  [undefined, '<@U1> (Dana), and whoever may start or approve runs here.'],
  ['It overwrites the standby.', 'one of <@U2>, <!subteam^S1>. Never the requester.'],
])('who may answer is said where the second person is for %p', (second, who) => {
  expect(mrkdwn(tool('Overwrite? ', second))).toContain(`Who may answer: ${who}`);
});

test.each<[string, readonly RunEvent[], string, string]>([
  [
    'done',
    [asked, { kind: 'questionAnswered', question: 'q2', by: sam, answer: 'done' }],
    'question:q2',
    'done by hand*\nDone by <@U2> (Sam)',
  ],
  [
    'declined',
    [asked, { kind: 'questionAnswered', question: 'q2', by: sam, answer: 'declined' }],
    'question:q2',
    'cannot be done*\nCannot be done, says <@U2> (Sam)',
  ],
  [
    'not confirmed',
    [confirm, { kind: 'questionAnswered', question: 'q4', by: sam, answer: 'declined' }],
    'question:q4',
    'not confirmed*\nNot confirmed by <@U2> (Sam)',
  ],
  [
    'withdrawn',
    [asked, { kind: 'questionWithdrawn', question: 'q2', why: 'the run was cancelled' }],
    'question:q2',
    'withdrawn*\nWithdrawn',
  ],
  ['outlived', [asked, { kind: 'runEnded', outcome: 'cancelled', why: 'no' }], 'question:q2', 'not answered*\nClosed'],
  [
    'answered',
    [...running, ...unforeseen('Go on? '), ...answeredByPerson],
    'question:q11-node-1',
    'answered*\nAnswered `n` by <@U2> (Sam)',
  ],
])('a question that is %s has no buttons left', (_title, happened, key, fragment) => {
  const closed = find(view(journal(steps, happened)), key);
  expect(closed.final).toBe(true);
  expect(buttonsOf(closed)).toEqual([]);
  const said = closed.blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));
  expect(`${said[0]?.split('\n')[0]}\n${said.at(-1)}`).toContain(fragment);
});

test('an answer never counts twice, whatever comes after it', () => {
  const answered: RunEvent = { kind: 'questionAnswered', question: 'q2', by: dana, answer: 'done' };
  const before = find(view(journal(steps, [asked, answered])), 'question:q2');
  const after = find(view(journal(steps, [asked, answered, { kind: 'questionWithdrawn', question: 'q2', why: 'late' }])), 'question:q2');
  expect(after).toEqual(before);
});

test('a prompt that the procedure answers is one reply, its secret named and not shown', () => {
  const reply = find(view(recorded), 'prompt:S3:node-1:1:1');
  expect(reply.final).toBe(true);
  expect(shown(reply)).toBe('Continue? ');
  expect(reply.text).toContain('asked, and answered `y ‹secret db_password›` as the procedure has it');
  expect(JSON.stringify(reply)).not.toContain('\\u0001');
});

test('a prompt that people answer has its question for a reply', () => {
  const keys = view(recorded).map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith('prompt:'))).toEqual(['prompt:S3:node-1:1:1']);
  expect(keys).toContain('question:q11-node-1');
});

test.each([
  [
    'by hand',
    2,
    'waiting for P1 to be done by hand',
    'Waits for: <@U1> (Dana), or whoever may start or approve runs here, to do P1 by hand',
  ],
  ['confirmed', 4, 'waiting for P2 to be confirmed', 'Waits for: one of <@U2>, <!subteam^S1>, to confirm P2'],
  ['two hosts', 9, 'running S3 on node-1, node-2', ''],
  [
    'a prompt',
    13,
    'waiting for an answer to S3 on node-1; running S3 on node-2',
    'Waits for: <@U1> (Dana), or whoever may start or approve runs here, to answer what S3 asks on node-1',
  ],
])('the card says what it waits for: %s', (_title, count, status, waits) => {
  const card = find(upTo(count), 'card');
  expect(card.text.split('\n')[0]).toBe(`Restart it · sample-prod: ${status}`);
  expect(card.text).toContain(waits);
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    '<!channel>',
    '```',
    '&<>'.repeat(4_000),
    '\u202e'.repeat(3_000),
    'x\n'.repeat(9_000),
    '',
    '`',
    '*_~',
    '\u0001secret:x\u0001',
  ),
);
const ALLOWED = /<(?:[@#][A-Z0-9]+|!subteam\^[A-Z0-9]+|!date\^\d+\^\{date_short\} \{time_secs\}\|[\d: UTC-]+)>/g;

test('no prompt, answer or reason, however hostile, breaks a limit or mentions anybody', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (text, answer, why) => {
      const at = { step: 'S3', host: 'node-1', attempt: 1 };
      const all: readonly RunEvent[] = [
        { kind: 'questionAsked', question: 'q2', step: 'P1', about: 'manual', text, second: why },
        { kind: 'questionWithdrawn', question: 'q2', why },
        ...running.slice(5),
        { kind: 'promptSeen', ...at, number: 1, end: 1, prompt: text, said: { name: answer, [`x${why.slice(0, 5)}`]: text } },
        { kind: 'promptAnswered', ...at, number: 1, answer },
        ...unforeseen(text, why),
        { kind: 'questionAnswered', question: 'q11-node-1', by: { ...sam, name: why }, answer },
        { kind: 'promptAnswered', ...at, number: 2, answer, by: { ...sam, name: why } },
        { kind: 'answerWithheld', ...at, number: 2, why: 'wentOn' },
        { kind: 'hostSkipped', step: 'S3', host: 'node-2', attempt: 1, why },
        { kind: 'valuesCaptured', step: 'S3', host: 'node-1', values: { kept: text, list: [answer, why] } },
        { kind: 'copyStaged', ...at, bytes: 1, sha256: 'a'.repeat(64), from: text },
        { kind: 'hostPassed', ...at, seen: why, warnings: [text, answer, why] },
        { kind: 'runEnded', outcome: 'failed', why },
      ];
      const journalled = journal([byHand('P1', { text, title: why }), ...steps.slice(1)], all);
      for (const count of [2, 8, 10, journalled.length]) {
        for (const message of upTo(count, journalled)) {
          expect(broken(message)).toEqual([]);
          expect(mrkdwn(message).replace(ALLOWED, '')).not.toMatch(/[<>]|```/);
          expect(`${mrkdwn(message)}${shown(message)}`).not.toContain('\u0001');
        }
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

test.each([
  ['wentOn', 'went on by itself'],
  ['over', 'had ended, or was being ended'],
] as const)('an answer withheld as %s is told as not sent, and the question stays as it was', (why, words) => {
  const at = { step: 'S3', host: 'node-1', attempt: 1, number: 2 };
  const events: RunEvent[] = [...running.slice(5), ...unforeseen('Overwrite? '), ...answeredByPerson];
  const before = view(journal(steps, events));
  const after = view(journal(steps, [...events, { kind: 'answerWithheld', ...at, why }]));
  const told = find(after, 'withheld:S3:node-1:1:2');
  expect(told.final).toBe(true);
  expect(told.text).toMatch(/on node-1: the answer was NOT sent[\s\S]*Asked: Overwrite\?[\s\S]*It was answered `n` by /);
  expect(told.text).toContain(words);
  expect(find(after, 'question:q11-node-1')).toEqual(find(before, 'question:q11-node-1'));
});

test('long instructions are shown whole', () => {
  const text = Array.from({ length: 120 }, (_, line) => `${line}. Do this and that, then look.`).join('\n');
  const open = find(view(journal(steps, [{ kind: 'questionAsked', question: 'q2', step: 'P1', about: 'manual', text }])), 'question:q2');
  expect(shown(open)).toBe(text);
  expect(broken(open)).toEqual([]);
  expect(cluster.may.approve.users).toEqual(['U2']);
});
