/** What the list of runs tells the history of deletions. */
import { KeyturnError } from '../../src/errors.ts';
import { createDeleted } from '../../src/history/beside.ts';
import { runsForged } from '../../src/journal/lost.ts';
import type { RunsEntry } from '../../src/journal/runs.ts';

const event = (seq: number): RunsEntry['event'] =>
  seq % 2 === 0
    ? { kind: 'runExpunged', run: `run${seq}`, file: '', why: 'old' }
    : { kind: 'runArchived', run: `run${seq}`, file: '', sha256: '' };
const entry = (seq: number): RunsEntry => ({ seq, id: `${seq}`, at: 0, event: event(seq), hash: '' });

function list() {
  const state = { end: 4, asked: [] as number[], fails: undefined as Error | undefined };
  const deleted = createDeleted({
    head: async () => ({ seq: state.end, hash: '' }),
    read: async ({ from = 1, limit = 100 } = {}) => {
      state.asked.push(from);
      if (state.fails !== undefined) throw state.fails;
      return Array.from({ length: Math.min(limit, state.end - from + 1) }, (_, at) => entry(from + at));
    },
  });
  return { state, deleted };
}

test('each deletion is told once, those of before never', async () => {
  const { state, deleted } = list();
  expect(await deleted()).toEqual([]);
  expect(await deleted()).toEqual([]);
  expect(state.asked).toEqual([]);
  state.end = 8;
  expect([await deleted(), await deleted()]).toEqual([['run6', 'run8'], []]);
  state.end = 1_300;
  expect((await deleted()).length).toBe(646);
  expect(state.asked).toEqual([5, 9, 509, 1_009]);
});

test('while Redis is away nothing is passed over', async () => {
  const { state, deleted } = list();
  await deleted();
  state.end = 6;
  state.fails = new KeyturnError('REDIS_UNREACHABLE', 'away', 'it');
  await expect(deleted()).rejects.toThrow('away');
  state.fails = undefined;
  expect(await deleted()).toEqual(['run6']);
});

test('a damaged list holds nothing up', async () => {
  const { state, deleted } = list();
  await deleted();
  state.end = 6;
  state.fails = runsForged('Entry 5 is not.');
  expect(await deleted()).toEqual([]);
});
