/** What a run that ends, and a request that is made anew, leave behind: nothing that is open. */
import type { RunEvent, Subject } from '../../src/run/events.ts';
import { closing, superseded } from '../../src/run/closing.ts';
import { command, dana, requested, sam, state } from './samples.ts';

const step = command('A', { on: { kind: 'all', role: 'node' }, safety: { kind: 'unsafe', why: 'it stops things' } });
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['node-1', 'node-2'] };
const given: RunEvent = { kind: 'approvalGiven', request: 'q1', by: sam };
const subjectFor = (...starts: readonly (readonly [host: string, attempt: number])[]): Subject => ({
  items: starts.map(([host, attempt]) => ({ step: 'A', host, address: `ops@${host}.example:22`, attempt, script: 'do_it', env: {} })),
  roles: {},
  expectations: [],
});
const voids = (events: readonly RunEvent[]): readonly string[] =>
  events.map((event) => (event.kind === 'approvalVoided' ? event.request : event.kind));

test.each<[string, readonly RunEvent[], Subject, readonly string[]]>([
  ['the same start is asked for together with others', [requested('A', 'node-1')], subjectFor(['node-1', 1], ['node-2', 1]), ['q1']],
  ['another attempt there leaves it open', [requested('A', 'node-1')], subjectFor(['node-1', 2]), []],
  ['another host leaves it open', [requested('A', 'node-1')], subjectFor(['node-2', 1]), []],
  ['what was given already stays given', [requested('A', 'node-1'), given], subjectFor(['node-1', 1]), []],
  [
    'each of two that are open goes',
    [requested('A', 'node-1'), requested('A', 'node-2', 1, 'q2')],
    subjectFor(['node-1', 1], ['node-2', 1]),
    ['q1', 'q2'],
  ],
])('a new request: %s', (_title, events, subject, expected) => {
  expect(voids(superseded(state([step], [opened, ...events]), subject))).toEqual(expected);
});

test('an end closes the request, the question and the hold', () => {
  const open: readonly RunEvent[] = [
    opened,
    requested('A', 'node-1'),
    { kind: 'questionAsked', question: 'k1', step: 'A', about: 'prompt', host: 'node-1', attempt: 1, number: 1, text: 'sure?' },
    { kind: 'runHeld', hold: 'h1', window: 'quarter end', expiresAt: 900_000 },
  ];
  expect(closing(state([step], open), 'it was cancelled')).toEqual([
    { kind: 'approvalVoided', request: 'q1', why: 'it was cancelled' },
    { kind: 'questionWithdrawn', question: 'k1', why: 'it was cancelled' },
    { kind: 'holdEnded', hold: 'h1', why: 'it was cancelled' },
  ]);
});

test('an end closes nothing that was decided', () => {
  const decided: readonly RunEvent[] = [
    opened,
    requested('A', 'node-1'),
    given,
    { kind: 'questionAsked', question: 'k1', step: 'A', about: 'confirm', text: 'sure?' },
    { kind: 'questionAnswered', question: 'k1', by: dana, answer: 'done' },
    { kind: 'runHeld', hold: 'h1', window: 'quarter end', expiresAt: 900_000 },
    { kind: 'holdOverridden', hold: 'h1', by: sam, reason: 'it burns', stands: { memberOf: [], accounts: [sam.user] } },
  ];
  expect(closing(state([step], decided), 'it was cancelled')).toEqual([]);
});
