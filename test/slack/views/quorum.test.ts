/** Where several must say so: how many are wanted, who has said so and who has not, in every message that speaks of it. */
import type { Recorded, RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { statusView, thread } from '../../../src/slack/views/index.ts';
import type { Message } from '../../../src/slack/views/message.ts';
import { alex, command, journal, requested, sam } from '../../run/samples.ts';
import { broken, mrkdwn } from './limits.ts';

const requirement = {
  says: '{{ host.name }} has stopped',
  on: { kind: 'one', role: 'main' },
  run: 'look',
  read: 'text',
  expect: 'true',
} as const;
const steps = [command('S1', { title: 'Stop it', safety: { kind: 'unsafe', why: 'it stops things' } })];
const stands = { memberOf: [], accounts: ['U2'] };
const before: readonly RunEvent[] = [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, requested('S1', 'main-1')];
const backed: RunEvent = { kind: 'approvalBacked', request: 'q1', by: sam, stands };
const given: RunEvent = { kind: 'approvalGiven', request: 'q1', by: alex, stands };
const reminded: RunEvent = { kind: 'approvalReminded', request: 'q1' };
const over: RunEvent = { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' };

/** Two of two people approve here. */
function recorded(events: readonly RunEvent[]): readonly Recorded[] {
  const people = { users: ['U2', 'U3'], groups: [] };
  return journal(steps, [...before, ...events]).map((each) => {
    if (each.event.kind !== 'runRequested') return each;
    const { cluster } = each.event;
    const may = { ...cluster.may, approve: people, rule: [[{ people, count: 2 }]] };
    return { ...each, event: { ...each.event, cluster: { ...cluster, may } } };
  });
}

function find(events: readonly RunEvent[], key: string | RegExp): Message {
  const all = recorded(events);
  const found = thread(fold('run2', all), all, [], 10_000).find((each) =>
    typeof key === 'string' ? each.key === key : key.test(each.key),
  );
  if (found === undefined) throw new Error(`there is no ${key}`);
  expect(broken(found)).toEqual([]);
  return found;
}

test('the first line says how many people are needed', () => {
  const message = find([], 'approval:q1');
  expect(message.text).toMatch(/^S1 Stop it on main-1: UNSAFE, needs 2 people\. .*sample-prod/);
  expect(mrkdwn(message)).toContain('Who may approve: 2 of <@U2>, <@U3>. Never the requester.');
});

test('who may approve gives way to who is still wanted', () => {
  const message = find([backed], 'approval:q1');
  expect(message.text).toMatch(/^S1 Stop it on main-1: UNSAFE, needs 2 people \(1 of 2 approved\)\./);
  expect(mrkdwn(message)).toMatch(/\*Approved so far:\* 1 of 2: <@U2> \(Sam\), .*Still wanted: <@U3>\. Never the requester\./);
  expect(mrkdwn(message)).not.toContain('Who may approve');
});

test('two who are not those that are wanted are not two of two', () => {
  const all = recorded([backed, { ...backed, by: alex, stands: { memberOf: [], accounts: ['U3'] } }]).map((each) => {
    if (each.event.kind !== 'runRequested') return each;
    const { cluster } = each.event;
    const third = { users: ['U4'], groups: [] };
    const rule = [
      [
        { people: { users: ['U2', 'U3'], groups: [] }, count: 1 },
        { people: third, count: 1 },
      ],
    ];
    return { ...each, event: { ...each.event, cluster: { ...cluster, may: { ...cluster.may, rule } } } };
  });
  const messages = thread(fold('run2', all), all, [], 10_000);
  const words = messages.map((each) => `${each.text} ${mrkdwn(each)}`).join('\n');
  expect(words).toContain('waiting for 3 people (2 of 3 approved) on S1');
  expect(words).toContain('Still wanted: <@U4>');
  expect(words).not.toContain('2 of 2');
});

test('what a title speaks of stands in the thread', () => {
  const titled = [
    command('S1', { title: 'Stop {{ roles.main }} of {{ cluster.name }}', safety: { kind: 'unsafe', why: 'it stops things' } }),
  ];
  const all = journal(titled, before);
  const card = thread(fold('run2', all), all, [], 10_000).find(({ key }) => key === 'approval:q1');
  expect(card?.text).toContain('S1 Stop main-1 of sample-prod on main-1: UNSAFE');
});

test('card, status and reminder say who is still wanted', () => {
  const status = 'waiting for 2 people (1 of 2 approved) on S1';
  expect(mrkdwn(find([backed], 'card'))).toContain(status);
  expect(statusView([fold('run2', recorded([backed]))], () => undefined).text).toContain(status);
  expect(find([backed, reminded], 'reminder:q1').text).toMatch(/^<@U3>: S1 Stop it still waits for 2 people \(1 of 2 approved\)\./);
});

test('each yes is counted where it was said', () => {
  expect(find([backed, given], /^decision:4/).text).toMatch(/^<@U2> \(Sam\) approved S1 Stop it on main-1 \(digest d1\): 1 of 2, /);
});

test('the end names everybody who approved', () => {
  expect(mrkdwn(find([backed, given, over], 'end'))).toMatch(/• S1: <@U2> \(Sam\), [^•]*; <@U3> \(Alex\), /);
});

test('a success needs no why', () => {
  for (const key of ['card', 'end']) expect(find([backed, given, over], key).text).not.toContain('Why:');
});

test('what several steps require is said of the host', () => {
  const two = [
    command('S1', { title: 'Stop it', together: 'down', safety: { kind: 'unsafe', why: 'it stops things' } }),
    command('S2', { title: 'Halt it', together: 'down', safety: { kind: 'unsafe', why: 'it stops things' }, requires: [requirement] }),
  ];
  const asked = requested('S1', 'main-1');
  if (asked.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const [item] = asked.subject.items;
  if (item === undefined) throw new Error('the sample asks for nothing');
  const subject = {
    ...asked.subject,
    items: [item, { ...item, step: 'S2' }],
    roles: { main: 'main-1' },
    requires: [`S2: ${requirement.says} (on main): look → true`],
  };
  const all = journal(two, [
    { kind: 'stepOpened', step: 'S1', hosts: ['main-1'] },
    { ...asked, subject },
  ]);
  const card = thread(fold('run2', all), all, [], 10_000).find(({ key }) => key === 'approval:q1');
  const text = card === undefined ? '' : mrkdwn(card);
  expect(text).toContain('Must be so just before it: main-1 has stopped (on main): look → true');
  expect(text).not.toContain('{{');
  expect(text.match(/\*Why unsafe:\*/g)).toHaveLength(2);
});
