/** `keyturn verify`: reads journals as they lie in Redis and says of each run whether it is what was written, and whether it was allowed. */
import type { ChainFault } from '../journal/chain.ts';
import { createJournal } from '../journal/journal.ts';
import { createRegister } from '../journal/register.ts';
import { judgeAll, judgeNamed } from '../verify/all.ts';
import type { Judged } from '../verify/run.ts';
import { withStore } from './store.ts';
import { registerLines, verifyLines, verifySummary } from './verify-text.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type VerifyOptions = { readonly json: boolean };

/** Changes nothing; bot and workers may run meanwhile. Throws KeyturnError for a configuration or a Redis that cannot be used. */
export async function verify(world: CliWorld, runs: readonly string[], { json }: VerifyOptions): Promise<Exit> {
  const judged: Judged[] = [];
  const unknown: string[] = [];
  let register: readonly ChainFault[] = [];
  await withStore(world.env, async ({ redis, keyFor }) => {
    const key = keyFor('journal');
    const journal = createJournal<unknown>({ redis, decode: (event) => event, key });
    const take = (one: Judged): void => {
      judged.push({ ...one });
      if (!json) for (const line of verifyLines(one)) (one.faults.length === 0 ? world.say : world.complain)(line);
    };
    if (runs.length === 0) for await (const one of judgeAll(journal, { key })) take(one);
    for (const run of new Set(runs)) {
      const one = await judgeNamed(journal, run, { key });
      if (one !== undefined) take(one);
      else unknown.push(run);
    }
    if (runs.length === 0) register = await createRegister({ redis, key: keyFor('register') }).verify();
  });
  if (json) world.say(JSON.stringify({ runs: judged, unknown, register }));
  else {
    for (const run of unknown)
      world.complain(`${run}  nobody knows this run. Check: its id, and that REDIS_URL is the Redis it was made on.`);
    for (const line of registerLines(register)) world.complain(line);
    world.say(verifySummary(judged));
  }
  if (register.length > 0 || judged.some(({ faults }) => faults.length > 0)) return EXIT.found;
  return unknown.length > 0 ? EXIT.usage : EXIT.ok;
}
