import type { CommandStep, PersonStep } from '../../src/procedure/model.ts';
import type { RunEvent, Trouble } from '../../src/run/events.ts';
import type { Decision } from '../../src/run/decision.ts';
import { next } from '../../src/run/next.ts';
import { command, dana, requested, sam, state } from './samples.ts';

const unsafe: CommandStep['safety'] = { kind: 'unsafe', why: 'it stops things' };
const safeStep = command('A');
const unsafeStep = command('A', { safety: unsafe });
const eachNode = command('A', { on: { kind: 'each', role: 'node' } });
const anyNode = command('A', { on: { kind: 'any', role: 'node' } });
const allNodes = command('A', { on: { kind: 'all', role: 'node' } });
const lookedFor = command('A', {
  on: { kind: 'each', role: 'node' },
  safety: unsafe,
  unless: { run: 'look', read: 'text', expect: 'status == 0', saying: 'It is done' },
});
const notNeeded = (host: string): RunEvent => ({ kind: 'hostSkipped', step: 'A', host, attempt: 1, why: 'It is done' });
const finished = (host: string): RunEvent => ({
  kind: 'attemptEnded',
  step: 'A',
  host,
  attempt: 1,
  outcome: { kind: 'finished', status: 0 },
});
const opened = (hosts: string[], step = 'A'): RunEvent => ({ kind: 'stepOpened', step, hosts });
const intended = (host: string, attempt = 1): RunEvent => ({ kind: 'attemptIntended', step: 'A', host, attempt, digest: 'd1' });
const passed = (host: string, attempt = 1): RunEvent => ({ kind: 'hostPassed', step: 'A', host, attempt, seen: 'ok' });
const over = (host: string): RunEvent => ({ kind: 'hostPassedOver', step: 'A', host, attempt: 1, why: 'silent' });
const given: RunEvent = { kind: 'approvalGiven', request: 'q1', by: sam };
const rejectedLater: RunEvent[] = [requested('A', 'main-1', 1, 'q2'), { kind: 'approvalRejected', request: 'q2', by: sam, reason: 'no' }];
const pausedByDana: RunEvent = { kind: 'paused', by: dana, reason: '' };
const cancelByDana: RunEvent = { kind: 'cancelRequested', by: dana, reason: 'wrong cluster' };
const raised = (host: string, what: Trouble = { kind: 'failed', why: 'status 1' }): RunEvent => ({
  kind: 'troubleRaised',
  trouble: 't1',
  step: 'A',
  host,
  attempt: 1,
  what,
  choices: ['retry', 'skip', 'abort'],
});
const settled = (choice: 'retry' | 'skip' | 'lookAgain'): RunEvent => ({
  kind: 'troubleSettled',
  trouble: 't1',
  choice,
  by: sam,
  reason: 'because',
});

/** A plan is noted before the first step that does something; most cases here begin behind that. */
const planned: RunEvent = { kind: 'planResolved', digest: 'd'.repeat(64) };

/** The decision in a few words, so that a case is one line. */
function short(decision: Decision): string {
  switch (decision.kind) {
    case 'record':
      return `record ${decision.events.map((event) => event.kind).join('+')}`;
    case 'ask':
      return `ask ${decision.starts.map((start) => `${start.host}#${start.attempt}`).join(' ')}`;
    case 'start':
      return `start ${decision.start.host}#${decision.start.attempt}${decision.approval === undefined ? '' : ` by ${decision.approval.request}`}`;
    case 'precheck':
      return `precheck ${decision.starts.map((start) => `${start.host}#${start.attempt}`).join(' ')}`;
    case 'together':
      return decision.decisions.map(short).join(' & ');
    case 'follow':
    case 'watch':
    case 'endAttempt':
    case 'judge':
      return `${decision.kind} ${decision.start.host}#${decision.start.attempt}`;
    case 'wait':
      return decision.until === undefined ? 'wait for people' : `wait until ${decision.until}`;
    case 'over':
      return 'over';
  }
}

test.each<[string, CommandStep, RunEvent[], string]>([
  ['a fresh run opens its first step', safeStep, [], 'record stepOpened'],
  ['a safe step starts by itself', safeStep, [opened(['main-1'])], 'start main-1#1'],
  ['an intended attempt is followed, never started', safeStep, [opened(['main-1']), intended('main-1')], 'follow main-1#1'],
  ['a passed last step ends the run', safeStep, [opened(['main-1']), intended('main-1'), passed('main-1')], 'record runEnded'],
  ['an unsafe step asks first', unsafeStep, [opened(['main-1'])], 'ask main-1#1'],
  ['an open request is waited for', unsafeStep, [opened(['main-1']), requested('A', 'main-1')], 'wait until 668000'],
  ['a given approval permits its start', unsafeStep, [opened(['main-1']), requested('A', 'main-1'), given], 'start main-1#1 by q1'],
  ['an approval of another attempt permits nothing', unsafeStep, [opened(['main-1']), requested('A', 'main-1', 2), given], 'ask main-1#1'],
  [
    'a later no outweighs an earlier yes',
    unsafeStep,
    [opened(['main-1']), requested('A', 'main-1'), given, ...rejectedLater],
    'ask main-1#1',
  ],
  ['an approval of another host permits nothing', unsafeStep, [opened(['main-1']), requested('A', 'node-1'), given], 'ask main-1#1'],
  [
    'a retry of an unsafe step asks again',
    unsafeStep,
    [opened(['main-1']), requested('A', 'main-1'), given, intended('main-1'), raised('main-1'), settled('retry')],
    'ask main-1#2',
  ],
  ['hosts go one at a time', eachNode, [opened(['node-1', 'node-2']), intended('node-1')], 'follow node-1#1'],
  [
    'the next host follows the passed one',
    eachNode,
    [opened(['node-1', 'node-2']), intended('node-1'), passed('node-1')],
    'start node-2#1',
  ],
  ['a silent host is passed over for the next', anyNode, [opened(['node-1', 'node-2']), over('node-1')], 'start node-2#1'],
  ['one answering host is enough', anyNode, [opened(['node-1', 'node-2']), over('node-1'), passed('node-2')], 'record runEnded'],
  ['nobody answering is trouble', anyNode, [opened(['node-1', 'node-2']), over('node-1'), over('node-2')], 'record troubleRaised'],
  ['trouble waits for people', safeStep, [opened(['main-1']), intended('main-1'), raised('main-1')], 'wait for people'],
  [
    'a skip goes on with the next host',
    eachNode,
    [opened(['node-1', 'node-2']), intended('node-1'), raised('node-1'), settled('skip')],
    'start node-2#1',
  ],
  ['a paused run starts nothing', safeStep, [opened(['main-1']), pausedByDana], 'wait for people'],
  ['a paused run still follows what runs', safeStep, [opened(['main-1']), intended('main-1'), pausedByDana], 'follow main-1#1'],
  ['a resumed run goes on', safeStep, [opened(['main-1']), pausedByDana, { kind: 'resumed', by: dana }], 'start main-1#1'],
  ['a cancel ends what runs first', safeStep, [opened(['main-1']), intended('main-1'), cancelByDana], 'endAttempt main-1#1'],
  [
    'a cancel voids the open request',
    unsafeStep,
    [opened(['main-1']), requested('A', 'main-1'), cancelByDana],
    'record approvalVoided+runEnded',
  ],
  [
    'a cancel ends what may still run',
    safeStep,
    [opened(['main-1']), intended('main-1'), raised('main-1', { kind: 'unknown', why: 'its store is gone' }), cancelByDana],
    'endAttempt main-1#1',
  ],
  ['a cancel beats open trouble', safeStep, [opened(['main-1']), raised('main-1'), cancelByDana], 'record runEnded'],
  ['hosts of `all` are started at the same time', allNodes, [opened(['node-1', 'node-2'])], 'start node-1#1 & start node-2#1'],
  [
    'each host of `all` goes its own way',
    allNodes,
    [opened(['node-1', 'node-2']), intended('node-1'), intended('node-2'), passed('node-1')],
    'follow node-2#1',
  ],
  ['one approval is asked for all hosts at once', { ...allNodes, safety: unsafe }, [opened(['node-1', 'node-2'])], 'ask node-1#1 node-2#1'],
  [
    'while one host is in trouble the other is followed',
    allNodes,
    [opened(['node-1', 'node-2']), intended('node-1'), intended('node-2'), raised('node-1')],
    'follow node-2#1',
  ],
  [
    'an end whose meaning was not written is judged',
    allNodes,
    [opened(['node-1', 'node-2']), intended('node-1'), passed('node-2'), finished('node-1')],
    'judge node-1#1',
  ],
  ['a pause starts none of several hosts', allNodes, [opened(['node-1', 'node-2']), pausedByDana], 'wait for people'],
  ['whether a step is needed is seen before anybody is asked', lookedFor, [opened(['node-1', 'node-2'])], 'precheck node-1#1 node-2#1'],
  [
    'what was looked at is asked for, what is not needed is not',
    lookedFor,
    [opened(['node-1', 'node-2']), notNeeded('node-1'), { kind: 'hostsLookedAt', step: 'A', hosts: ['node-2'] }],
    'ask node-2#1',
  ],
  [
    'a step that is needed nowhere is over',
    lookedFor,
    [opened(['node-1', 'node-2']), notNeeded('node-1'), notNeeded('node-2')],
    'record runEnded',
  ],
  [
    'after a failed start the need is looked at anew',
    { ...lookedFor, safety: { kind: 'safe' } },
    [opened(['node-1']), { kind: 'hostsLookedAt', step: 'A', hosts: ['node-1'] }, intended('node-1'), raised('node-1'), settled('retry')],
    'precheck node-1#2',
  ],
  ['an ended run is over', safeStep, [{ kind: 'runEnded', outcome: 'succeeded', why: 'done' }], 'over'],
  ['a role that nobody holds is trouble', command('A', { on: { kind: 'one', role: 'ghost' } }), [], 'record troubleRaised'],
  ['each of no hosts is skipped and said', command('A', { on: { kind: 'each', role: 'ghost' } }), [], 'record stepSkipped'],
])('%s', (_title, step, events, expected) => {
  expect(short(next(state([step], [planned, ...events]), 50_000))).toBe(expected);
});

test('an unanswered request expires and offers again', () => {
  const decision = next(state([unsafeStep], [opened(['main-1']), requested('A', 'main-1')]), 1_000_000);
  expect(short(decision)).toBe('record approvalExpired+troubleRaised');
  expect(decision.kind === 'record' && decision.events[1]).toMatchObject({ what: { kind: 'expired' }, choices: ['askAgain', 'abort'] });
});

test.each([
  ['a given approval holds for a while', 604_000, 'start main-1#1 by q1'],
  ['an approval left lying is voided', 604_001, 'record approvalVoided'],
])('%s', (_title, now, expected) => {
  expect(short(next(state([unsafeStep], [opened(['main-1']), requested('A', 'main-1'), given]), now))).toBe(expected);
});

test('an approval stays fresh while its hosts go on', () => {
  const events = [opened(['node-1', 'node-2']), requested('A', 'node-2'), given, intended('node-1'), passed('node-1')];
  expect(short(next(state([{ ...unsafeStep, on: { kind: 'each', role: 'node' } }], events), 605_500))).toBe('start node-2#1 by q1');
});

test('a step opened anew never reuses an attempt number', () => {
  const changed: RunEvent = {
    kind: 'troubleRaised',
    trouble: 't2',
    step: 'A',
    host: 'main-1',
    attempt: 2,
    what: { kind: 'rolesChanged', why: 'moved', roles: { main: 'main-1' } },
    choices: ['askAgain'],
  };
  const events = [opened(['main-1']), intended('main-1'), raised('main-1'), settled('retry'), changed];
  const again: RunEvent = { kind: 'troubleSettled', trouble: 't2', choice: 'askAgain', by: sam, reason: '' };
  expect(short(next(state([safeStep], [...events, again, opened(['main-1'])]), 50_000))).toBe('start main-1#2');
});

test('a step that binds roles cannot be skipped', () => {
  const binding = command('A', { on: { kind: 'any', role: 'node' }, bind: { leader: 'stdout' } });
  const decision = next(state([binding], [opened(['node-1']), over('node-1')]), 50_000);
  expect(decision.kind === 'record' && decision.events[0]).toMatchObject({ kind: 'troubleRaised', choices: ['retry', 'abort'] });
});

const byHand: PersonStep = {
  kind: 'person',
  id: 'M',
  title: 'By hand',
  about: 'manual',
  text: 'Turn {{ cluster.name }}',
  exchanges: 'main',
};
const askedByHand: RunEvent = { kind: 'questionAsked', question: 'q2', step: 'M', about: 'manual', text: 'Turn it' };
const done: RunEvent = { kind: 'questionAnswered', question: 'q2', by: dana, answer: 'done' };

test.each<[string, RunEvent[], string]>([
  ['what is done by hand is asked for', [], 'record questionAsked'],
  ['a question waits for people and holds no job', [askedByHand], 'wait for people'],
  ['done by hand, the run goes on', [askedByHand, done], 'record planResolved+runEnded'],
  ['a paused run asks nobody', [pausedByDana], 'wait for people'],
])('%s', (_title, events, expected) => {
  expect(short(next(state([byHand], events), 50_000))).toBe(expected);
});

test('the plan is noted before the first step that does something', () => {
  const looks = command('L', { readOnly: true });
  expect(short(next(state([looks, safeStep], []), 50_000))).toBe('record stepOpened');
  const found: RunEvent[] = [opened(['main-1'], 'L'), { kind: 'hostPassed', step: 'L', host: 'main-1', attempt: 1, seen: 'ok' }];
  expect(short(next(state([looks, safeStep], found), 50_000))).toBe('record planResolved');
});
