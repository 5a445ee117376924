/** A step on several hosts at once whose roles move: what runs on one of them is not lost sight of, and does not run a second time beside itself. */
import { violationsIn } from '../../src/run/invariants.ts';
import type { RunState } from '../../src/run/state.ts';
import { begun, steps } from './doings.ts';
import { cluster, dana, member, sam } from './samples.ts';
import { type Luck, type Play, play, RUN } from './world.ts';

const good: Luck = { probe: 'node-1', command: 'good', cancel: 'fenced' };
/** It goes on running wherever it began, and the leader is another by now. */
const moved: Luck = { ...good, command: 'unreachable', probe: 'node-2' };

let game: Play;
/** H runs on node-1; before it started on node-2 the leader had moved. */
beforeEach(async () => {
  game = play(
    begun(
      cluster,
      steps.filter(({ id }) => id === 'A' || id === 'H'),
    ),
  );
  await until(good, (state) => Object.values(state.approvals).length > 0);
  approveNewest();
  await until({ ...good, command: 'unreachable' }, (state) => state.intended.H !== undefined);
  await until(moved, (state) => state.trouble !== undefined);
  expect(game.state().trouble).toMatchObject({ step: 'H', host: 'node-2', what: { kind: 'rolesChanged' } });
});
afterEach(() => expect(violationsIn(RUN, game.events())).toEqual([]));

async function until(luck: Luck, seen: (state: RunState) => boolean): Promise<void> {
  for (let acts = 0; acts < 30 && !seen(game.state()); acts += 1) {
    await game.work(luck, []);
    game.wait(1_000);
  }
  expect(seen(game.state())).toBe(true);
}

function approveNewest(): void {
  const newest = Object.values(game.state().approvals).at(-1);
  if (newest === undefined) throw new Error('nothing is asked');
  const { request, digest } = newest;
  game.wish({ intent: { kind: 'approve', request, digest }, standing: member(sam) });
}

function settle(host: string, choice: 'askAgain' | 'lookAgain'): string {
  const { trouble, further } = game.state();
  const found = [trouble, ...further].find((each) => each?.host === host);
  return game.wish({ intent: { kind: 'settle', trouble: found?.trouble ?? '', choice, reason: '' }, standing: member(dana) }).told;
}

test('it is not asked for anew while it runs elsewhere', async () => {
  const before = game.events().length;
  expect(settle('node-2', 'askAgain')).toMatch(/^H still runs on node-1 .* ask again when that is over/);
  expect(game.events()).toHaveLength(before);
  await until(good, (state) => state.steps.H?.kind === 'open' && state.steps.H.hosts['node-1']?.kind === 'passed');
  expect(settle('node-2', 'askAgain')).toMatch(/^Noted/);
  expect(game.state().steps.H).toEqual({ kind: 'pending' });
});

test('an end that nobody saw elsewhere is settled first', async () => {
  await until({ ...good, command: 'lost' }, ({ further }) => further.length > 0);
  expect(settle('node-2', 'askAgain')).toMatch(/^H is in trouble on node-1 too: settle that first/);
  expect(settle('node-1', 'lookAgain')).toMatch(/^Noted/);
  expect(settle('node-2', 'askAgain')).toMatch(/^H still runs on node-1/);
});
