/** The runs of this installation, judged where they are kept. */
import { createJournal, type Head } from '../journal/journal.ts';
import { createSigner } from '../signature.ts';
import { judgeAll, judgeNamed } from '../verify/all.ts';
import { type Fault, NOTHING_FOUND, type Notice } from '../verify/fault.ts';
import { ownerlessOutputs } from '../verify/outputs.ts';
import type { Judged, Look, Measure } from '../verify/run.ts';
import { progressTo } from './progress.ts';
import { type Store, withStore } from './store.ts';
import { slackLook } from './verify-slack.ts';
import { judgeList } from './verify-list.ts';
import { unknownRun } from './unknown-run.ts';
import { listEnd, listLines, noticeLines, registerLines, verifyLines, verifySummary } from './verify-text.ts';
import { judgeRegister } from './verify-witness.ts';
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
    readonly register: readonly Fault[];
    readonly list: readonly Fault[];
    /** The last entry of the list; null where there is none, or where runs were named. */
    readonly listEnd: Head | null;
    /** About register and list. */
    readonly notices: readonly Notice[];
  };
};

export type RunsOptions = {
  readonly json: boolean;
  /** Hold the threads in Slack against the journals. */
  readonly slack?: boolean;
  /** Post again what is missing there. */
  readonly repost?: boolean;
  /** Where the list of runs ended at an earlier verification. */
  readonly seen?: Head | undefined;
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
  const progress = progressTo(world.complain);
  const take = async (one: Judged, mend: Mend): Promise<void> => {
    all += 1;
    progress(() => `${all} runs verified …`);
    if (one.faults.length > 0) bad += 1;
    if (!json) for (const line of verifyLines(one)) (one.faults.length === 0 ? world.say : world.complain)(line);
    const done = await mend(one);
    if (json) kept.push(options.repost === true ? { ...one, reposted: done } : one);
    else for (const line of done) world.say(`  ${line}`);
  };
  const { register, list, ownerless } = await withStore(world.env, async (store) => {
    const { config, redis, keyFor } = store;
    const { looks, mend } = await slackOf(store, world, options);
    const key = keyFor('journal');
    const journal = createJournal<unknown>({ redis, decode: (event) => event, key });
    const judgedList = await judgeList(store, journal, options.seen);
    const measure: Measure = {
      key,
      record: config.record,
      publicKey: createSigner(keyFor('signature')).key,
      looks: [...looks, judgedList.look],
    };
    const named = async (run: string): Promise<Judged | undefined> =>
      (await judgeNamed(journal, run, measure)) ?? (await judgedList.vanished(run));
    for (const run of runs) {
      const one = await named(run);
      if (one !== undefined) await take(one, mend);
      else unknown.push(run);
    }
    if (runs.length > 0) return { register: NOTHING_FOUND, list: { ...NOTHING_FOUND, end: undefined }, ownerless: [] };
    const seen = new Set<string>();
    for await (const one of judgeAll(journal, measure)) {
      seen.add(one.run);
      await take(one, mend);
    }
    for (const run of judgedList.unseen(seen)) {
      const one = await named(run);
      if (one !== undefined) await take(one, mend);
    }
    const isKnown = async (run: string) => seen.has(run) || (await named(run)) !== undefined;
    const ownerless = await ownerlessOutputs(config.record, isKnown);
    return { register: await judgeRegister(store), list: judgedList, ownerless };
  });
  const notices = [...register.notices, ...(all === 0 ? [] : list.notices), ...ownerless];
  if (!json) {
    for (const run of unknown) world.complain(unknownRun(run));
    for (const line of [...registerLines(register.faults), ...listLines(list.faults)]) world.complain(line);
    for (const line of [verifySummary({ all, bad }), ...listEnd(list.end), ...noticeLines(notices)]) world.say(line);
  }
  const isWhole = register.faults.length === 0 && list.faults.length === 0;
  return {
    bad,
    unknown,
    isWhole,
    told: { runs: kept, unknown, register: register.faults, list: list.faults, listEnd: list.end ?? null, notices },
  };
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
