import type { RedisClient } from '../redis/connect.ts';

/** What every operation on the journal needs. */
export type Context<E> = {
  readonly redis: RedisClient;
  /** Parses an event at the border; throws on one that it does not know. */
  readonly decode: (value: unknown) => E;
  /** How many replicas must have a confirmed append; 0 where there are none. */
  readonly replicas: number;
  /** How long to wait for them, in milliseconds. */
  readonly confirmMs: number;
};
