import fc from 'fast-check';
import type { Recorded, RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { MOST_SHOWN } from '../../../src/run/subject.ts';
import { type Message, thread } from '../../../src/slack/views/index.ts';
import { cluster, command, dana, journal, requested } from '../../run/samples.ts';
import { broken, mrkdwn, shown } from './limits.ts';
import { ended, events, intended, recorded, steps } from './sample.ts';

const RUN = 'run7f3k2q';

/** As long after the last event as it is given. */
function view(journalled: readonly Recorded[], afterMs = 500): readonly Message[] {
  return thread(fold(RUN, journalled), journalled, [], (journalled.at(-1)?.at ?? 0) + afterMs);
}

function upTo(count: number): readonly Message[] {
  return view(recorded.slice(0, count));
}

function find(messages: readonly Message[], key: string): Message {
  const found = messages.find((message) => message.key === key);
  if (found === undefined) throw new Error(`no ${key} among ${messages.map((message) => message.key).join(', ')}`);
  return found;
}

test('a finished run shows every message in order', () => {
  expect(view(recorded).map(({ key, place, final }) => `${key} ${place.kind} ${final}`)).toMatchSnapshot();
});

test.each(view(recorded).map((message) => [message.key, message] as const))('%s reads as recorded', (_key, message) => {
  expect({ text: message.text, blocks: message.blocks }).toMatchSnapshot();
});

test.each([
  ['open approval', 9, 'approval:q1'],
  ['paused card', 11, 'card'],
  ['watched attempt', 15, 'attempt:S3:main-1:1'],
  ['open trouble', 16, 'trouble:t16'],
  ['card in trouble', 16, 'card'],
])('%s reads as recorded', (_title, count, key) => {
  const message = find(upTo(count), key);
  expect(message.final).toBe(false);
  expect({ text: message.text, blocks: message.blocks }).toMatchSnapshot();
});

/** Everything that can follow an outcome: roles read again, a void, a second request. */
const voided: readonly Recorded[] = journal(steps, [
  ...events.slice(0, 9),
  { kind: 'rolesConfirmed', step: 'S3', roles: { main: 'main-1' }, by: 'node-1' },
  { kind: 'approvalVoided', request: 'q1', why: 'the script is another one' },
  requested('S3', 'main-1', 1, 'q2'),
  { kind: 'cancelRequested', by: dana, reason: '' },
  { kind: 'runEnded', outcome: 'cancelled', why: 'cancelled by Dana' },
]);

test.each([
  ['a run to its end', recorded],
  ['a voided approval', voided],
])('what was final once never changes again: %s', (_title, all) => {
  for (let count = 1; count < all.length; count += 1) {
    const later = view(all.slice(0, count + 1));
    for (const message of view(all.slice(0, count))) {
      const now = find(later, message.key);
      if (message.final) expect(now).toEqual(message);
    }
  }
  expect(view(all).every((message) => message.final)).toBe(true);
});

test('keys are unique and the id ends every text', () => {
  const all = view(recorded);
  expect(new Set(all.map((message) => message.key)).size).toBe(all.length);
  for (const message of all) {
    expect(message.text.endsWith(message.delivery)).toBe(true);
    expect(message.delivery).toMatch(/^run7f3k2q-[a-z2-7]{8}$/);
    expect(message.text).toContain(RUN);
    if (message.file === undefined) expect(JSON.stringify(message.blocks.at(-1))).toContain(message.delivery);
  }
});

test('live output stands in the attempt until it ends', () => {
  const soFar = recorded.slice(0, 13);
  const live = { run: RUN, step: 'S3', host: 'main-1', attempt: 1, tail: 'half way', bytes: 8, seen: undefined, at: 1 };
  expect(shown(find(upTo(13), 'attempt:S3:main-1:1'))).toBe('');
  const running = find(thread(fold(RUN, soFar), soFar, [live], 14_000), 'attempt:S3:main-1:1');
  expect(shown(running)).toBe('half way');
  expect(running.text).toContain('running');
  const after = find(thread(fold(RUN, recorded), recorded, [live], 30_000), 'attempt:S3:main-1:1');
  expect(shown(after)).toBe('stopping');
});

function printing(output: string): Message {
  const opened: RunEvent = { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] };
  return find(view(journal(steps, [opened, intended('S1', 'node-1', 1), ended('S1', 'node-1', 1, output)])), 'attempt:S1:node-1:1');
}

test.each([
  ['mentions', '<!channel> <@U1>', '<!channel> <@U1>'],
  ['code fences', '``` out', '``` out'],
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['window titles', '\u001b]0;title\u0007after', 'after'],
  ['carriage returns', '10%\r20%', '10%␍20%'],
  ['windows line ends', 'a\r\nb', 'a\nb'],
  ['backspaces', 'a\bb', 'a␈b'],
  ['right-to-left overrides', 'a\u202eb', 'a⟨U+202E⟩b'],
  ['zero-width spaces', 'a\u200bb', 'a⟨U+200B⟩b'],
  ['tags of the last plane', 'a\u{e0041}b', 'a⟨U+E0041⟩b'],
  ['half characters', 'a\ud800b', 'a⟨U+D800⟩b'],
  ['nothing but spaces', '  ', '(nothing)'],
])('output with %s is shown harmlessly', (_title, output, expected) => {
  const message = printing(output);
  expect(shown(message)).toBe(expected);
  expect(mrkdwn(message)).not.toContain('<!channel>');
});

test('long output keeps both ends and counts', () => {
  const message = printing(Array.from({ length: 5_000 }, (_, index) => `line ${index}`).join('\n'));
  expect(shown(message)).toMatch(/^line 0\n[\s\S]*… \d+ lines omitted …\n[\s\S]*line 4999$/);
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('<!channel>', '```', '&<>'.repeat(4_000), '\u202e'.repeat(3_000), 'x\n'.repeat(9_000), '', '`', '\u0000'.repeat(5_000)),
);

/** What may stand between angle brackets: mentions by id and times. */
const ALLOWED = /<(?:[@#][A-Z0-9]+|!subteam\^[A-Z0-9]+|!date\^\d+\^\{date_short\} \{time_secs\}\|[\d: UTC-]+)>/g;

test('no text, however hostile, breaks a limit', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, fc.integer({ min: 1, max: 60 }), (name, script, output, count) => {
      const many = Array.from({ length: count }, (_, index) =>
        command(`S${index + 1}`, { title: name, run: `${script};`, safety: { kind: 'unsafe', why: output }, advice: output, undo: name }),
      );
      const subject = requested('S1', 'node-1');
      const asked: RunEvent = subject.kind === 'approvalRequested' ? { ...subject, why: output, evidence: [output, name] } : subject;
      const items = asked.kind === 'approvalRequested' ? asked.subject.items : [];
      for (const item of items) Object.assign(item, { script, env: { NAME: output }, address: name });
      const all: readonly RunEvent[] = [
        { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] },
        asked,
        intended('S1', 'node-1', 1),
        ended('S1', 'node-1', 1, output, 1),
        {
          kind: 'troubleRaised',
          trouble: 't1',
          step: 'S1',
          host: 'node-1',
          attempt: 1,
          what: { kind: 'failed', why: output },
          choices: ['retry', 'skip', 'abort'],
        },
        { kind: 'announced', step: 'S1', text: output, channels: ['C1'] },
        { kind: 'cancelRequested', by: { ...dana, name }, reason: script },
        { kind: 'runEnded', outcome: 'failed', why: script },
      ];
      const journalled = journal(many, all, { title: name, name });
      for (const upTo of [3, 6, journalled.length]) {
        for (const message of view(journalled.slice(0, upTo))) {
          expect(broken(message)).toEqual([]);
          expect(mrkdwn(message).replace(ALLOWED, '')).not.toMatch(/[<>]|```/);
        }
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('the sample cluster names the second person', () => {
  expect(cluster.may.approve.users).toEqual(['U2']);
  expect(find(view(recorded.slice(0, 9)), 'approval:q1').text).toContain('<@U2>');
  expect(events).toHaveLength(recorded.length - 1);
});

test('an approver sees a long script whole, whatever stands around it', () => {
  const script = Array.from({ length: 100 }, (_, line) => `step_${line} --with something`)
    .join('\n')
    .slice(0, MOST_SHOWN - 60);
  const asked: RunEvent = {
    kind: 'approvalRequested',
    request: 'q9',
    step: 'S1',
    needs: 'second',
    why: 'w'.repeat(2_000),
    subject: {
      items: [{ step: 'S1', host: 'main-1', address: 'a', attempt: 1, script, env: {} }],
      roles: {},
      expectations: Array(20).fill('e'.repeat(500)),
    },
    digest: 'd'.repeat(64),
    evidence: Array(30).fill('v'.repeat(500)),
    expiresAt: 1_000_000,
  };
  const message = find(view(journal(steps, [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, asked])), 'approval:q9');
  expect(shown(message)).toContain(script);
});
