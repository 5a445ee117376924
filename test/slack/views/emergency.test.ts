/** What is said of a held run, an override and a broken glass, wherever somebody may look. */
import type { Cluster } from '../../../src/inventory/model.ts';
import type { Person, Recorded, RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { modalFor } from '../../../src/slack/modals.ts';
import { statusView, thread } from '../../../src/slack/views/index.ts';
import type { Message } from '../../../src/slack/views/message.ts';
import { command, journal, requested, sam } from '../../run/samples.ts';
import { broken, mrkdwn } from './limits.ts';

const step = command('S1', { title: 'Stop it', safety: { kind: 'unsafe', why: 'it stops things' } });
const more: Partial<Cluster> = {
  freeze: {
    timeZone: 'UTC',
    override: { users: ['U2'], groups: [] },
    windows: [{ title: 'Trading <hours>', hours: { from: '00:00', to: '01:00' } }],
  },
  breakGlass: { people: { users: ['U1'], groups: [] }, channel: 'C0LOUD' },
};
const stands = { memberOf: [], accounts: ['U2'] };
const hostile: Person = { ...sam, name: '<!channel> *Sam*' };
const planned: RunEvent = { kind: 'planResolved', digest: 'd' };
const held: RunEvent = { kind: 'runHeld', hold: 'h2', window: 'Trading <hours>', expiresAt: 600_000 };
const overridden: RunEvent = { kind: 'holdOverridden', hold: 'h2', by: hostile, reason: 'now <!here>', stands };
const ended: RunEvent = { kind: 'holdEnded', hold: 'h2', why: 'no window is on any more' };
const opened: RunEvent = { kind: 'stepOpened', step: 'S1', hosts: ['main-1'] };
const glass: RunEvent = { kind: 'glassBroken', request: 'q1', by: hostile, reason: 'nobody <@U9> is awake', stands, channel: 'C0LOUD' };
const voided: RunEvent = { kind: 'approvalVoided', request: 'q1', why: 'the leader moved' };
const over: RunEvent = { kind: 'runEnded', outcome: 'succeeded', why: 'every step is done' };

function recorded(events: readonly RunEvent[], cluster = more): readonly Recorded[] {
  return journal([step], events).map((each) =>
    each.event.kind === 'runRequested' ? { ...each, event: { ...each.event, cluster: { ...each.event.cluster, ...cluster } } } : each,
  );
}

function messages(events: readonly RunEvent[], cluster = more): readonly Message[] {
  const all = recorded(events, cluster);
  const drafts = thread(fold('run2', all), all, [], 10_000);
  for (const message of drafts) expect(broken(message)).toEqual([]);
  return drafts;
}

function find(all: readonly Message[], key: string): Message {
  const found = all.find((message) => message.key === key);
  if (found === undefined) throw new Error(`${key} is not among ${all.map((message) => message.key).join(', ')}`);
  return found;
}

function buttonsOf(message: Message) {
  const elements = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
  return elements.flatMap((element) => (element.type === 'button' ? [element] : []));
}

const labels = (message: Message): readonly string[] => buttonsOf(message).map((each) => each.text.text);

test('a hold says the window, its end and who may override', () => {
  const message = find(messages([planned, held]), 'hold:h2');
  expect(message.final).toBe(false);
  expect(mrkdwn(message)).toContain('Held by the freeze window Trading &lt;hours&gt;: nothing that acts was begun');
  expect(mrkdwn(message)).toContain('until Thu 1970-01-01 01:00 (UTC)');
  expect(mrkdwn(message)).toMatch(/If nobody overrides it before .*00:10:00 UTC.*, the run ends as cancelled/);
  expect(mrkdwn(message)).toContain('Who may override it, with a reason: <@U2>. Never the requester.');
  expect(labels(message)).toEqual(['Override', 'Cancel']);
});

test('a hold that ends in time says that the run goes on', () => {
  const message = find(messages([planned, { ...held, expiresAt: 9_000_000 }]), 'hold:h2');
  expect(mrkdwn(message)).toContain('The run goes on by itself then.');
});

test.each<[string, RunEvent[], RegExp]>([
  ['an override', [overridden], /Overridden by <@U2> \(&lt;!channel&gt; \*Sam\*\), .*: now &lt;!here&gt;\./],
  ['its end', [ended], /Ended .*: no window is on any more\./],
  ['the end of the run', [{ kind: 'runEnded', outcome: 'cancelled', why: 'cancelled by Dana' }], /Closed .*: the run cancelled first\./],
])('a hold after %s has no buttons', (_title, events, said) => {
  const message = find(messages([planned, held, ...events]), 'hold:h2');
  expect(message.final).toBe(true);
  expect(mrkdwn(message)).toMatch(said);
  expect(labels(message)).toEqual([]);
});

test('card and status say what holds the run and whom it waits for', () => {
  const all = recorded([planned, held]);
  const card = find(messages([planned, held]), 'card');
  const status = statusView([fold('run2', all)], () => undefined);
  for (const content of [card, status]) {
    expect(mrkdwn(content)).toContain('held by the freeze window Trading &lt;hours&gt;');
    expect(mrkdwn(content)).toMatch(/Waits for: the end of the freeze window .*, or an override by <@U2> before/);
  }
});

test('an override is said by itself, on the card and at the end', () => {
  const all = messages([planned, held, overridden, opened, over]);
  expect(mrkdwn(find(all, 'override:h2'))).toMatch(/overrode the freeze window Trading &lt;hours&gt;.*Reason:\* now &lt;!here&gt;/s);
  expect(mrkdwn(find(all, 'card'))).toContain('*Freeze window overridden* (Trading &lt;hours&gt;) by <@U2>');
  expect(mrkdwn(find(all, 'end'))).toContain('Deviations: 1 freeze window overridden.');
});

test('the request offers to break the glass only where that is allowed', () => {
  const asked = requested('S1', 'main-1');
  const card = find(messages([opened, asked]), 'approval:q1');
  const button = buttonsOf(card).find((each) => each.text.text === 'Break Glass');
  expect(button).toMatchObject({ value: 'run2:q1:d1' });
  expect(button?.style).toBeUndefined();
  expect(labels(find(messages([opened, asked], {}), 'approval:q1'))).not.toContain('Break Glass');
  if (asked.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const gate = messages([opened, { ...asked, needs: 'gate' }]);
  expect(labels(find(gate, 'approval:q1'))).not.toContain('Break Glass');
  const red = messages([opened, { ...asked, checks: [{ host: 'main-1', what: 'lag is low', ok: false, seen: '90' }] }]);
  expect(labels(find(red, 'approval:q1'))).not.toContain('Break Glass');
});

test('a broken glass is told in the thread and in the other channel', () => {
  const all = messages([opened, requested('S1', 'main-1'), glass]);
  const loud = find(all, 'glass:q1:C0LOUD');
  expect(loud.place).toEqual({ kind: 'channel', channel: 'C0LOUD' });
  for (const part of [
    '<@U2> (&lt;!channel&gt; *Sam*)',
    'sample-prod',
    'restart',
    'S1 Stop it on main-1',
    'nobody &lt;@U9&gt; is awake',
    'd1',
    'run2',
    '<#C1>',
    '*Why unsafe:* it stops things',
    '`/ha review run2 &lt;what you found&gt;`',
  ])
    expect(mrkdwn(loud)).toContain(part);
  const reply = find(all, 'glass:q1');
  expect(reply.place).toEqual({ kind: 'reply' });
  expect(mrkdwn(reply)).toContain('<#C0LOUD> was told.');
  const card = find(all, 'approval:q1');
  expect(mrkdwn(card)).toMatch(/UNSAFE, given by break-glass.*without a second person: nobody &lt;@U9&gt; is awake/s);
  expect(labels(card)).toEqual([]);
});

test('a broken glass stays on the card though it is voided later', () => {
  const all = messages([opened, requested('S1', 'main-1'), glass, voided, over]);
  expect(mrkdwn(find(all, 'card'))).toContain('*Break-glass* by <@U2>');
  expect(mrkdwn(find(all, 'approval:q1'))).toContain('given by break-glass');
  expect(mrkdwn(find(all, 'end'))).toMatch(/S1: \*break-glass\* by <@U2>.*voided later.*Deviations: 1 break-glass\./s);
});

test.each([
  ['an override', { kind: 'override', hold: 'h2' } as const, 'begins to act in a freeze window'],
  ['break-glass', { kind: 'breakGlass', request: 'q1', digest: 'd1' } as const, 'without a second person'],
])('the form of %s says what it means and wants a reason', (_title, errand, means) => {
  const view = modalFor({ ...errand, run: 'run2', channel: 'C1' });
  expect(JSON.stringify(view.blocks[0])).toContain(means);
  expect(view.blocks[1]).toMatchObject({ type: 'input', optional: false });
  const about = modalFor({ ...errand, run: 'run2', channel: 'C1' }, { about: '*S1 Stop it* on main-1', code: true });
  expect(about.blocks[0]).toMatchObject({ text: { text: '*S1 Stop it* on main-1' } });
  expect(about.blocks.map((block) => block.block_id)).toContain('code');
});
