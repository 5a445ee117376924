/** How a step went when it was last tried, as whoever approves it is told. */
import type { RunEvent, Trouble } from '../../src/run/events.ts';
import { createLastSteps, lastOf, lastStepWords } from '../../src/worker/last-step.ts';
import { command, journal } from '../run/samples.ts';

const intended = (host: string, attempt = 1): RunEvent => ({ kind: 'attemptIntended', step: 'A', host, attempt, digest: 'd' });
const passed = (host: string): RunEvent => ({ kind: 'hostPassed', step: 'A', host, attempt: 1, seen: 'ok' });
const raised = (host: string, what: Trouble): RunEvent => ({
  kind: 'troubleRaised',
  trouble: 't1',
  step: 'A',
  host,
  attempt: 1,
  what,
  choices: ['abort'],
});

function last(events: readonly RunEvent[]): string | undefined {
  const found = lastOf('run1', journal([command('A')], events), 'restart', 'sample-prod', 'A');
  return found === undefined ? undefined : lastStepWords(found);
}

test.each<[string, RunEvent[], string | undefined]>([
  ['a step that was never begun', [], undefined],
  ['one that passed', [intended('a'), passed('a')], 'last time: succeeded in 1 s (run1, 1970-01-01 00:00 UTC)'],
  [
    'one that failed',
    [intended('a'), raised('a', { kind: 'failed', why: 'x' })],
    'last time: failed after 1 s (run1, 1970-01-01 00:00 UTC)',
  ],
  [
    'one that passed on the second try',
    [intended('a'), raised('a', { kind: 'failed', why: 'x' }), intended('a', 2), passed('a')],
    'last time: succeeded in 3 s (run1, 1970-01-01 00:00 UTC)',
  ],
  [
    'one that passed on one host of two',
    [intended('a'), passed('a'), intended('b'), raised('b', { kind: 'checkFailed', why: 'x' })],
    'last time: check failed after 3 s (run1, 1970-01-01 00:00 UTC)',
  ],
  [
    'one whose end nobody saw',
    [intended('a'), raised('a', { kind: 'unknown', why: 'x' })],
    'last time: end unknown after 1 s (run1, 1970-01-01 00:00 UTC)',
  ],
  ['one that was cut off', [intended('a')], 'last time: end not recorded after 1 s (run1, 1970-01-01 00:00 UTC)'],
])('%s is told as it was', (_title, events, words) => {
  expect(last(events)).toBe(words);
});

test('the newest run that tried the step counts, and a damaged one is passed by', async () => {
  const journals = new Map([
    ['run2', journal([command('A')], [])],
    ['run1', journal([command('A')], [intended('a'), passed('a')])],
  ]);
  const find = createLastSteps({
    finishedRuns: async () => ['run3', 'run2', 'run1'].map((run) => ({ run, at: 0 })),
    read: async (run) => {
      const recorded = journals.get(run);
      if (recorded === undefined) throw new Error('damaged');
      return recorded.map((each) => ({ ...each, id: '', prev: '', hash: '' }));
    },
  });
  expect((await find('restart', 'sample-prod', ['A'])).get('A')).toMatchObject({ run: 'run1', result: 'succeeded' });
  expect(await find('restart', 'other', ['A'])).toEqual(new Map());
});

test('several steps read each journal once', async () => {
  const read: string[] = [];
  const find = createLastSteps({
    finishedRuns: async () => ['run3', 'run2', 'run1'].map((run) => ({ run, at: 0 })),
    read: async (run) => {
      read.push(run);
      const step = run === 'run3' ? 'A' : 'B';
      const events = [intended('a'), passed('a')].map((event) => ({ ...event, step }) as RunEvent);
      return journal([command('A'), command('B')], events).map((each) => ({ ...each, id: '', prev: '', hash: '' }));
    },
  });
  const found = await find('restart', 'sample-prod', ['A', 'B']);
  expect([found.get('A')?.run, found.get('B')?.run]).toEqual(['run3', 'run2']);
  expect(read).toEqual(['run3', 'run2']);
});
