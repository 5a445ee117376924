import { type ChainFault, verifyChain } from '../journal/chain.ts';
import type { Inspected } from '../journal/journal.ts';

/** Whether the entries are those that were written. The one place where a journal that lies in Redis is held against its hashes. */
export function chainFaultsIn(run: string, { head, stored }: Inspected): readonly ChainFault[] {
  return verifyChain(run, stored, head);
}
