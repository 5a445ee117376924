/** What goes on: attempts that run for long, files that are brought, hosts that are not needed, several hosts at once. */
import type { RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import type { Live } from '../../../src/slack/ports.ts';
import { type Message, thread } from '../../../src/slack/views/index.ts';
import { command, dana, journal, sam } from '../../run/samples.ts';
import { mrkdwn, shown } from './limits.ts';
import { ended, intended } from './sample.ts';
import { find, RUN, view } from './talk.ts';

const steps = [
  command('S1', { title: 'Replicate', on: { kind: 'all', role: 'node' }, statuses: [0, 3] }),
  command('S2', {
    title: 'Wait',
    until: { run: 'status', read: 'text', expect: 'true', waiting: 'the standby to catch up', everySeconds: 1, withinSeconds: 60 },
  }),
];
const open: RunEvent = { kind: 'stepOpened', step: 'S1', hosts: ['node-1', 'node-2'] };
/** The journal's events are a second apart: this one is at second 3. */
const started: readonly RunEvent[] = [open, intended('S1', 'node-1', 1)];
const BEGAN = 3_000;
const KEY = 'attempt:S1:node-1:1';

function after(ms: number, live?: Partial<Live>, events = started): Message {
  const journalled = journal(steps, events);
  const tail: Live = { run: RUN, step: 'S1', host: 'node-1', attempt: 1, tail: '', bytes: 0, seen: undefined, at: 1, ...live };
  return find(thread(fold(RUN, journalled), journalled, live === undefined ? [] : [tail], BEGAN + ms), KEY);
}

const MINUTE = 60_000;

test.each([
  [0, 'running.'],
  [59_999, 'running.'],
  [MINUTE, 'running for 1 min.'],
  [59 * MINUTE + 59_000, 'running for 59 min.'],
  [125 * MINUTE + 31_000, 'running for 2 h 5 min.'],
  [26 * 60 * MINUTE, 'running for 26 h.'],
])('after %i ms an attempt says “%s”', (ms, status) => {
  expect(after(ms).text).toContain(`S1 Replicate on node-1: ${status}`);
});

test.each([
  [0, MINUTE],
  [59_999, MINUTE],
  [MINUTE, 2 * MINUTE],
  [125 * MINUTE + 31_000, 126 * MINUTE],
])('after %i ms it reads anew at %i', (ms, at) => {
  expect(after(ms).alive).toEqual({ since: BEGAN, changesAt: BEGAN + at, silent: true });
});

test('a clock that went back makes no message that changes at once', () => {
  expect(after(-10 * MINUTE).alive?.changesAt).toBe(BEGAN + MINUTE);
});

test('an end is no longer alive, and says how long it took', () => {
  const over = after(125 * MINUTE, undefined, [
    ...started,
    ended('S1', 'node-1', 1, 'fine'),
    { kind: 'hostPassed', step: 'S1', host: 'node-1', attempt: 1, seen: 'fine' },
  ]);
  expect(over.alive).toBeUndefined();
  expect(over.final).toBe(true);
  expect(over.text).not.toContain('running');
});

test('progress words stand in the message of what is brought', () => {
  const copying = after(2 * MINUTE, { seen: '120 of 500 MB', bytes: 120 });
  expect(copying.text).toContain('Progress: 120 of 500 MB');
  expect(copying.alive?.silent).toBe(false);
});

test('a copy tells what arrived and from where', () => {
  const staged: RunEvent = {
    kind: 'copyStaged',
    step: 'S1',
    host: 'node-1',
    attempt: 1,
    bytes: 524_288_000,
    sha256: 'f'.repeat(64),
    from: 'node-2: /srv/package.rpm',
  };
  const copied = after(MINUTE, undefined, [...started, staged]);
  expect(copied.text).toContain(`Copied from node-2: /srv/package.rpm: 524288000 bytes, sha256 \`${'f'.repeat(64)}\`.`);
});

test('a tool that waits for an answer not known yet says so', () => {
  const asks: RunEvent = {
    kind: 'promptSeen',
    step: 'S1',
    host: 'node-1',
    attempt: 1,
    number: 1,
    end: 9,
    prompt: 'Peer key: ',
    said: {},
    answer: 0,
  };
  const waiting = after(1_000, undefined, [...started, asks]);
  expect(waiting.text).toContain('It asks: Peer key:\nIts answer is not known yet.');
  const told: RunEvent = { kind: 'promptAnswered', step: 'S1', host: 'node-1', attempt: 1, number: 1, answer: 'k' };
  expect(after(1_000, undefined, [...started, asks, told]).text).not.toContain('It asks');
});

test('a check that takes long says for how long, beside its last reading', () => {
  const events: readonly RunEvent[] = [
    { kind: 'stepOpened', step: 'S2', hosts: ['main-1'] },
    { kind: 'watchBegan', step: 'S2', host: 'main-1', attempt: 1 },
  ];
  const journalled = journal(steps, events);
  const live: Live = { run: RUN, step: 'S2', host: 'main-1', attempt: 1, tail: '', bytes: 0, seen: 'lag 12 MB', at: 1 };
  const message = find(thread(fold(RUN, journalled), journalled, [live], BEGAN + 12 * MINUTE), 'attempt:S2:main-1:1');
  expect(message.text).toContain('S2 Wait on main-1: waiting for its check for 12 min.');
  expect(message.text).toContain('Last seen: lag 12 MB');
  expect(message.alive).toEqual({ since: BEGAN, changesAt: BEGAN + 13 * MINUTE, silent: false });
});

const both = [...started, intended('S1', 'node-2', 1)];

function passed(host: string, printed: string): readonly RunEvent[] {
  return [ended('S1', host, 1, printed), { kind: 'hostPassed', step: 'S1', host, attempt: 1, seen: printed }];
}

test('two hosts at once have a reply each, in the order in which they began', () => {
  const journalled = journal(steps, [...both, ...passed('node-2', 'second first'), ...passed('node-1', 'first last')]);
  const keys = view(journalled).map(({ key }) => key);
  expect(keys).toEqual(['card', 'plan', 'attempt:S1:node-1:1', 'attempt:S1:node-2:1', 'file:S1:node-2:1', 'file:S1:node-1:1']);
  const half = view(journalled.slice(0, 6));
  expect(find(half, 'attempt:S1:node-2:1')).toMatchObject({ final: true, alive: undefined });
  expect(find(half, KEY)).toMatchObject({ final: false });
});

function failed(host: string): RunEvent {
  const what = { kind: 'failed', why: 'status 1' } as const;
  return { kind: 'troubleRaised', trouble: `t-${host}`, step: 'S1', host, attempt: 1, what, choices: ['retry', 'abort'] };
}

test.each<[string, readonly RunEvent[], string, string]>([
  ['both run', both, 'running S1 on node-1, node-2', 'step 1 of 2: S1 Replicate'],
  ['one is done', [...both, ...passed('node-2', 'x')], 'running S1 on node-1', 'step 1 of 2: S1 Replicate'],
  ['both are done', [...both, ...passed('node-2', 'x'), ...passed('node-1', 'y')], 'preparing S2', 'step 2 of 2: S2 Wait'],
  [
    'one fails and one runs',
    [...both, failed('node-2')],
    'stopped: failed at S1; running S1 on node-1',
    'Waits for: <@U1> (Dana), or whoever may start or approve runs here, to choose what to do.',
  ],
  [
    'both fail',
    [...both, failed('node-2'), failed('node-1')],
    'stopped: failed at S1 on node-2, failed at S1 on node-1',
    '*Trouble (node-1):* status 1',
  ],
  [
    'one is paused over',
    [...both, { kind: 'paused', by: dana, reason: '' }],
    'paused by <@U1> (Dana), running S1 on node-1, node-2 to its end',
    'step 1 of 2',
  ],
])('the card of two hosts at once: %s', (_title, events, status, progress) => {
  const card = find(view(journal(steps, events)), 'card');
  expect(card.text.split('\n')[0]).toBe(`Restart it · sample-prod: ${status}`);
  expect(card.text).toContain(progress);
});

test('each host keeps its own tail', () => {
  const journalled = journal(steps, both);
  const live = (host: string, tail: string): Live => ({ run: RUN, step: 'S1', host, attempt: 1, tail, bytes: 3, seen: undefined, at: 1 });
  const messages = thread(fold(RUN, journalled), journalled, [live('node-1', 'one'), live('node-2', 'two')], 10_000);
  expect([shown(find(messages, KEY)), shown(find(messages, 'attempt:S1:node-2:1'))]).toEqual(['one', 'two']);
});

test.each<[string, RunEvent, string, string]>([
  [
    'a host that is not needed',
    { kind: 'hostSkipped', step: 'S1', host: 'node-2', attempt: 1, why: 'it replicates already' },
    'not-needed:S1:node-2:1',
    'S1 Replicate: not needed on node-2: it replicates already',
  ],
  [
    'another machine',
    { kind: 'hostExchanged', step: 'S1', host: 'node-2' },
    'exchanged:3',
    'S1 Replicate: another machine stands behind node-2 from here on',
  ],
  [
    'what is kept',
    { kind: 'valuesCaptured', step: 'S1', host: 'node-2', values: { lag: 12, note: '<!here>', members: ['a', 'b'] } },
    'values:3',
    'Kept from S1 Replicate on node-2: lag = 12; note = &lt;!here&gt;; members = ["a","b"].',
  ],
])('%s is told in one reply', (_title, event, key, sentence) => {
  const reply = find(view(journal(steps, [open, event])), key);
  expect(reply.final).toBe(true);
  expect(reply.text).toContain(sentence);
});

test('the end counts every deviation and lists it', () => {
  const events: readonly RunEvent[] = [
    { kind: 'questionAsked', question: 'q2', step: 'S2', about: 'confirm', text: 'Drained?' },
    { kind: 'questionAnswered', question: 'q2', by: sam, answer: 'declined' },
    {
      kind: 'troubleRaised',
      trouble: 'q2-declined',
      step: 'S2',
      what: { kind: 'declined', why: 'Sam says no' },
      choices: ['skip', 'abort'],
    },
    { kind: 'troubleSettled', trouble: 'q2-declined', choice: 'skip', by: sam, reason: 'known' },
    { kind: 'questionAsked', question: 'q6', step: 'S2', about: 'confirm', text: 'Drained now?' },
    { kind: 'questionWithdrawn', question: 'q6', why: 'no longer needed' },
    open,
    { kind: 'hostSkipped', step: 'S1', host: 'node-2', attempt: 1, why: 'done already' },
    intended('S1', 'node-1', 1),
    ended('S1', 'node-1', 1, 'x'),
    { kind: 'hostPassed', step: 'S1', host: 'node-1', attempt: 1, seen: 'x', warnings: ['slow'] },
    { kind: 'stepSkipped', step: 'S2', why: 'its condition does not hold' },
    { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' },
  ];
  const end = find(view(journal(steps, events)), 'end');
  expect(end.text).toContain(
    [
      'Deviations: 1 warning, 3 skips, 1 question declined, 1 question withdrawn.',
      '• S2: declined by <@U2> (Sam)',
      '• S2: skipped by <@U2> (Sam): known',
      '• S2: question withdrawn: no longer needed',
      '• S1 on node-2: not needed: done already',
      '• S1 on node-1: warning: slow',
      '• S2 Wait: skipped: its condition does not hold',
    ].join('\n'),
  );
  expect(mrkdwn(end)).toContain('Deviations: 1 warning');
});
