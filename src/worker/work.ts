/**
 * Carries nudges to drives and drives' wishes back to the queue.
 *
 * W1 One process at a time drives a run, as far as heartbeats can tell; when they cannot, the journal and the hosts' claims still settle it.
 * W2 A wish to go on later becomes a delayed job whose name holds its time slot, so that two wishes for the same time are one job.
 * W3 A run whose journal is damaged stands still: its nudge comes to nothing. The sweeper looks whether it is whole again, and other runs go on.
 */
import type { Journal } from '../journal/journal.ts';
import { isDamage } from '../journal/lost.ts';
import type { Leases } from '../journal/leases.ts';
import type { Nudges } from '../queue/nudges.ts';
import type { Due } from '../queue/sweeper.ts';
import type { RunEvent } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import type { Decision } from '../run/decision.ts';
import { next } from '../run/next.ts';
import type { Driver } from './drive.ts';
import type { Move } from './hands.ts';
import { pauseOf, watchKey } from './watch-times.ts';

/** A process that stopped is noticed after this long. */
const BEAT_MS = 2_500;
const BEAT_EVERY_MS = 800;
/** When another process drives the run, look again after this long. */
const YIELD_MS = 1_000;

export type Work = {
  readonly driver: Driver;
  readonly leases: Pick<Leases, 'beat' | 'rest'>;
  readonly nudges: Pick<Nudges, 'nudge'>;
  /** Unique to this process. */
  readonly owner: string;
  readonly now: () => number;
};

/** The handler of a nudge. */
export function createHandler(work: Work): (run: string, signal: AbortSignal) => Promise<void> {
  return async (run, signal) => {
    if (!(await work.leases.beat(run, work.owner, BEAT_MS))) return arm(work, run, { kind: 'later', ms: YIELD_MS, key: 'yield' });
    const beating = setInterval(() => void work.leases.beat(run, work.owner, BEAT_MS).catch(() => undefined), BEAT_EVERY_MS);
    try {
      await arm(work, run, await work.driver.drive(run, signal));
    } catch (error) {
      if (!isDamage(error)) throw error;
    } finally {
      clearInterval(beating);
      await work.leases.rest(run, work.owner);
    }
  };
}

async function arm(work: Work, run: string, move: Move): Promise<void> {
  if (move.kind === 'rest') return;
  if (move.kind === 'again') return work.nudges.nudge(run, `again-${work.now()}`);
  if (move.ms === 0) return work.nudges.nudge(run, `${move.key}-${work.now()}`);
  const slot = slotOf(move.ms, work.now());
  await work.nudges.nudge(run, `${move.key}-${slot.name}`, { delayMs: slot.at - work.now() });
}

/** The next moment on a grid of `ms` that is at least half a grid away: everybody who wants to look again about then means the same job. */
function slotOf(ms: number, now: number): { readonly name: number; readonly at: number } {
  const name = Math.ceil((now + ms / 2) / ms);
  return { name, at: name * ms };
}

/**
 * When the sweeper is to nudge a run, from its journal alone. A run that waits for people is read once and then only looked at by its head:
 * thousands of them may wait for days.
 */
export function createDue(journal: Journal<RunEvent>, isPending: Nudges['isPending'], now: () => number): (run: string) => Promise<Due> {
  const resting = new Map<string, { readonly seq: number; readonly due: Due }>();

  async function look(run: string): Promise<Due> {
    const head = await journal.head(run);
    const known = resting.get(run);
    if (known !== undefined && known.seq === head?.seq && !isPast(known.due, now())) return known.due;
    const state = fold(run, await journal.read(run));
    const decision = next(state, now());
    const due = restOf(decision);
    if (due === undefined) resting.delete(run);
    else resting.set(run, { seq: state.seq, due });
    return due ?? ((await isAwaited(run, decision, isPending, now())) ? 'nothing' : 'now');
  }

  return (run) =>
    look(run).catch((error: unknown): Due => {
      if (!isDamage(error)) throw error;
      return 'nothing';
    });
}

/** A run that is held, or may be, names the next minute again and again. */
function isPast(due: Due, now: number): boolean {
  return typeof due === 'object' && due.at <= now;
}

/** What holds until the journal grows; undefined where there is work. */
function restOf(decision: Decision): Due | undefined {
  if (decision.kind === 'over') return 'nothing';
  if (decision.kind !== 'wait') return undefined;
  return decision.until === undefined ? 'nothing' : { at: decision.until };
}

/** A poll that is due soon has its job already; of several hosts' polls each must have one. */
async function isAwaited(run: string, decision: Decision, isPending: Nudges['isPending'], now: number): Promise<boolean> {
  if (decision.kind === 'together') {
    const awaited = await Promise.all(decision.decisions.map((each) => isAwaited(run, each, isPending, now)));
    return awaited.every((each) => each);
  }
  if (decision.kind !== 'watch' || decision.step.until === undefined) return false;
  const key = watchKey(decision.step.id, decision.start);
  const pause = pauseOf(decision.step.until, now - decision.since);
  // The job may have been made when the pauses were still half as long.
  const slots = [pause, pause / 2].flatMap((ms) => [Math.ceil(now / ms), Math.ceil(now / ms) + 1].map((slot) => `${key}-${slot}`));
  const pending = await Promise.all(slots.map((name) => isPending(run, name)));
  return pending.includes(true);
}
