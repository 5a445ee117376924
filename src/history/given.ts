/** What somebody gave, as a second person, in a run that was found. */
import { isDamage } from '../journal/lost.ts';
import type { Recorded } from '../run/events.ts';
import { type WordGiven, wordsGiven } from './summary.ts';

/** By any of these accounts. Undefined where the journal is gone or damaged: that must keep no other run from being told. */
export async function givenBy(
  accounts: readonly string[],
  read: () => Promise<readonly Recorded[] | undefined>,
): Promise<readonly WordGiven[] | undefined> {
  try {
    const recorded = await read();
    return recorded && wordsGiven(recorded).filter(({ by }) => accounts.includes(by.user));
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
