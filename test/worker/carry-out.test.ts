/** Which attempts may still begin when a worker comes back to them. */
import type { CommandStep } from '../../src/procedure/model.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { command, dana, journal, member, sam } from '../run/samples.ts';
import { type Luck, type Play, play } from '../run/world.ts';

const unsafe: CommandStep['safety'] = { kind: 'unsafe', why: 'it stops things' };
const silent: Luck = { probe: 'silent', command: 'unreachable', cancel: 'refused' };
const lost: Luck = { ...silent, command: 'lost' };

function begun(safety: CommandStep['safety']): Play {
  const [first] = journal([command('A', { safety, timeoutSeconds: 60 })], []);
  if (first === undefined) throw new Error('the sample is empty');
  return play(first.event);
}

/** Up to the moment when the intent is written and the host was asked for the first time. */
async function untilIntended(run: Play, luck: Luck): Promise<void> {
  const isIntended = (): boolean => run.events().some(({ event }) => event.kind === 'attemptIntended');
  for (let turns = 0; turns < 10 && !isIntended(); turns += 1) {
    await run.work(luck, []);
    const open = run.events().flatMap(({ event }) => (event.kind === 'approvalRequested' ? [event] : []));
    const [asked] = open;
    if (asked !== undefined) run.wish({ intent: { kind: 'approve', request: asked.request, digest: asked.digest }, standing: member(sam) });
  }
  expect(isIntended()).toBe(true);
}

function lookAgain(run: Play): void {
  const trouble: RunEvent | undefined = run.events().findLast(({ event }) => event.kind === 'troubleRaised')?.event;
  if (trouble?.kind !== 'troubleRaised') throw new Error('no trouble');
  run.wish({ intent: { kind: 'settle', trouble: trouble.trouble, choice: 'lookAgain', reason: '' }, standing: member(dana) });
}

test('looking again never begins what needs an approval', async () => {
  const run = begun(unsafe);
  await untilIntended(run, lost);
  lookAgain(run);
  await run.work(silent, []);
  expect(run.mayBegin).toEqual([true, false]);
});

test('an intent as old as a yes may get begins nothing', async () => {
  const run = begun(unsafe);
  await untilIntended(run, silent);
  await run.work(silent, []);
  run.wait(601_000);
  await run.work(silent, []);
  expect(run.mayBegin).toEqual([true, true, false]);
});

test('what needs nobody may begin late', async () => {
  const run = begun({ kind: 'safe' });
  await untilIntended(run, silent);
  run.wait(601_000);
  await run.work(silent, []);
  expect(run.mayBegin).toEqual([true, true]);
});

const copied = command('A', { copy: { from: { kind: 'bot' }, path: '"small"', to: '"/opt/small"' }, timeoutSeconds: 60 });
const intended: readonly RunEvent[] = [
  { kind: 'stepOpened', step: 'A', hosts: ['main-1'] },
  { kind: 'attemptIntended', step: 'A', host: 'main-1', attempt: 1, digest: 'd' },
];

function copying(): Play {
  const [first, ...more] = journal([copied], intended);
  if (first === undefined) throw new Error('the sample is empty');
  return play(first.event, ...more.map(({ event }) => event));
}

test('a copy that has begun is followed, and nothing is sent in its place', async () => {
  const run = copying();
  await run.work(lost, []);
  expect(run.mayBegin).toEqual([false]);
});

test('a copy whose host is gone for good has an end too', async () => {
  const run = copying();
  await run.work(silent, []);
  expect(run.state().trouble).toBeUndefined();
  run.wait(181_000);
  await run.work(silent, []);
  expect(run.state().trouble?.what.kind).toBe('unknown');
});

const nodes = { kind: 'all', role: 'node' } as const;
const speaking = command('B', {
  on: nodes,
  safety: unsafe,
  env: { FROM: "captured.seen['node-1']" },
  capture: { seen: { value: 'stdout' } },
});

/** Both hosts are intended, neither has heard of it; `further` came in between. */
async function bothIntended(...further: readonly RunEvent[]): Promise<Play> {
  const before: readonly RunEvent[] = [
    { kind: 'stepOpened', step: 'A', hosts: ['node-1', 'node-2'] },
    { kind: 'valuesCaptured', step: 'A', host: 'node-1', values: { seen: 'a good word' } },
    { kind: 'hostPassed', step: 'A', host: 'node-1', attempt: 1, seen: 'ok' },
    { kind: 'hostPassed', step: 'A', host: 'node-2', attempt: 1, seen: 'ok' },
  ];
  const [first, ...more] = journal(
    [command('A', { on: { kind: 'each', role: 'node' }, capture: { seen: { value: 'stdout' } } }), speaking],
    before,
  );
  if (first === undefined) throw new Error('the sample is empty');
  const run = play(first.event, ...more.map(({ event }) => event));
  await untilIntended(run, silent);
  await run.work(silent, []);
  expect(run.events().filter(({ event }) => event.kind === 'attemptIntended')).toHaveLength(2);
  const [, ...since] = run.events().map(({ event }) => event);
  return play(first.event, ...since, ...further);
}

const passed: RunEvent = { kind: 'hostPassed', step: 'B', host: 'node-1', attempt: 1, seen: 'ok' };

test('what another host captured meanwhile begins nothing that was not approved', async () => {
  const run = await bothIntended({ kind: 'valuesCaptured', step: 'B', host: 'node-1', values: { seen: 'an evil word' } }, passed);
  await run.work(silent, []);
  expect(run.mayBegin).toEqual([false]);
});

test('what is still as it was intended may begin when it is followed', async () => {
  const run = await bothIntended({ kind: 'valuesCaptured', step: 'B', host: 'node-1', values: { seen: 'a good word' } }, passed);
  await run.work(silent, []);
  expect(run.mayBegin).toEqual([true]);
});
