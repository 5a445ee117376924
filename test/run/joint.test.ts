/** Steps of a phase that are asked for as one: which of them, and what makes the rest of the request void. */
import { parseProcedure } from '../../src/procedure/parse.ts';
import type { CommandStep, Step } from '../../src/procedure/model.ts';
import type { Decision } from '../../src/run/decision.ts';
import type { EventOf, Item, RunEvent, Trouble } from '../../src/run/events.ts';
import { next } from '../../src/run/next.ts';
import { subjectOf } from '../../src/run/subject.ts';
import { command, dana, requested, sam, state } from './samples.ts';

const unsafe: CommandStep['safety'] = { kind: 'unsafe', why: 'it stops things' };
const part = (id: string, fields: Partial<CommandStep> = {}): CommandStep => command(id, { safety: unsafe, together: 'down', ...fields });
const each = { kind: 'each', role: 'node' } as const;

const planned: RunEvent = { kind: 'planResolved', digest: 'd'.repeat(64) };
const opened = (step: string, ...hosts: string[]): RunEvent => ({ kind: 'stepOpened', step, hosts });

/** `A main-1#1 | B node-1#1 node-2#1` */
function asked(decision: Decision): string {
  if (decision.kind !== 'ask') return decision.kind === 'record' ? decision.events.map(({ kind }) => kind).join('+') : decision.kind;
  const parts = [{ step: decision.step, starts: decision.starts }, ...decision.further];
  return parts.map(({ step, starts }) => [step.id, ...starts.map(({ host, attempt }) => `${host}#${attempt}`)].join(' ')).join(' | ');
}

const others: CommandStep['approve'] = [[{ people: { users: ['U7'], groups: [] }, count: 1 }]];
const edit = { path: '"/x"', set: {}, replace: [] };
const look = { run: 'x', read: 'text' as const, expect: 'true' };
const last = part('C', { on: each });

test.each<[string, Step[], string]>([
  ['the steps of the phase, in order', [part('A'), part('B', { on: each })], 'A main-1#1 | B node-1#1 node-2#1'],
  ['those that nobody asked to be approved together go alone', [part('A'), command('B', { safety: unsafe })], 'A main-1#1'],
  ['another phase is another request', [part('A'), part('B', { together: 'up' })], 'A main-1#1'],
  ['what is said in between ends it', [part('A'), { kind: 'announce', id: 'n', title: 'n', text: 'n' }, last], 'A main-1#1'],
  ['a safe step in between ends it', [part('A'), part('B', { safety: { kind: 'safe' } }), last], 'A main-1#1'],
  ['a later change of a file ends it, for it is looked up', [part('A'), part('B', { edit }), last], 'A main-1#1'],
  ['a change of a file may be the first', [part('A', { edit }), last], 'A main-1#1 | C node-1#1 node-2#1'],
  ['a later step that may not be needed ends it', [part('A'), part('B', { unless: { ...look, saying: 'done' } }), last], 'A main-1#1'],
  ['a later look beforehand does not', [part('A'), part('B', { requires: [{ ...look, says: 'it is up' }] })], 'A main-1#1 | B main-1#1'],
  ['other approvers end it', [part('A'), part('B', { approve: others }), last], 'A main-1#1'],
  ['a condition that does not hold is passed by', [part('A'), part('B', { when: 'false' }), last], 'A main-1#1 | C node-1#1 node-2#1'],
  ['a condition that holds is no obstacle', [part('A'), part('B', { when: '1 < 2' })], 'A main-1#1 | B main-1#1'],
  ['a condition that cannot be decided yet ends it', [part('A'), part('B', { when: 'captured.x == "1"' }), last], 'A main-1#1'],
  [
    'nobody in the role is passed by',
    [part('A'), part('B', { on: { kind: 'each', role: 'ghost' } }), last],
    'A main-1#1 | C node-1#1 node-2#1',
  ],
  ['a role that nobody has yet ends it', [part('A'), part('B', { on: { kind: 'one', role: 'ghost' } }), last], 'A main-1#1'],
  [
    'a value that a step inside captures ends it',
    [part('A', { capture: { n: { value: 'stdout' } } }), part('B', { env: { N: 'captured.n' } }), last],
    'A main-1#1',
  ],
  ['whichever host answers is asked for alone', [part('A'), part('B', { on: { kind: 'any', role: 'node' } }), last], 'A main-1#1'],
])('%s', (_title, steps, expected) => {
  const start = state(steps, [planned, opened('A', 'main-1')]);
  expect(asked(next(start, 50_000))).toBe(expected);
});

const steps = [part('A'), part('B', { on: each }), part('C')];

function item(step: string, host: string, attempt = 1): Item {
  return { step, host, address: `ops@${host}.example:22`, attempt, script: 'do_it', env: {} };
}

const items = [item('A', 'main-1'), item('B', 'node-1'), item('B', 'node-2'), item('C', 'main-1')];
const request: RunEvent = { ...asking(), subject: { items, roles: {}, expectations: [] } };
function asking(): EventOf<'approvalRequested'> {
  const event = requested('A', 'main-1');
  if (event.kind !== 'approvalRequested') throw new Error('the sample is no request');
  return event;
}

const given: RunEvent = { kind: 'approvalGiven', request: 'q1', by: sam };
const intended = (step: string, host: string, attempt = 1): RunEvent => ({
  kind: 'attemptIntended',
  step,
  host,
  attempt,
  digest: 'd1',
  approval: 'q1',
});
const passed = (step: string, host: string, attempt = 1): RunEvent => ({ kind: 'hostPassed', step, host, attempt, seen: 'ok' });
const raised = (step: string, host: string, what: Trouble): RunEvent => ({
  kind: 'troubleRaised',
  trouble: 't1',
  step,
  host,
  attempt: 1,
  what,
  choices: ['retry', 'skip', 'abort'],
});
const settled = (choice: EventOf<'troubleSettled'>['choice']): RunEvent => ({
  kind: 'troubleSettled',
  trouble: 't1',
  choice,
  by: dana,
  reason: 'because',
});
const begun = [planned, opened('A', 'main-1'), request, given, intended('A', 'main-1')];
const failed: Trouble = { kind: 'failed', why: 'status 1' };
const unknown: Trouble = { kind: 'unknown', why: 'lost' };
const checkFailed: Trouble = { kind: 'checkFailed', why: 'not yet' };

function decided(events: readonly RunEvent[], now = 50_000): string {
  const decision = next(state(steps, events), now);
  if (decision.kind === 'start') return `start ${decision.step.id} ${decision.start.host} by ${decision.approval?.request}`;
  const first = decision.kind === 'record' ? decision.events[0] : undefined;
  return first?.kind === 'approvalVoided' ? `void: ${first.why}` : asked(decision);
}

test.each<[string, RunEvent[], string]>([
  ['the next step starts by the same approval', [...begun, passed('A', 'main-1'), opened('B', 'node-1', 'node-2')], 'start B node-1 by q1'],
  [
    'and so does the one after it',
    [
      ...begun,
      passed('A', 'main-1'),
      opened('B', 'node-1', 'node-2'),
      ...['node-1', 'node-2'].flatMap((host) => [intended('B', host), passed('B', host)]),
      opened('C', 'main-1'),
    ],
    'start C main-1 by q1',
  ],
  [
    'what is looked at again and passes goes on',
    [...begun, raised('A', 'main-1', checkFailed), settled('lookAgain'), passed('A', 'main-1'), opened('B', 'node-1', 'node-2')],
    'start B node-1 by q1',
  ],
  [
    'a skipped step voids the rest',
    [...begun, raised('A', 'main-1', failed), settled('skip'), opened('B', 'node-1', 'node-2')],
    'void: A did not go as it was approved',
  ],
  [
    'one settled as done voids the rest',
    [...begun, raised('A', 'main-1', unknown), settled('settleDone'), opened('B', 'node-1', 'node-2')],
    'void: A did not go as it was approved',
  ],
  [
    'a retried step voids the rest at once',
    [...begun, raised('A', 'main-1', failed), settled('retry')],
    'void: A is due on other hosts, or as another attempt, than was approved',
  ],
  [
    'other hosts than were approved void the rest',
    [...begun, passed('A', 'main-1'), opened('B', 'node-1')],
    'void: B is due on other hosts, or as another attempt, than was approved',
  ],
  [
    'what was skipped by its condition voids the rest',
    [...begun, passed('A', 'main-1'), { kind: 'stepSkipped', step: 'B', why: 'its condition' }, opened('C', 'main-1')],
    'void: B did not go as it was approved',
  ],
  [
    'what is void is asked for again as one',
    [...begun, passed('A', 'main-1'), opened('B', 'node-1'), { kind: 'approvalVoided', request: 'q1', why: 'x' }],
    'B node-1#1 | C main-1#1',
  ],
])('%s', (_title, events, expected) => {
  expect(decided(events)).toBe(expected);
});

test('it stays fresh while its steps go on, and not longer', () => {
  const events = [...begun, passed('A', 'main-1'), opened('B', 'node-1', 'node-2')];
  // Given in second 5, last progress in second 7.
  expect(decided(events, 607_000)).toBe('start B node-1 by q1');
  expect(decided(events, 607_001)).toMatch(/^void: it was not used within 10 min/);
});

test('each sentence of the subject says whose it is', () => {
  const checked = part('A', { expect: [{ that: 'status == 0', otherwise: 'no' }], requires: [{ ...look, says: 'up' }] });
  expect(subjectOf([checked, part('B', { warn: [{ that: 'true', otherwise: 'no' }] })], items, {})).toMatchObject({
    expectations: ['A: status == 0', 'B: true (a warning)'],
    requires: ['A: up: x → true'],
  });
});

test('a phase says it of its unsafe steps, and one without any is a mistake', () => {
  const text = (unsafeWords: string) => `procedure: p
product: q
title: T
steps:
  - phase: down
    approval: together${unsafeWords}
    steps:
      - { announce: hi }
      - { id: A, title: A, on: main, run: stop, timeout: 1m, safe: it is }
      - { id: W, title: W, on: main, until: { run: look, expect: 'true', within: 1m, waiting: it } }
`;
  const bad = parseProcedure(text(''), 'f.yaml');
  expect(bad.kind === 'bad' && bad.findings.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    '6:15 the phase down is to be approved together, and none of its steps is unsafe',
  ]);
  const good = parseProcedure(text('\n    unsafe: It stops').replace(', safe: it is', ''), 'f.yaml');
  expect(good.kind === 'ok' && good.procedure.steps.map((step) => (step.kind === 'command' ? step.together : 'none'))).toEqual([
    'none',
    'down',
    undefined,
  ]);
});
