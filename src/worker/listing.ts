/**
 * Has the list of runs say what the journals say: that a run began before anything is done for it, how it ended before its closing message is posted.
 *
 * The journal is the truth. Whoever creates, drives, shows or sweeps a run makes up for what somebody else died before noting; a list that was tampered
 * with is told (`RUNS_FORGED`) and keeps no run from going on.
 */
import { KeyturnError } from '../errors.ts';
import type { Journal, Stored } from '../journal/journal.ts';
import type { Runs } from '../journal/runs.ts';
import type { RunEvent } from '../run/events.ts';

export type Listing = {
  /** What these entries, from the first one on, say of a run. Throws where Redis does not answer. */
  readonly note: (run: string, stored: readonly Stored<RunEvent>[]) => Promise<void>;
  /** Reads the journal unless this process has noted as much of the run before. Throws as reading a journal does, and where Redis does not answer. */
  readonly ensure: (run: string, upTo: 'began' | 'ended') => Promise<void>;
};

/** Where there is no list: a rehearsal. */
export const NO_LISTING: Listing = { note: async () => undefined, ensure: async () => undefined };

/** Runs remembered; the one that was noted first goes first. */
const MOST = 10_000;

export type ListingParts = {
  readonly journal: Pick<Journal<RunEvent>, 'read'>;
  readonly runs: Pick<Runs, 'note'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export function createListing({ journal, runs, now }: ListingParts): Listing {
  const known = new Map<string, 'began' | 'ended'>();

  async function note(run: string, stored: readonly Stored<RunEvent>[]): Promise<void> {
    const first = stored[0];
    const last = stored.at(-1);
    if (first?.event.kind !== 'runRequested' || last === undefined) return;
    const { procedure, cluster, requester } = first.event;
    try {
      const named = { run, procedure: procedure.name, cluster: cluster.name, requester: requester.user };
      if (!known.has(run)) await runs.note({ kind: 'runBegan', ...named, first: first.hash }, { at: now() });
      if (last.event.kind === 'runEnded') {
        const { outcome } = last.event;
        await runs.note({ kind: 'runEnded', run, outcome, seq: last.seq, hash: last.hash }, { at: now() });
      }
    } catch (error) {
      if (error instanceof KeyturnError && error.code === 'RUNS_FORGED') return;
      throw error;
    }
    known.set(run, last.event.kind === 'runEnded' ? 'ended' : 'began');
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  }

  return {
    note,
    async ensure(run, upTo) {
      const done = known.get(run);
      if (done === 'ended' || done === upTo) return;
      await note(run, await journal.read(run));
    },
  };
}
