/** A run as its thread shows it, from its journal; of one that is over with its signed end. */
import type { Journal, Stored } from '../../journal/journal.ts';
import type { RunEvent } from '../../run/events.ts';
import { fold } from '../../run/evolve.ts';
import { headStatement, type SignedHead, type Signer } from '../../signature.ts';
import type { RunReader } from './ports.ts';

export function createReadRun(journal: Pick<Journal<RunEvent>, 'read'>, signer: Signer): RunReader['readRun'] {
  return async (run) => {
    const recorded = await journal.read(run);
    const end = endOf(run, recorded, signer);
    return { state: fold(run, recorded), recorded, ...(end === undefined ? {} : { end }) };
  };
}

/** Undefined while the run is on. The same journal is always signed alike. */
export function endOf(run: string, recorded: readonly Stored<RunEvent>[], signer: Signer): SignedHead | undefined {
  const last = recorded.at(-1);
  if (last?.event.kind !== 'runEnded') return undefined;
  const { seq, hash } = last;
  return { seq, hash, signature: signer.sign(headStatement(run, { seq, hash })) };
}
