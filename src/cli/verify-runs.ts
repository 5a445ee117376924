/** The runs of this installation, judged where they are kept. */
import type { ChainFault } from '../journal/chain.ts';
import { createJournal } from '../journal/journal.ts';
import { createRegister } from '../journal/register.ts';
import { createSigner } from '../signature.ts';
import { judgeAll, judgeNamed } from '../verify/all.ts';
import type { Judged, Look, Measure } from '../verify/run.ts';
import { type Store, withStore } from './store.ts';
import { slackLook } from './verify-slack.ts';
import { judgeList } from './verify-list.ts';
import { listLines, registerLines, verifyLines, verifySummary } from './verify-text.ts';
import type { CliWorld } from './world.ts';

/** `reposted`: what was done about messages that were missing. */
type RunTold = Judged & { readonly reposted?: readonly string[] };

export type JudgedRuns = {
  readonly bad: number;
  readonly unknown: readonly string[];
  /** Register and list of runs. */
  readonly isWhole: boolean;
  /** For programs; without runs where they were said already. */
  readonly told: {
    readonly runs: readonly RunTold[];
    readonly unknown: readonly string[];
    readonly register: readonly ChainFault[];
    readonly list: readonly ChainFault[];
  };
};

export type RunsOptions = {
  readonly json: boolean;
  /** Hold the threads in Slack against the journals. */
  readonly slack?: boolean;
  /** Post again what is missing there. */
  readonly repost?: boolean;
};

/** What is done about a run's faults; sentences of it. */
type Mend = (judged: Judged) => Promise<readonly string[]>;

/** Every run, or those that are named. */
export async function verifyRuns(world: CliWorld, runs: readonly string[], options: RunsOptions): Promise<JudgedRuns> {
  const { json } = options;
  const kept: RunTold[] = [];
  const unknown: string[] = [];
  let all = 0;
  let bad = 0;
  const take = async (one: Judged, mend: Mend): Promise<void> => {
    all += 1;
    if (one.faults.length > 0) bad += 1;
    if (!json) for (const line of verifyLines(one)) (one.faults.length === 0 ? world.say : world.complain)(line);
    const done = await mend(one);
    if (json) kept.push(options.repost === true ? { ...one, reposted: done } : one);
    else for (const line of done) world.say(`  ${line}`);
  };
  const { register, list } = await withStore(world.env, async (store) => {
    const { config, redis, keyFor } = store;
    const { looks, mend } = await slackOf(store, world, options);
    const judgedList = await judgeList(store);
    const key = keyFor('journal');
    const journal = createJournal<unknown>({ redis, decode: (event) => event, key });
    const measure: Measure = {
      key,
      record: config.record,
      publicKey: createSigner(keyFor('signature')).key,
      looks: [...looks, judgedList.look],
    };
    const seen = new Set<string>();
    if (runs.length === 0) {
      for await (const one of judgeAll(journal, measure)) {
        seen.add(one.run);
        await take(one, mend);
      }
      for (const one of await judgedList.vanished(seen)) await take(one, mend);
    }
    for (const run of runs) {
      const one = (await judgeNamed(journal, run, measure)) ?? (await judgedList.vanishedNamed(run));
      if (one !== undefined) await take(one, mend);
      else unknown.push(run);
    }
    if (runs.length > 0) return { register: [], list: [] };
    return { register: await createRegister({ redis, key: keyFor('register') }).verify(), list: judgedList.faults };
  });
  if (!json) {
    for (const run of unknown)
      world.complain(`${run}  nobody knows this run. Check: its id, and that REDIS_URL is the Redis it was made on.`);
    for (const line of [...registerLines(register), ...listLines(list)]) world.complain(line);
    world.say(verifySummary({ all, bad }));
  }
  return { bad, unknown, isWhole: register.length === 0 && list.length === 0, told: { runs: kept, unknown, register, list } };
}

/** Only the thread is mended, and only from a journal that is sound: what was forged must not be posted as the truth. */
async function slackOf(
  store: Store,
  world: CliWorld,
  options: RunsOptions,
): Promise<{ readonly looks: readonly Look[]; readonly mend: Mend }> {
  if (options.slack !== true) return { looks: [], mend: async () => [] };
  const { look, repost } = await slackLook(store, world.complain);
  const mend: Mend = async ({ run, faults }) => {
    const others = faults.filter(({ kind }) => !kind.startsWith('message'));
    if (options.repost !== true || faults.length === 0) return [];
    if (others.length > 0) return ['Nothing was posted again: the record itself is not sound.'];
    return repost(run);
  };
  return { looks: [look], mend };
}
