/** A run as its thread shows it, from its journal; of one that is over with its signed end. */
import type { Head, Journal } from '../../journal/journal.ts';
import type { RunEvent } from '../../run/events.ts';
import { fold } from '../../run/evolve.ts';
import type { RunState } from '../../run/state.ts';
import { headStatement, type SignedHead, type Signer } from '../../signature.ts';
import type { RunReader } from './ports.ts';

export function createReadRun(journal: Pick<Journal<RunEvent>, 'read'>, signer: Signer): RunReader['readRun'] {
  return async (run) => {
    const recorded = await journal.read(run);
    const state = fold(run, recorded);
    const end = endOf(state, recorded.at(-1), signer);
    return { state, recorded, ...(end === undefined ? {} : { end }) };
  };
}

/** Undefined while the run is on. `last`: its last event. The same journal is always signed alike. */
export function endOf({ run, ended }: Pick<RunState, 'run' | 'ended'>, last: Head | undefined, signer: Signer): SignedHead | undefined {
  if (ended === undefined || last === undefined) return undefined;
  const { seq, hash } = last;
  return { seq, hash, signature: signer.sign(headStatement(run, { seq, hash })) };
}
