/** What a step requires: nobody approves while it is not so, and whoever may settle has it looked at again. */
import type { Check, RunEvent } from '../../src/run/events.ts';
import { whyNotReady, whereLooked } from '../../src/run/checks.ts';
import type { Decided } from '../../src/run/decided.ts';
import { decide } from '../../src/run/intents.ts';
import { next } from '../../src/run/next.ts';
import { subjectOf } from '../../src/run/subject.ts';
import { alex, command, dana, member, requested, sam, state } from './samples.ts';

const requires = [{ run: 'look', read: 'text' as const, expect: 'status == 0', says: 'it is up' }];
const step = command('A', { safety: { kind: 'unsafe', why: 'it stops things' }, requires });
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['main-1'] };
const good: Check = { host: 'main-1', what: 'it is up', ok: true, seen: 'exit status 0' };
const bad: Check = { ...good, ok: false, seen: 'exit status 3' };
const planned: RunEvent = { kind: 'planResolved', digest: 'd'.repeat(64) };

function asked(checks: Check[]): readonly RunEvent[] {
  const request = requested('A', 'main-1');
  return [planned, opened, request.kind === 'approvalRequested' ? { ...request, checks } : request];
}

function short(decided: Decided): string {
  return decided.kind === 'moot' ? 'moot' : `${decided.kind} ${decided.events.map((event) => event.kind).join('+')}`;
}

const approve = { kind: 'approve', request: 'q1', digest: 'd1' } as const;
const again = { kind: 'checkAgain', request: 'q1' } as const;

test.each([
  ['a second person approves what is ready', [good], approve, member(sam), 'taken approvalGiven'],
  ['nobody approves while one check is not ok', [good, bad], approve, member(sam), 'refused refused'],
  ['the requester is refused for who he is', [bad], approve, member(dana), 'refused refused'],
  ['the requester may have it checked again', [bad], again, member(dana), 'taken approvalVoided'],
  ['somebody without rights may not', [bad], again, member(alex), 'refused refused'],
  ['what is ready is not checked again', [good], again, member(dana), 'moot'],
  ['where nothing is required there is nothing to check', [], again, member(dana), 'moot'],
] as const)('%s', (_title, checks, intent, standing, expected) => {
  expect(short(decide(state([step], asked([...checks])), intent, standing, 5_000))).toBe(expected);
});

test('whoever is refused reads what is not so, and what to do', () => {
  const decided = decide(state([step], asked([good, bad])), approve, member(sam), 5_000);
  expect(decided.told).toBe(
    'What must be so beforehand is not: it is up: not so on main-1 (exit status 3). Put it right, then press Check Again.',
  );
});

test('checked again, the step is asked for anew', () => {
  const now = state([step], [...asked([bad]), { kind: 'approvalVoided', request: 'q1', why: 'it is checked again' }]);
  expect(next(now, 10_000)).toMatchObject({ kind: 'ask', starts: [{ host: 'main-1', attempt: 1 }] });
});

test('a request that nobody could approve says so when it expires', () => {
  const decision = next(state([step], asked([bad])), 1_000_000);
  expect(decision.kind === 'record' && decision.events[1]).toMatchObject({
    what: {
      kind: 'expired',
      why: 'nobody could approve it, and nobody put it right within 10 min: it is up: not so on main-1 (exit status 3)',
    },
  });
});

test('what is required is part of what is approved', () => {
  expect(subjectOf([step], [], {}).requires).toEqual(['it is up: look → status == 0']);
  expect(subjectOf([command('A')], [], {})).not.toHaveProperty('requires');
});

const [requirement] = requires;

test.each([
  ['the own hosts where nothing is said', undefined, { kind: 'hosts', each: true, hosts: [expect.objectContaining({ name: 'main-1' })] }],
  ['each host of a role', { kind: 'each', role: 'node' }, { kind: 'hosts', each: true }],
  ['the first of a role that answers', { kind: 'any', role: 'node' }, { kind: 'hosts', each: false }],
  ['nobody, which is fine for each', { kind: 'each', role: 'ghost' }, { kind: 'nobody', ok: true }],
  ['nobody, which is not ok for one', { kind: 'one', role: 'ghost' }, { kind: 'nobody', ok: false }],
  ['several where one was meant, which is not ok', { kind: 'one', role: 'node' }, { kind: 'nobody', ok: false }],
] as const)('it is looked at on %s', (_title, on, where) => {
  const now = state([step], []);
  const own = now.cluster.hosts.filter(({ name }) => name === 'main-1');
  if (requirement === undefined) throw new Error('the sample requires nothing');
  expect(whereLooked(now, { ...requirement, ...(on === undefined ? {} : { on }) }, own)).toMatchObject(where);
});

test('what is so is no reason', () => {
  expect([whyNotReady([]), whyNotReady([good])]).toEqual([undefined, undefined]);
});
