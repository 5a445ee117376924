/** What people decide about one host while the step still runs on another, or may: nothing that runs is forgotten. */
import type { RunEvent } from '../../src/run/events.ts';
import { evolve } from '../../src/run/evolve.ts';
import { decide } from '../../src/run/intents.ts';
import { next } from '../../src/run/next.ts';
import type { RunState } from '../../src/run/state.ts';
import { command, dana, member, state } from './samples.ts';

const step = command('B', { on: { kind: 'all', role: 'node' }, safety: { kind: 'unsafe', why: 'it stops things' }, recheck: ['main'] });
const begun: readonly RunEvent[] = [
  { kind: 'stepOpened', step: 'B', hosts: ['node-1', 'node-2'] },
  { kind: 'attemptIntended', step: 'B', host: 'node-1', attempt: 1, digest: 'd' },
];
const passed: RunEvent = { kind: 'hostPassed', step: 'B', host: 'node-1', attempt: 1, seen: 'ok' };
const lost: RunEvent = {
  kind: 'troubleRaised',
  trouble: 't8-node-1',
  step: 'B',
  host: 'node-1',
  attempt: 1,
  what: { kind: 'unknown', why: 'the connection broke' },
  choices: ['lookAgain', 'settleDone', 'settleFailed', 'abort'],
};
const unheard: RunEvent = {
  kind: 'attemptEnded',
  step: 'B',
  host: 'node-1',
  attempt: 1,
  outcome: { kind: 'lost', why: 'the connection broke' },
};
const other = { kind: 'troubleRaised', trouble: 't9-node-2', step: 'B', host: 'node-2', attempt: 1 } as const;
const moved: RunEvent = {
  ...other,
  what: { kind: 'rolesChanged', why: 'main moved', roles: { main: 'main-1' } },
  choices: ['askAgain', 'lookAgain', 'abort'],
};
const failed: RunEvent = { ...other, what: { kind: 'failed', why: 'status 1' }, choices: ['retry', 'abort'] };

function settled(
  events: readonly RunEvent[],
  choice: 'askAgain' | 'abort',
): { readonly kinds: readonly string[]; readonly after: RunState } {
  const before = state([step], events);
  const decided = decide(before, { kind: 'settle', trouble: 't9-node-2', choice, reason: '' }, member(dana), 20_000);
  if (decided.kind === 'moot') return { kinds: [], after: before };
  const recorded = decided.events.map((event, index) => ({
    seq: before.seq + 1 + index,
    at: 20_000,
    actor: { kind: 'keyturn' } as const,
    event,
  }));
  return { kinds: decided.events.map(({ kind }) => kind), after: recorded.reduce(evolve, before) };
}

test.each<[string, readonly RunEvent[], readonly string[]]>([
  ['runs there', [...begun, moved], []],
  ['may run there', [...begun, moved, lost], []],
  ['was lost there, without a verdict yet', [...begun, moved, unheard], []],
  ['is over there', [...begun, passed, moved], ['troubleSettled']],
])('the new roles are taken or not while the step %s', (_title, events, kinds) => {
  expect(settled(events, 'askAgain').kinds).toEqual(kinds);
});

test('what may still run on another host is ended before an abort', () => {
  const { kinds, after } = settled([...begun, lost, failed], 'abort');
  expect(kinds).toEqual(['troubleSettled', 'cancelRequested']);
  expect(next(after, 21_000)).toMatchObject({ kind: 'endAttempt', start: { host: 'node-1', attempt: 1 } });
});
