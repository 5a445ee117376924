/** What an approver is shown: everything that would start, whole, with no secret and nothing hidden. */
import fc from 'fast-check';
import { secretMark } from '../../../src/procedure/secret-mark.ts';
import type { Item, RunEvent, Subject } from '../../../src/run/events.ts';
import { whyTooLong } from '../../../src/run/subject.ts';
import { exact } from '../../../src/slack/views/visible.ts';
import { command, journal, requested } from '../../run/samples.ts';
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
