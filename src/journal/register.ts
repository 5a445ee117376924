/**
 * The register: one log beside the journals for what belongs to no run (who was refused, what was gone round in an emergency, who looked at it
 * afterwards). Append-only, chained and sealed as the journals are.
 *
 * G1. The same id again changes nothing.
 * G2. An entry that was not sealed by this installation is never given out.
 * G3. One person cannot flood it: see `append`.
 * G4. Nothing here ever deletes or changes an entry.
 */
import type { ChainFault } from './chain.ts';
import type { RegisterEvent } from './register-events.ts';
import type { Head, Stored } from './stored.ts';

export type { RegisterEvent } from './register-events.ts';

/** One event in its place; `id` is what it was appended under. */
export type RegisterEntry = Stored<RegisterEvent>;

export type RegisterAppend = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Names what happened: a second sending under the same id is the same entry. */
  readonly id: string;
};

export type Registered =
  /** `known`: it stood there under this id already. */
  | { readonly kind: 'appended' | 'known'; readonly seq: number }
  /** Too many refusals of this person for this action within the hour: counted, not recorded. */
  | { readonly kind: 'withheld' };

export type RegisterRead = {
  /** The first sequence number wanted, in the order asked for; unless told 1, or the last one with `newestFirst`. */
  readonly from?: number;
  /** At most so many; 100 unless told. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
};

export type Register = {
  /**
   * Durable when it resolves. Refusals of one person for the same action are recorded 20 times within an hour; further ones are counted by this
   * process, and the next one that is recorded says how many there were (`unrecorded`). Everything else is always recorded.
   * Throws KeyturnError `REGISTER_FORGED` where what stands in Redis under this id is not what Keyturn wrote.
   */
  readonly append: (event: RegisterEvent, options: RegisterAppend) => Promise<Registered>;
  /** Throws KeyturnError `REGISTER_FORGED` if one of the entries asked for is not what Keyturn wrote. */
  readonly read: (options?: RegisterRead) => Promise<readonly RegisterEntry[]>;
  /** Everything that is wrong with it; empty means whole. Its end can be judged only against a `head` seen elsewhere. */
  readonly verify: (seen?: Head) => Promise<readonly ChainFault[]>;
  readonly head: () => Promise<Head | undefined>;
};
