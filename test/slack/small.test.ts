/** The small pure parts: what reaches a log, what a note looks like, what a payload becomes, what a wait comes to. */
import { answerClick, answerCommand } from '../../src/slack/answer.ts';
import { createInflight } from '../../src/slack/inflight.ts';
import { redact } from '../../src/slack/log.ts';
import { note } from '../../src/slack/note.ts';
import { readClick, readCommand, readSubmission } from '../../src/slack/payloads.ts';
import { createSocketLink } from '../../src/slack/socket-link.ts';
import { within } from '../../src/slack/waiting.ts';
import { logInMemory } from './bench.ts';
import { gate } from './fake-desk.ts';

test.each([
  ['a token xoxb-123-abc-DEF here', 'a token xoxb-[hidden] here'],
  ['xapp-1-A0-99-ff', 'xapp-[hidden]'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer [hidden]'],
  ['v0=0123456789abcdef0123', 'v0=[hidden]'],
  ['POST https://hooks.slack.com/commands/T1/2/x failed', 'POST https://hooks.slack.com/commands/[hidden] failed'],
  ['wss://wss-primary.slack.com/link/?ticket=abc&app_id=1', 'wss://wss-primary.slack.com/link/?[hidden]'],
  ['nothing to hide', 'nothing to hide'],
])('“%s” is logged without its secret', (text, logged) => {
  expect(redact(text)).toBe(logged);
});

describe('a note', () => {
  test('escapes everything but mentions by id', () => {
    const { text } = note('<!channel> & <@U0SAM00001> <!subteam^S0APPROVE1> <#C0OPS00001> <https://x|y> <@U0SAM00001|boo>');
    expect(text).toBe(
      '&lt;!channel&gt; &amp; <@U0SAM00001> <!subteam^S0APPROVE1> <#C0OPS00001> &lt;https://x|y&gt; &lt;@U0SAM00001|boo&gt;',
    );
  });

  test('says the same in its text and its blocks', () => {
    expect(note(['one', 'two']).blocks).toEqual([{ type: 'section', text: { type: 'mrkdwn', text: 'one\ntwo' } }]);
  });

  test('shows what would be invisible', () => {
    expect(note('Dana\u202Eseye').text).toBe('Dana⟨U+202E⟩seye');
    expect(note('one\ntwo').text).toBe('one\ntwo');
  });

  test('stays within what a section takes', () => {
    const { text } = note('&'.repeat(5_000));
    expect(text.length).toBeLessThan(3_000);
    expect(text).toMatch(/&amp; … \(cut\)$/);
  });
});

describe('a payload', () => {
  test.each([undefined, null, 'text', {}, { user_id: '' }, { user_id: 'U1', channel_id: 3, trigger_id: 'x' }])(
    'like %j is no command',
    (body) => {
      expect(readCommand(body)).toBeUndefined();
    },
  );

  test('of a click names its thread', () => {
    const body = { user: { id: 'U1' }, team: null, channel: { id: 'C1' }, trigger_id: 't', actions: [{ action_id: 'a', value: 'v' }] };
    expect(readClick({ ...body, message: { ts: '1.0' } })).toMatchObject({ thread: '1.0', team: '', value: 'v' });
    expect(readClick({ ...body, message: { ts: '2.0', thread_ts: '1.0' } })).toMatchObject({ thread: '1.0' });
    expect(readClick({ ...body, actions: [] })).toBeUndefined();
  });

  test('of a form reads what was chosen from a list', () => {
    const chosen = { type: 'static_select', selected_option: { text: { type: 'plain_text', text: 'One' }, value: 'one' } };
    const none = { type: 'static_select', selected_option: null };
    const view = { id: 'V1', callback_id: 'c', private_metadata: '', state: { values: { a: { a: chosen }, b: { b: none } } } };
    expect(readSubmission({ user: { id: 'U1' }, view })).toMatchObject({ view: 'V1', values: { a: { a: 'one' }, b: { b: '' } } });
  });

  test('of a form reads empty fields as empty', () => {
    const view = {
      id: 'V1',
      callback_id: 'c',
      private_metadata: '{}',
      state: { values: { reason: { text: { type: 'x', value: null } } } },
    };
    expect(readSubmission({ user: { id: 'U1', team_id: 'T2' }, team: { id: 'T1' }, view })).toMatchObject({
      team: 'T2',
      values: { reason: { text: '' } },
    });
    expect(readSubmission({ user: { id: 'U1' }, view: {} })).toBeUndefined();
  });
});

describe('an answer', () => {
  const said = () => {
    const heard: string[] = [];
    const line = {
      ack: async (content: { text: string } | undefined) => void heard.push(`ack ${content?.text ?? 'empty'}`),
      tell: async (content: { text: string }) => void heard.push(`tell ${content.text}`),
    };
    return { heard, line };
  };

  test('that is ready is the acknowledgement itself', async () => {
    const { heard, line } = said();
    await answerCommand(Promise.resolve({ kind: 'now', content: note('done') }), line, logInMemory().logger);
    expect(heard).toEqual(['ack done']);
  });

  test('that fails later is told all the same', async () => {
    const { heard, line } = said();
    const work = Promise.reject(new Error('boom'));
    await answerCommand(Promise.resolve({ kind: 'later', meanwhile: note('wait'), work }), line, logInMemory().logger);
    expect(heard).toEqual(['ack wait', expect.stringContaining('fault in Keyturn')]);
  });

  test('to a click that was taken is empty', async () => {
    const { heard, line } = said();
    await answerClick(Promise.resolve(undefined), line, logInMemory().logger);
    expect(heard).toEqual(['ack empty']);
  });
});

test('waiting ends with the work or with the time', async () => {
  const held = gate();
  expect(await within(held.passed, 1)).toEqual({ kind: 'late' });
  expect(await within(Promise.resolve(3), 1_000)).toEqual({ kind: 'done', value: 3 });
  await expect(within(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
});

test('what is in flight is waited for, but not for ever', async () => {
  const inflight = createInflight();
  const held = gate();
  void inflight.track(held.passed);
  await inflight.track(Promise.reject(new Error('no'))).catch(() => undefined);
  expect(await inflight.drained(1)).toBe(false);
  held.open();
  expect(await inflight.drained(1_000)).toBe(true);
});

test('a message that the library cannot read is left out aloud', async () => {
  const log = logInMemory();
  const link = createSocketLink({ name: 'socket-1', appToken: 'xapp-1', apiUrl: 'http://127.0.0.1:1/api/', log: log.logger });
  const envelope = { type: 'events_api', envelope_id: 'e1', payload: { type: 'app_rate_limited', minute_rate_limited: 1 } };
  link.receiver.client.emit('ws_message', JSON.stringify(envelope), false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log.lines.join('')).toContain('it was left out');
  await link.close();
});
