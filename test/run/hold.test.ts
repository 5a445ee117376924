/** What a freeze window keeps a run from, and until when. The window is on from second 60 to second 7,260 of 1970 (00:01 to 02:01). */
import type { Freeze } from '../../src/inventory/model.ts';
import type { CommandStep, Procedure, Step } from '../../src/procedure/model.ts';
import type { Decision } from '../../src/run/decision.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { evolve, fold } from '../../src/run/evolve.ts';
import { next } from '../../src/run/next.ts';
import type { RunState } from '../../src/run/state.ts';
import { command, journal, requested, sam } from './samples.ts';

const freeze: Freeze = {
  timeZone: 'UTC',
  override: { users: ['U2'], groups: [] },
  windows: [
    { title: 'Trading hours', hours: { from: '00:01', to: '02:01' } },
    { title: 'Evening', hours: { from: '20:00', to: '21:00' } },
  ],
};
const S = 1_000;
const EVENING = 20 * 3_600 * S;

const unsafe: CommandStep['safety'] = { kind: 'unsafe', why: 'it stops things' };
const look = command('L', { readOnly: true });
const act = command('A', { safety: unsafe });
const tell: Step = { kind: 'announce', id: 'N', title: 'Say so', text: 'It goes down' };
const byHand: Step = { kind: 'person', id: 'M', title: 'By hand', about: 'manual', text: 'Drain it' };
const sure: Step = { kind: 'person', id: 'C', title: 'Sure', about: 'confirm', text: 'Sure?' };
const onlyWaits = command('W', {
  run: undefined,
  until: { run: 'status', read: 'text', expect: 'true', waiting: 'it to be up', everySeconds: 1, withinSeconds: 60 },
});
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['main-1'] };
const planned: RunEvent = { kind: 'planResolved', digest: 'd' };
const given: RunEvent = { kind: 'approvalGiven', request: 'q1', by: sam };
const intended: RunEvent = { kind: 'attemptIntended', step: 'A', host: 'main-1', attempt: 1, digest: 'd1' };
const paused: RunEvent = { kind: 'paused', by: sam, reason: '' };
const heldUntil = (expiresAt: number): RunEvent => ({ kind: 'runHeld', hold: 'h4', window: 'Trading hours', expiresAt });
const overridden: RunEvent = {
  kind: 'holdOverridden',
  hold: 'h4',
  by: sam,
  reason: 'now or never',
  stands: { memberOf: [], accounts: ['U2'] },
};

/** The state after these events, all but the first at the second given: `runRequested` is at second 1. */
function state(steps: readonly Step[], events: readonly RunEvent[], second: number, fields: Partial<Procedure> = {}): RunState {
  const [first, ...rest] = journal([...steps], events, fields);
  if (first === undefined || first.event.kind !== 'runRequested') throw new Error('no first event');
  const cluster = { ...first.event.cluster, freeze };
  const begun = fold('run2', [{ ...first, event: { ...first.event, cluster } }]);
  return rest.map((each) => ({ ...each, at: second * S })).reduce(evolve, begun);
}

function short(decision: Decision): string {
  if (decision.kind === 'record') return decision.events.map((event) => event.kind).join('+');
  if (decision.kind === 'wait') return decision.until === undefined ? 'wait for people' : `wait until ${decision.until / S}`;
  return decision.kind;
}

test.each<[string, readonly Step[], readonly RunEvent[], number, string]>([
  ['a step that only looks is entered', [look, act], [], 100, 'stepOpened'],
  ['the plan is noted before a run is held', [act], [], 100, 'planResolved'],
  ['a step that acts holds the run', [act], [planned], 100, 'runHeld'],
  ['an announcement holds the run', [tell, act], [], 100, 'runHeld'],
  ['what is asked of people holds the run', [byHand, act], [], 100, 'runHeld'],
  ['a confirmation holds the run', [sure, act], [], 100, 'runHeld'],
  ['a step that only waits is no act', [onlyWaits], [planned], 100, 'stepOpened'],
  ['before the window nothing holds', [act], [planned], 59, 'stepOpened'],
  ['after the window nothing holds', [act], [planned], 7_260, 'stepOpened'],
  ['a step whose condition fails is skipped, not held', [command('A', { when: 'false' }), act], [planned], 100, 'stepSkipped'],
  ['a held run looks again with the next minute', [act], [planned, heldUntil(900 * S)], 119, 'wait until 120'],
  ['a held run waits no longer than it may', [act], [planned, heldUntil(110 * S)], 100, 'wait until 110'],
  ['a held run goes on when the window is over', [act], [planned, heldUntil(9_000 * S)], 7_260, 'holdEnded'],
  ['a run that nobody overrides in time ends', [act], [planned, heldUntil(900 * S)], 900, 'holdEnded+runEnded'],
  ['a pause does not keep a held run from its end', [act], [planned, heldUntil(900 * S), paused], 900, 'holdEnded+runEnded'],
  ['a paused run is not held before it is resumed', [act], [planned, paused], 100, 'wait for people'],
  ['an override lets the run act', [act], [planned, heldUntil(900 * S), overridden], 100, 'stepOpened'],
  ['an override lasts to the end of its windows', [act], [planned, heldUntil(900 * S), overridden], 7_259, 'stepOpened'],
  ['an override says nothing of a later window', [act], [planned, heldUntil(900 * S), overridden], EVENING / S, 'runHeld'],
  ['a first request that waits is voided and held', [act], [planned, opened, requested('A', 'main-1')], 100, 'approvalVoided+runHeld'],
  [
    'a first yes that is not used yet is voided too',
    [act],
    [planned, opened, requested('A', 'main-1'), given],
    100,
    'approvalVoided+runHeld',
  ],
  ['a run that waits looks for windows each minute', [act], [planned, opened, requested('A', 'main-1')], 30, 'wait until 60'],
  ['what runs goes on in a window', [act], [planned, opened, intended], 100, 'follow'],
  [
    'a run that has acted asks on in a window',
    [act, command('B', { safety: unsafe })],
    [planned, opened, intended, passed(), opened2()],
    100,
    'ask',
  ],
  ['a run that has announced goes on in a window', [tell, act], [announced(), planned], 100, 'stepOpened'],
  ['a run whose work people do goes on', [byHand, act], [asked('M', 'manual'), answered(), planned], 100, 'stepOpened'],
  ['a confirmed question alone does not let it go on', [sure, act], [asked('C', 'confirm'), answered(), planned], 100, 'runHeld'],
])('%s', (_title, steps, events, second, expected) => {
  const before = Math.min(second, 80);
  expect(short(next(state(steps, events, before), second * S))).toBe(expected);
});

function passed(): RunEvent {
  return { kind: 'hostPassed', step: 'A', host: 'main-1', attempt: 1, seen: 'ok' };
}
function opened2(): RunEvent {
  return { kind: 'stepOpened', step: 'B', hosts: ['main-1'] };
}
function announced(): RunEvent {
  return { kind: 'announced', step: 'N', text: 'It goes down', channels: [] };
}
function asked(step: string, about: 'manual' | 'confirm'): RunEvent {
  return { kind: 'questionAsked', question: 'q1', step, about, text: 'Well?' };
}
function answered(): RunEvent {
  return { kind: 'questionAnswered', question: 'q1', by: sam, answer: 'done' };
}

test('a procedure that only looks is never held', () => {
  expect(short(next(state([command('L', { readOnly: true })], [], 80, { readOnly: true }), 100 * S))).toBe('stepOpened');
});

test('a run that nobody overrode says which window and that nothing acted', () => {
  const decision = next(state([act], [planned, heldUntil(900 * S)], 80), 900 * S);
  expect(decision).toMatchObject({
    kind: 'record',
    events: [
      { kind: 'holdEnded', hold: 'h4' },
      {
        kind: 'runEnded',
        outcome: 'cancelled',
        why: 'held by the freeze window Trading hours, on until Thu 1970-01-01 02:01 (UTC); nobody overrode it within 10 min. Nothing that acts was started.',
      },
    ],
  });
});

test('a hold names its window and its time limit', () => {
  expect(next(state([act], [planned], 80), 100 * S)).toEqual({
    kind: 'record',
    events: [{ kind: 'runHeld', hold: 'h3', window: 'Trading hours', expiresAt: 700 * S }],
  });
});
