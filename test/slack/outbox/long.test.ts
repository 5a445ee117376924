/** Steps that run for hours: one message, ever fewer updates, a sign of life by itself, and no break when the bot is restarted. */
import type { RunEvent } from '../../../src/run/events.ts';
import type { Live } from '../../../src/slack/ports.ts';
import { command, journal } from '../../run/samples.ts';
import { type Call, type Clock, startClock } from './clock.ts';
import { intended, leading, type Office, passed, startOffice } from './office.ts';

const RUN = 'runabc234';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const steps = [command('S1', { title: 'Replicate', on: { kind: 'all', role: 'node' } })];
const opened: RunEvent = { kind: 'stepOpened', step: 'S1', hosts: ['node-1', 'node-2'] };
const planned: RunEvent = { kind: 'planResolved', digest: 'd'.repeat(64) };
/** Begun at second 4. */
const running = journal(steps, [planned, opened, intended('S1', 'node-1')]);
const BEGAN = 4 * SECOND;

function printing(now: number): Live {
  return { run: RUN, step: 'S1', host: 'node-1', attempt: 1, tail: `line ${now}`, bytes: now, seen: undefined, at: now };
}

function callsOfAttempt({ calls }: Clock, host = 'node-1'): readonly Call[] {
  return calls.filter(({ text }) => text.startsWith(`S1 Replicate on ${host}`));
}

/** The pauses between the calls that were made in this time after the begin. */
function pauses(calls: readonly Call[], from: number, until: number): readonly number[] {
  const times = calls.map(({ at }) => at - BEGAN);
  return times.flatMap((at, place) => (place > 0 && at >= from && at < until ? [at - (times[place - 1] ?? 0)] : []));
}

test('a tool that prints all the time is updated ever more rarely', async () => {
  const clock = startClock(RUN, BEGAN);
  await clock.pass(6 * HOUR, running, printing);
  const calls = callsOfAttempt(clock);
  expect(calls.filter(({ method }) => method === 'post')).toHaveLength(1);
  expect(new Set(calls.map(({ ts }) => ts)).size).toBe(1);
  for (const [from, until, every] of [
    [10 * SECOND, MINUTE, 3 * SECOND],
    [MINUTE + 10 * SECOND, 10 * MINUTE, 10 * SECOND],
    [10 * MINUTE + 30 * SECOND, HOUR, 30 * SECOND],
    [HOUR + 2 * MINUTE, 6 * HOUR, 2 * MINUTE],
  ] as const) {
    const all = pauses(calls, from, until);
    expect(all.length).toBeGreaterThan(10);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(every);
    expect(Math.max(...all)).toBeLessThanOrEqual(every + 2 * SECOND);
  }
  expect(calls.at(-1)?.text).toContain('running for 5 h 5');
});

test('a tool that prints nothing gives a sign of life once a minute, later every other', async () => {
  const clock = startClock(RUN, BEGAN);
  await clock.pass(3 * HOUR, running);
  const calls = callsOfAttempt(clock);
  expect(calls[0]).toMatchObject({ method: 'post', at: BEGAN + 5 * SECOND });
  expect(pauses(calls, 2 * MINUTE, HOUR)).toEqual(Array.from({ length: 58 }, () => MINUTE));
  expect(pauses(calls, HOUR + 2 * MINUTE, 3 * HOUR)).toEqual(Array.from({ length: 59 }, () => 2 * MINUTE));
  expect(calls.at(-1)?.text).toMatch(/running for 2 h 5[89] min/);
});

test('a restart in between goes on in the same message, as rarely, with the same tail', async () => {
  const clock = startClock(RUN, BEGAN, { ...printing(9), tail: 'the last line before' });
  await clock.pass(2 * HOUR, running);
  const before = callsOfAttempt(clock).length;
  clock.restart();
  await clock.pass(HOUR, running);
  const calls = callsOfAttempt(clock);
  expect(calls.filter(({ method }) => method === 'post')).toHaveLength(1);
  expect(calls.length - before).toBeLessThanOrEqual(31);
  expect(Math.min(...pauses(calls, HOUR + 2 * MINUTE, 2 * HOUR))).toBeGreaterThanOrEqual(2 * MINUTE);
  expect(calls.at(-1)?.text).toMatch(/running for 2 h 5[89] min/);
});

test('the end is shown at once, however rarely it was looked at', async () => {
  const clock = startClock(RUN, BEGAN);
  await clock.pass(5 * HOUR, running, printing);
  const at = clock.now();
  await clock.pass(SECOND, journal(steps, [planned, opened, intended('S1', 'node-1'), ...passed('S1', 'done', 'node-1')]));
  expect(callsOfAttempt(clock).at(-1)).toMatchObject({ at, method: 'update', text: expect.stringContaining('succeeded') });
});

test('two hosts at once have a message each, and cost one call each when they are short', async () => {
  const both = [planned, opened, intended('S1', 'node-1'), intended('S1', 'node-2')];
  const clock = startClock(RUN, BEGAN);
  await clock.pass(2 * SECOND, journal(steps, both));
  await clock.pass(SECOND, journal(steps, [...both, ...passed('S1', 'b', 'node-2'), ...passed('S1', 'a', 'node-1')]));
  expect(callsOfAttempt(clock, 'node-1').map(({ method }) => method)).toEqual(['post']);
  expect(callsOfAttempt(clock, 'node-2').map(({ method }) => method)).toEqual(['post']);
});

test('of two hosts at once the one that ends last is updated, in the order of the journal', async () => {
  const both = [planned, opened, intended('S1', 'node-1'), intended('S1', 'node-2')];
  const clock = startClock(RUN, BEGAN);
  await clock.pass(90 * SECOND, journal(steps, both));
  await clock.pass(10 * SECOND, journal(steps, [...both, ...passed('S1', 'b', 'node-2')]));
  const posts = clock.calls.filter(({ method }) => method === 'post').map(({ text }) => text.split(/[:.]/)[0]);
  expect(posts).toEqual([
    'Restart it · sample-prod',
    'Plan of Restart it · sample-prod',
    'S1 Replicate on node-1',
    'S1 Replicate on node-2',
  ]);
  expect(callsOfAttempt(clock, 'node-2').at(-1)?.text).toContain('succeeded');
  expect(callsOfAttempt(clock, 'node-1').at(-1)?.text).toContain('running for 1 min');
});

test('the plan is rewritten once, when its digest is known', async () => {
  const clock = startClock(RUN, BEGAN);
  await clock.pass(10 * SECOND, journal(steps, []));
  await clock.pass(10 * MINUTE, running);
  const calls = clock.calls.filter(({ text }) => text.startsWith('Plan of'));
  expect(calls.map(({ method }) => method)).toEqual(['post', 'update']);
  expect(calls[0]?.text).not.toContain('Digest');
  expect(calls[1]?.text).toContain(`Digest ${'d'.repeat(64)}`);
});

describe('against the sandbox Slack', () => {
  let office: Office;
  beforeEach(async () => {
    office = await startOffice();
  }, 30_000);
  afterEach(() => office.close());

  const reply = (): string => office.thread(RUN)[2]?.text ?? '';
  const shown = (): string => JSON.stringify(office.thread(RUN)[2]?.blocks);
  const begun: readonly RunEvent[] = [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, intended('S1')];

  test('a silent tool wakes its thread by itself', async () => {
    await office.begin(RUN, begun, Date.now() - 58_500);
    const outbox = await leading(office.outbox(), office);
    await office.slack.waitFor(() => reply().includes('running.'), { what: 'the first sight of it' });
    await office.slack.waitFor(() => reply().includes('running for 1 min.'), { what: 'the sign of life' });
    await outbox.close();
    expect(office.thread(RUN)).toHaveLength(3);
  });

  test('the next bot goes on in the same message with what was printed last', async () => {
    await office.begin(RUN, begun, Date.now() - 3 * HOUR);
    const first = await leading(office.outbox(), office);
    await office.slack.waitFor(() => reply().includes('running for 3 h'), { what: 'the attempt' });
    await office.show({ run: RUN, step: 'S1', host: 'main-1', attempt: 1, tail: 'half way', bytes: 8 });
    await first.close();
    const second = await leading(office.outbox(), office);
    await office.slack.waitFor(() => shown().includes('half way'), { what: 'the tail' });
    await office.append(RUN, passed('S1'));
    await office.slack.waitFor(() => reply().includes('succeeded'), { what: 'the end' });
    await second.settled(RUN);
    await second.close();
    expect(office.thread(RUN)).toHaveLength(3);
    expect(office.slack.callsOf('chat.postMessage')).toHaveLength(3);
  });
});
