/** Whoever may approve is called once more: in time, once, and only where it helps. */
import type { Check, RunEvent } from '../../src/run/events.ts';
import { next } from '../../src/run/next.ts';
import { remindAt } from '../../src/run/reminder.ts';
import type { Approval } from '../../src/run/state.ts';
import { command, requested, state } from './samples.ts';

const step = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const opened: RunEvent[] = [
  { kind: 'planResolved', digest: 'd'.repeat(64) },
  { kind: 'stepOpened', step: 'A', hosts: ['main-1'] },
];
const bad: Check = { host: 'main-1', what: 'it is up', ok: false, seen: 'no' };

function approval(minutes: number, fields: Partial<Approval> = {}): Approval {
  const found = state([step], [...opened, requested('A', 'main-1')]).approvals.q1;
  if (found === undefined) throw new Error('the sample holds no request');
  return { ...found, askedAt: 0, expiresAt: minutes * 60_000, ...fields };
}

test.each<[string, Approval, number | undefined]>([
  ['a third of its time before it expires', approval(15), 10],
  ['at most ten minutes before', approval(720), 710],
  ['at least one minute before', approval(2), 1],
  ['never where it lives no longer than that', approval(1), undefined],
  ['once', approval(15, { reminded: true }), undefined],
  ['never of a gate, which the requester can press', approval(15, { needs: 'gate' }), undefined],
  ['never while nobody could approve it', approval(15, { checks: [bad] }), undefined],
])('they are reminded %s', (_title, asked, minutes) => {
  expect(remindAt(asked)).toBe(minutes === undefined ? undefined : minutes * 60_000);
});

test('the reminder is recorded when it is due, and then the end is waited for', () => {
  const events = [...opened, requested('A', 'main-1')];
  expect(next(state([step], events), 667_999)).toEqual({ kind: 'wait', until: 668_000 });
  expect(next(state([step], events), 668_000)).toEqual({ kind: 'record', events: [{ kind: 'approvalReminded', request: 'q1' }] });
  const reminded: RunEvent = { kind: 'approvalReminded', request: 'q1' };
  expect(next(state([step], [...events, reminded]), 700_000)).toEqual({ kind: 'wait', until: 1_000_000 });
});
