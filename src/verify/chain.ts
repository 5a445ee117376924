import { type ChainFault, verifyJournal } from '../journal/chain.ts';
import type { Inspected } from '../journal/journal.ts';

/**
 * Whether the entries are those that this installation has written. The one place where a journal that lies in Redis is held against its hashes and
 * seals. `key`: that of the journals.
 */
export function chainFaultsIn(run: string, inspected: Inspected, key: Buffer): readonly ChainFault[] {
  return verifyJournal(run, inspected, key);
}
