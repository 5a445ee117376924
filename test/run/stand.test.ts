/** Several people for one decision: approvals, settlements and answers under the same rule, and nobody counts twice. */
import type { Cluster } from '../../src/inventory/model.ts';
import { ruleOf } from '../../src/procedure/policy-source.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Person, RunEvent } from '../../src/run/events.ts';
import { evolve } from '../../src/run/evolve.ts';
import { decide, type Intent } from '../../src/run/intents.ts';
import type { RunState } from '../../src/run/state.ts';
import { alex, cluster, command, dana, member, requested, sam, state } from './samples.ts';

const kim: Person = { team: 'T1', user: 'U5', name: 'Kim' };
const unsafeStep = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['main-1'] };
const intended: RunEvent = { kind: 'attemptIntended', step: 'A', host: 'main-1', attempt: 1, digest: 'd1', approval: 'q0' };
const lost: RunEvent = {
  kind: 'troubleRaised',
  trouble: 't1',
  step: 'A',
  host: 'main-1',
  attempt: 1,
  what: { kind: 'unknown', why: 'gone' },
  choices: ['lookAgain', 'settleDone', 'settleFailed', 'abort'],
};
const broken: RunEvent = { ...lost, kind: 'troubleRaised', what: { kind: 'failed', why: 'exit status 1' }, choices: ['retry', 'abort'] };
const confirm: RunEvent = { kind: 'questionAsked', question: 'q7', step: 'A', about: 'confirm', text: 'Backup?', second: 'it matters' };
const twoOf = (...ids: readonly string[]): Cluster['may'] => ({
  ...cluster.may,
  approve: { users: ids.filter((id) => id.startsWith('U')), groups: ids.filter((id) => id.startsWith('S')) },
  rule: ruleOf({ count: 2, of: [...ids] }),
});
const approve: Intent = { kind: 'approve', request: 'q1', digest: 'd1' };
const settleDone: Intent = { kind: 'settle', trouble: 't1', choice: 'settleDone', reason: 'seen' };
const settleFailed: Intent = { kind: 'settle', trouble: 't1', choice: 'settleFailed', reason: 'seen' };
const confirmed: Intent = { kind: 'answer', question: 'q7', answer: 'done', note: '' };

const two = (events: readonly RunEvent[], more: Partial<Cluster> = {}): RunState => ({
  ...state([unsafeStep], events),
  cluster: { ...cluster, may: twoOf('U2', 'U3', 'S1'), ...more },
});
const accounts = (person: Person, ...ids: readonly string[]): Standing => ({
  ...member(person),
  identity: { name: 'x', accounts: [person.user, ...ids] },
});

/** What each said in turn comes to, as kinds of events. */
function said(from: RunState, ...wishes: readonly (readonly [Standing, Intent])[]): readonly string[] {
  let now = from;
  return wishes.map(([standing, intent]) => {
    const decided = decide(now, intent, standing, 1_000);
    if (decided.kind === 'moot') return 'moot';
    for (const event of decided.events)
      now = evolve(now, { seq: now.seq + 1, at: 1_000, actor: { kind: 'person', person: standing.person }, event });
    return decided.events.map(({ kind }) => kind).join('+');
  });
}

const asked = [opened, requested('A', 'main-1')];
const inDoubt = [opened, intended, lost];

test.each<[string, RunState, readonly (readonly [Standing, Intent])[], readonly string[]]>([
  [
    'two different people approve',
    two(asked),
    [
      [member(sam), approve],
      [member(alex), approve],
    ],
    ['approvalBacked', 'approvalGiven'],
  ],
  [
    'one person twice is one',
    two(asked),
    [
      [member(sam), approve],
      [member(sam), approve],
    ],
    ['approvalBacked', 'moot'],
  ],
  [
    'two accounts of one person are one',
    two(asked),
    [
      [member(sam), approve],
      [accounts(alex, 'U2'), approve],
    ],
    ['approvalBacked', 'moot'],
  ],
  [
    'the first account that names the second is enough',
    two(asked),
    [
      [accounts(sam, 'U3'), approve],
      [member(alex), approve],
    ],
    ['approvalBacked', 'moot'],
  ],
  ['a second account of the requester is the requester', two(asked), [[accounts(sam, 'U1'), approve]], ['refused']],
  [
    'a member of the group counts by the group',
    two(asked),
    [
      [member(kim, ['S1']), approve],
      [member(sam), approve],
    ],
    ['approvalBacked', 'approvalGiven'],
  ],
  [
    'one rejection ends it',
    two(asked),
    [
      [member(sam), approve],
      [member(alex), { kind: 'reject', request: 'q1', reason: 'no' }],
      [member(kim, ['S1']), approve],
    ],
    ['approvalBacked', 'approvalRejected+troubleRaised', 'moot'],
  ],
  ['whoever is not listed is refused', two(asked), [[member(kim), approve]], ['refused']],
  [
    'what is unknown is settled by two',
    two(inDoubt),
    [
      [member(sam), settleDone],
      [member(alex), settleDone],
    ],
    ['choiceBacked', 'troubleSettled'],
  ],
  [
    'two who differ settle nothing',
    two(inDoubt),
    [
      [member(sam), settleDone],
      [member(alex), settleFailed],
    ],
    ['choiceBacked', 'choiceBacked'],
  ],
  [
    'of three the two who agree settle it',
    two(inDoubt),
    [
      [member(sam), settleDone],
      [member(alex), settleFailed],
      [member(kim, ['S1']), settleFailed],
    ],
    ['choiceBacked', 'choiceBacked', 'troubleSettled'],
  ],
  [
    'a question that needs a second person is answered by two',
    two([confirm]),
    [
      [member(sam), confirmed],
      [member(alex), confirmed],
    ],
    ['choiceBacked', 'questionAnswered'],
  ],
  [
    'abort needs nobody else',
    two([opened, intended, broken]),
    [[member(dana), { kind: 'settle', trouble: 't1', choice: 'abort', reason: '' }]],
    ['troubleSettled+runEnded'],
  ],
  [
    'an abort closes what is open',
    two([...asked, broken]),
    [[member(dana), { kind: 'settle', trouble: 't1', choice: 'abort', reason: '' }]],
    ['troubleSettled+approvalVoided+runEnded'],
  ],
  [
    'an abort ends what nobody knows the end of first',
    two(inDoubt),
    [[member(dana), { kind: 'settle', trouble: 't1', choice: 'abort', reason: '' }]],
    ['troubleSettled+cancelRequested'],
  ],
  ['without a code nothing is approved', two(asked, { secondFactor: 'totp' }), [[member(sam), approve]], ['refused']],
  [
    'a code for another digest approves nothing',
    two(asked, { secondFactor: 'totp' }),
    [[{ ...member(sam), proof: { about: 'd0' } }, approve]],
    ['refused'],
  ],
  [
    'a code for this digest counts',
    two(asked, { secondFactor: 'totp' }),
    [[{ ...member(sam), proof: { about: 'd1' } }, approve]],
    ['approvalBacked'],
  ],
  [
    'settling wants a code too',
    two(inDoubt, { secondFactor: 'totp' }),
    [
      [member(sam), settleDone],
      [{ ...member(sam), proof: { about: 't1' } }, settleDone],
    ],
    ['refused', 'choiceBacked'],
  ],
])('%s', (_title, from, wishes, expected) => {
  expect(said(from, ...wishes)).toEqual(expected);
});

test('whoever answered a tool of a safe step approves nothing later', () => {
  const prompt: RunEvent = {
    kind: 'questionAsked',
    question: 'q8',
    step: 'A',
    about: 'prompt',
    host: 'main-1',
    attempt: 1,
    number: 1,
    text: 'Host?',
  };
  const answered: RunEvent = { kind: 'questionAnswered', question: 'q8', by: sam, answer: 'x' };
  const decided = decide(two([prompt, answered, ...asked]), approve, member(sam), 1_000);
  expect(decided).toMatchObject({ kind: 'refused', told: expect.stringContaining('You answered a tool of this run') });
});

test('stricter rights of a procedure hold beside those of the cluster', () => {
  const only = (users: string[]) => ({ users, groups: [] });
  const narrow = two(asked, { procedures: { restart: { settle: only(['U3']), cancel: only(['U3']) } } });
  const pause: Intent = { kind: 'pause', reason: '' };
  expect(said(narrow, [member(sam), pause])).toEqual(['refused']);
  expect(said(narrow, [member(dana), pause])).toEqual(['paused']);
  expect(said(narrow, [member(alex), pause], [member(dana), { kind: 'resume' }])).toEqual(['paused', 'refused']);
});

test('an abort ends what still runs on other hosts first', () => {
  const onAll = command('A', { on: { kind: 'all', role: 'node' }, safety: { kind: 'unsafe', why: 'it stops things' } });
  const began = (host: string): RunEvent => ({ kind: 'attemptIntended', step: 'A', host, attempt: 1, digest: 'd1', approval: 'q1' });
  const failed: RunEvent = {
    ...lost,
    kind: 'troubleRaised',
    host: 'node-1',
    what: { kind: 'failed', why: 'status 1' },
    choices: ['retry', 'abort'],
  };
  const from = state([onAll], [{ kind: 'stepOpened', step: 'A', hosts: ['node-1', 'node-2'] }, began('node-1'), began('node-2'), failed]);
  const decided = decide(from, { kind: 'settle', trouble: 't1', choice: 'abort', reason: 'enough' }, member(dana), 1_000);
  expect(decided.kind === 'moot' ? [] : decided.events).toMatchObject([
    { kind: 'troubleSettled', choice: 'abort' },
    { kind: 'cancelRequested', reason: 'aborted by Dana at A: enough' },
  ]);
});
