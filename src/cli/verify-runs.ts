/** The runs of this installation, judged where they are kept. */
import type { ChainFault } from '../journal/chain.ts';
import { createJournal } from '../journal/journal.ts';
import { createRegister } from '../journal/register.ts';
import { judgeAll, judgeNamed } from '../verify/all.ts';
import type { Judged, Measure } from '../verify/run.ts';
import { withStore } from './store.ts';
import { registerLines, verifyLines, verifySummary } from './verify-text.ts';
import type { CliWorld } from './world.ts';

export type JudgedRuns = {
  readonly bad: number;
  readonly unknown: readonly string[];
  /** Register and list of runs. */
  readonly isWhole: boolean;
  /** For programs; without runs where they were said already. */
  readonly told: { readonly runs: readonly Judged[]; readonly unknown: readonly string[]; readonly register: readonly ChainFault[] };
};

/** Every run, or those that are named. */
export async function verifyRuns(world: CliWorld, runs: readonly string[], { json }: { readonly json: boolean }): Promise<JudgedRuns> {
  const kept: Judged[] = [];
  const unknown: string[] = [];
  let all = 0;
  let bad = 0;
  const take = (one: Judged): void => {
    all += 1;
    if (one.faults.length > 0) bad += 1;
    if (json) return void kept.push(one);
    for (const line of verifyLines(one)) (one.faults.length === 0 ? world.say : world.complain)(line);
  };
  const register = await withStore(world.env, async ({ config, redis, keyFor }) => {
    const key = keyFor('journal');
    const journal = createJournal<unknown>({ redis, decode: (event) => event, key });
    const measure: Measure = { key, record: config.record };
    if (runs.length === 0) for await (const one of judgeAll(journal, measure)) take(one);
    for (const run of runs) {
      const one = await judgeNamed(journal, run, measure);
      if (one !== undefined) take(one);
      else unknown.push(run);
    }
    return runs.length === 0 ? createRegister({ redis, key: keyFor('register') }).verify() : [];
  });
  if (!json) {
    for (const run of unknown)
      world.complain(`${run}  nobody knows this run. Check: its id, and that REDIS_URL is the Redis it was made on.`);
    for (const line of registerLines(register)) world.complain(line);
    world.say(verifySummary({ all, bad }));
  }
  return { bad, unknown, isWhole: register.length === 0, told: { runs: kept, unknown, register } };
}
