/** What an approver is shown: everything that would start, whole, with no secret and nothing hidden. */
import fc from 'fast-check';
import { secretMark } from '../../../src/procedure/secret-mark.ts';
import type { Check, Item, RunEvent, Subject } from '../../../src/run/events.ts';
import { whyTooLong } from '../../../src/run/subject.ts';
import { exact } from '../../../src/slack/views/visible.ts';
import { alex, command, journal, requested, sam } from '../../run/samples.ts';
import { broken, mrkdwn, shown } from './limits.ts';
import { buttonsOf, find, RUN, view } from './talk.ts';

const steps = [command('S1', { title: 'Activate', safety: { kind: 'unsafe', why: 'it stops things' } })];

function item(host: string, fields: Partial<Item> = {}): Item {
  return { step: 'S1', host, address: `ops@${host}.example:22`, attempt: 1, script: 'do_it', env: {}, ...fields };
}

function card(items: readonly Item[]) {
  const asked = requested('S1', 'node-1');
  if (asked.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const subject: Subject = { ...asked.subject, items: [...items] };
  return find(
    view(
      journal(steps, [
        { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] },
        { ...asked, subject },
      ]),
    ),
    'approval:q1',
  );
}

const whole: Item = item('node-1', {
  script: './configurator.sh --activate',
  env: { DB: `user:${secretMark('db_password')}`, HOME_DIR: '/opt/x' },
  shell: { name: 'alation', run: 'sudo chroot /opt/alation /bin/sh' },
  become: 'root',
  answers: [
    { prompt: 'Continue\\? \\[y/N\\]', answer: '"y"' },
    { prompt: 'Key of the peer: $', answer: `peer.key + "${secretMark('suffix')}"` },
  ],
  diff: '--- /opt/x.yaml\tas it is\n+++ /opt/x.yaml\tas it will be\n@@ -1,2 +1,2 @@\n name: x\n-mode: soft\n+mode: hard\n',
});

test('shell, user, values, answers and changes are shown as recorded', () => {
  const message = card([whole]);
  expect({ text: message.text, blocks: message.blocks }).toMatchSnapshot();
  expect(shown(message)).toContain('\n-mode: soft\n+mode: hard');
  expect(shown(message)).toContain('DB=user:‹secret db_password›');
  expect(shown(message)).not.toContain('\u0001');
});

test.each([
  ['a terminal string', 'echo a\u001b]0;\nrm -rf /data\n\u0007', 'echo a␛]0;\nrm -rf /data\n␇'],
  ['a colour code', 'echo \u001b[8mhidden', 'echo ␛[8mhidden'],
  ['an end of line of Windows', 'echo a\r\necho b', 'echo a␍\necho b'],
])('%s hides nothing of what is run', (_title, script, seen) => {
  expect(shown(card([item('node-1', { script })]))).toBe(seen);
});

test('what differs from host to host is shown host by host, the script once', () => {
  const message = card([
    item('node-1', { env: { HOST: 'node-1' }, diff: '-a\n+b' }),
    item('node-2', { env: { HOST: 'node-2' }, diff: '-a\n+c' }),
  ]);
  expect(shown(message)).toBe('do_it\n# on node-1\nHOST=node-1\n# on node-2\nHOST=node-2\n# on node-1\n-a\n+b\n# on node-2\n-a\n+c');
});

test('each of many hosts is shown, with its values', () => {
  const items = Array.from({ length: 40 }, (_, at) => item(`node-${at}`, { env: { HOST: `node-${at}` } }));
  const message = card(items);
  for (const { host } of items) expect(shown(message)).toContain(`# on ${host}\nHOST=${host}\n`.trim());
  for (const { host, address } of items) expect(shown(message)).toContain(`${host} (${address})`);
  expect(buttonsOf(message)).toEqual([`Approve S1 ${RUN}:q1:d1`, `Reject ${RUN}:q1:d1`]);
});

test('what does not fit is not offered for approval', () => {
  const message = card([item('node-1', { script: 'x\n'.repeat(4_000) })]);
  expect(buttonsOf(message)).toEqual([`Reject ${RUN}:q1:d1`]);
  expect(mrkdwn(message)).toContain('too long to be shown whole');
  expect(broken(message)).toEqual([]);
});

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 1_500 }),
  fc.constantFrom('\u202e'.repeat(200), '<!channel>', '```', 'line\n'.repeat(100), 'a\tb\r\nc'),
);
const hostName = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const anyItem: fc.Arbitrary<Item> = fc
  .record({
    host: hostName,
    script: fc.oneof(fc.constant('do_it'), piece),
    env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), piece, { maxKeys: 3 }),
    become: fc.option(hostName, { nil: undefined }),
    shell: fc.option(fc.record({ name: hostName, run: piece }), { nil: undefined }),
    answers: fc.option(fc.array(fc.record({ prompt: piece, answer: piece }), { maxLength: 2 }), { nil: undefined }),
    diff: fc.option(piece, { nil: undefined }),
  })
  .map(({ host, script, env, become, shell, answers, diff }) =>
    item(host, {
      ...{ script, env },
      ...(become === undefined ? {} : { become }),
      ...(shell === undefined ? {} : { shell }),
      ...(answers === undefined ? {} : { answers }),
      ...(diff === undefined ? {} : { diff }),
    }),
  );

/** Every text of an item that an approver has to see. */
function textsOf({ script, env, shell, answers = [], diff }: Item): readonly string[] {
  const values = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const told = answers.flatMap(({ prompt, answer }) => [prompt, answer]);
  return [
    script.replace(/\n$/, ''),
    ...values,
    ...(shell === undefined ? [] : [shell.run]),
    ...told,
    ...(diff === undefined ? [] : [diff]),
  ];
}

test('whatever may be asked for is shown whole, or has no button to approve it', () => {
  let offered = 0;
  fc.assert(
    fc.property(fc.array(anyItem, { minLength: 1, maxLength: 4 }), (items) => {
      const subject: Subject = { items, roles: {}, expectations: [] };
      const message = card(items);
      expect(broken(message)).toEqual([]);
      if (whyTooLong(subject) === undefined) expect(buttonsOf(message)).toHaveLength(2);
      if (buttonsOf(message).length < 2) return;
      offered += 1;
      for (const text of items.flatMap(textsOf)) if (text.trim() !== '') expect(shown(message)).toContain(exact(text));
    }),
    { numRuns: 200 },
  );
  expect(offered).toBeGreaterThan(50);
}, 60_000);

test('a card that has been decided still shows everything', () => {
  const asked = requested('S1', 'node-1');
  const all: readonly RunEvent[] = [
    { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] },
    asked.kind === 'approvalRequested' ? { ...asked, subject: { ...asked.subject, items: [whole] } } : asked,
    { kind: 'approvalExpired', request: 'q1' },
  ];
  const message = find(view(journal(steps, all)), 'approval:q1');
  expect(message.final).toBe(true);
  for (const text of textsOf(whole)) if (!text.includes('\u0001')) expect(shown(message)).toContain(text.trimEnd());
});

test('what changed since the voided request stands on top', () => {
  const asked = requested('S1', 'node-1');
  if (asked.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const all: readonly RunEvent[] = [
    { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] },
    asked,
    { kind: 'approvalVoided', request: 'q1', why: 'something has changed' },
    {
      ...asked,
      request: 'q2',
      changed: ['node-1: the script is another one:\n@@ -1 +1 @@\n-do_it\n+do <!channel>', 'leader was a and is now b'],
    },
  ];
  const message = find(view(journal(steps, all)), 'approval:q2');
  expect(mrkdwn(message)).toMatch(
    /\*S1 .*\*\n\*Changed since the request that was voided at <!date\^4\^.*:\*\n• node-1: the script is another one:\n• leader was a/,
  );
  expect(shown(message)).toContain('-do_it\n+do <!channel>');
  expect(message.text).toContain('leader was a and is now b');
  expect(broken(message)).toEqual([]);
});

function withChecks(checks: readonly Check[]) {
  const asked = requested('S1', 'node-1');
  if (asked.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const all: readonly RunEvent[] = [
    { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] },
    { ...asked, checks: [...checks] },
  ];
  return find(view(journal(steps, all)), 'approval:q1');
}

const good: Check = { host: 'node-1', what: 'the disk has room', ok: true, seen: 'free: 80' };
const bad: Check = { host: 'node-2', what: 'the standby runs <!channel>', ok: false, seen: 'exit status 3' };

test('checks that are as they must be stand on the card', () => {
  const message = withChecks([good]);
  expect(mrkdwn(message)).toContain('*Checks, made just now:*\n✓ ok: the disk has room, on node-1. Seen: free: 80');
  expect(buttonsOf(message)).toEqual([`Approve S1 ${RUN}:q1:d1`, `Reject ${RUN}:q1:d1`]);
});

test('while one check is not ok nobody is offered to approve', () => {
  const message = withChecks([good, bad]);
  expect(mrkdwn(message)).toMatch(/✗ NOT OK: the standby runs &lt;!channel&gt;, on node-2\. Seen: exit status 3\n✓ ok/);
  expect(mrkdwn(message)).toContain('Nobody can approve it while a check is NOT OK.');
  expect(mrkdwn(message)).not.toContain('Who may approve');
  expect(buttonsOf(message)).toEqual([`Check Again ${RUN}:q1:d1`, `Reject ${RUN}:q1:d1`]);
  expect(message.text).toContain('✗ NOT OK: the standby runs');
  expect(broken(message)).toEqual([]);
});

test('very many checks leave a card that Slack takes', () => {
  const many = Array.from({ length: 200 }, (_, at) => ({ ...bad, host: `node-${at}`, seen: 'x'.repeat(5_000) }));
  const message = withChecks(many);
  expect(mrkdwn(message)).toContain('• and 190 more');
  expect(broken(message)).toEqual([]);
});

test('several steps are listed in order, each with its script, its checks and its undo', () => {
  const three = [
    command('S1', { title: 'Stop the engines', together: 'down', safety: { kind: 'unsafe', why: 'it stops queries' }, undo: 'Start them' }),
    command('S2', { title: 'Stop the server', together: 'down', safety: { kind: 'unsafe', why: 'it stops all' } }),
  ];
  const asked = requested('S1', 'node-1');
  if (asked.kind !== 'approvalRequested') throw new Error('the sample is no request');
  const items = [item('node-1'), item('node-2'), item('main-1', { step: 'S2', script: 'halt' })];
  const subject: Subject = { items, roles: {}, expectations: ['S1: status == 0'], requires: ['S2: the engines are down: look → true'] };
  const all: readonly RunEvent[] = [
    { kind: 'stepOpened', step: 'S1', hosts: ['node-1', 'node-2'] },
    { ...asked, subject },
  ];
  const message = find(view(journal(three, all)), 'approval:q1');
  const text = mrkdwn(message);
  const inOrder = [
    '*S1 to S2 (2 steps of the phase down) on node-1, node-2, main-1: UNSAFE, needs a second person*',
    '*Why unsafe:* it stops things',
    '1. S1 Stop the engines: node-1, node-2',
    '2. S2 Stop the server: main-1',
    '*1. S1 Stop the engines*',
    '*Why unsafe:* it stops queries',
    'Checked afterwards: status == 0',
    '*Undo:* Start them',
    '*2. S2 Stop the server*',
    '*Why unsafe:* it stops all',
    'Must be so just before it: the engines are down: look → true',
    'Afterwards: only the exit status is checked.',
    '*No undo.*',
  ];
  const blocks = text.slice(text.lastIndexOf(inOrder[0] ?? ''));
  const places = inOrder.map((each) => blocks.indexOf(each));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(shown(message)).toBe('do_it\nhalt');
  expect(buttonsOf(message)).toEqual([`Approve S1 to S2 ${RUN}:q1:d1`, `Reject ${RUN}:q1:d1`]);
  expect(broken(message)).toEqual([]);
});

const stands = { memberOf: [], accounts: ['U2'] };

function withEvents(...events: readonly RunEvent[]) {
  return view(journal(steps, [{ kind: 'stepOpened', step: 'S1', hosts: ['node-1'] }, requested('S1', 'node-1'), ...events]));
}

test('who has approved so far stands on the open card', () => {
  const message = find(withEvents({ kind: 'approvalBacked', request: 'q1', by: sam, stands }), 'approval:q1');
  expect(mrkdwn(message)).toContain('*Approved so far:* 1 of 1: <@U2> (Sam)');
  expect(message.final).toBe(false);
});

test('everybody who approved stands on the decided card', () => {
  const message = find(
    withEvents({ kind: 'approvalBacked', request: 'q1', by: sam, stands }, { kind: 'approvalGiven', request: 'q1', by: alex, stands }),
    'approval:q1',
  );
  expect(mrkdwn(message)).toMatch(/Approved by <@U2> \(Sam\), <!date\^4\^.*; <@U3> \(Alex\), <!date\^5\^/);
  expect(buttonsOf(message)).toEqual([]);
});

test('what was given without a second person says so, with the reason', () => {
  const message = find(
    withEvents({ kind: 'glassBroken', request: 'q1', by: sam, reason: 'the site is <down>', stands, channel: 'C2' }),
    'approval:q1',
  );
  expect(mrkdwn(message)).toMatch(/\*Break-glass\* by <@U2> \(Sam\), .*, without a second person: the site is &lt;down&gt;/);
  expect(message.final).toBe(true);
  expect(buttonsOf(message)).toEqual([]);
});

test('the reminder is a reply of its own that mentions who may approve', () => {
  const messages = withEvents({ kind: 'approvalReminded', request: 'q1' });
  const message = find(messages, 'reminder:q1');
  expect(mrkdwn(message)).toContain('<@U2>, <!subteam^S1>: S1 Activate still waits for a second person.');
  expect(mrkdwn(message)).toContain('It expires <!date^1000^');
  expect({ place: message.place.kind, final: message.final }).toEqual({ place: 'reply', final: true });
  expect(buttonsOf(find(messages, 'approval:q1'))).toHaveLength(2);
});
