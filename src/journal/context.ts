import type { RedisClient } from '../redis/connect.ts';
import type { Raw } from './raw.ts';
import type { Sealer } from './seal.ts';
import type { Seen } from './seen.ts';

/** Where journals lie that have left Redis (archive/files.ts); undefined for a run that it does not have. */
export type ArchivedEntries = { readonly entries: (run: string) => Promise<readonly Raw[] | undefined> };

/** What every operation on the journal needs. */
export type Context<E> = {
  readonly redis: RedisClient;
  /** Parses an event at the border; throws on one that it does not know. */
  readonly decode: (value: unknown) => E;
  readonly sealer: Sealer;
  readonly seen: Seen;
  readonly archive: ArchivedEntries | undefined;
  /** How many replicas must have a confirmed append; 0 where there are none. */
  readonly replicas: number;
  /** How long to wait for them, in milliseconds. */
  readonly confirmMs: number;
};
