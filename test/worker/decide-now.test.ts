/** Those who stood for a choice earlier, looked at again when the last one comes. */
import { ruleOf } from '../../src/procedure/policy-source.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Person, RunEvent } from '../../src/run/events.ts';
import type { Intent } from '../../src/run/intents.ts';
import type { RunState } from '../../src/run/state.ts';
import { decideNow } from '../../src/worker/decide-now.ts';
import { alex, cluster, command, dana, member, sam, state } from '../run/samples.ts';

const settle: Intent = { kind: 'settle', trouble: 't1', choice: 'settleDone', reason: 'seen' };
const answer: Intent = { kind: 'answer', question: 'q7', answer: 'done', note: '' };
const step = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const lost: RunEvent = {
  kind: 'troubleRaised',
  trouble: 't1',
  step: 'A',
  what: { kind: 'unknown', why: 'gone' },
  choices: ['settleDone', 'abort'],
};
const confirm: RunEvent = { kind: 'questionAsked', question: 'q7', step: 'A', about: 'confirm', text: 'Backup?', second: 'it matters' };
const byGroup = { approve: { users: [], groups: ['S1'] }, rule: ruleOf({ count: 2, of: ['S1'] }) };

function said(about: string, choice: string, ...by: readonly Person[]): readonly RunEvent[] {
  return by.map((person) => {
    return { kind: 'choiceBacked', about, choice, reason: '', by: person, stands: { memberOf: ['S1'], accounts: [person.user] } };
  });
}

function waiting(count = 2, ...before: readonly RunEvent[]): RunState {
  const may = { ...cluster.may, ...byGroup, rule: ruleOf({ count, of: ['S1'] }) };
  return { ...state([step], [lost, confirm, ...before]), cluster: { ...cluster, may } };
}

const inGroup = (person: Person): Standing => member(person, ['S1']);
const one = (person: Person): Standing => ({ ...inGroup(person), identity: { name: 'one', accounts: ['U2', 'U3'] } });
const gone = (person: Person): Standing => ({ ...inGroup(person), kind: { kind: 'barred', why: 'your Slack account is deactivated.' } });
const silent = (person: Person): Standing => ({ ...inGroup(person), kind: { kind: 'unverified', why: 'timeout' } });
const kim: Person = { team: 'T1', user: 'U5', name: 'Kim' };

test.each<[string, Intent, (person: Person) => Standing, string]>([
  ['still in the group settle it', settle, inGroup, 'troubleSettled'],
  ['deactivated since settle nothing', settle, gone, 'choiceBacked'],
  ['who left the group settle nothing', settle, (person) => member(person), 'choiceBacked'],
  ['whom Slack does not confirm settle nothing', settle, silent, 'moot'],
  ['still in the group answer it', answer, inGroup, 'questionAnswered'],
  ['deactivated since answer nothing', answer, gone, 'choiceBacked'],
  [
    'known as the requester’s second account settle nothing',
    settle,
    (person) => ({ ...inGroup(person), identity: { name: 'd', accounts: ['U1', 'U2'] } }),
    'choiceBacked',
  ],
])('earlier ones %s', async (_title, intent, as, first) => {
  const from = waiting(2, ...said('t1', 'settleDone', sam), ...said('q7', 'done', sam));
  const decided = await decideNow(async () => as(sam), from, intent, inGroup(alex), 1_000);
  expect(decided.kind === 'moot' ? 'moot' : decided.events[0]?.kind).toBe(first);
});

test('two accounts that turned out to be one person are one', async () => {
  const from = waiting(3, ...said('t1', 'settleDone', sam, alex));
  const whoIs = async ({ user }: { readonly user: string }): Promise<Standing> => one(user === 'U2' ? sam : alex);
  expect(await decideNow(whoIs, from, settle, inGroup(kim), 1_000)).toMatchObject({ kind: 'taken', events: [{ kind: 'choiceBacked' }] });
});

test('nobody is asked about where nobody said anything', async () => {
  const whoIs = async (): Promise<Standing> => {
    throw new Error('asked');
  };
  expect(await decideNow(whoIs, waiting(2), settle, inGroup(alex), 1_000)).toMatchObject({ kind: 'taken' });
  expect((await decideNow(whoIs, waiting(2, ...said('t1', 'settleDone', sam)), settle, member(dana), 1_000)).kind).toBe('refused');
});
