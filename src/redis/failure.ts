import { KeyturnError } from '../errors.ts';

type Row = { readonly pattern: RegExp; readonly code: string; readonly message: string; readonly check: string };

/** What Redis or its client says, and what that means to an operator. The first row that matches counts. */
const rows: readonly Row[] = [
  {
    pattern: /^OOM /,
    code: 'REDIS_OUT_OF_MEMORY',
    message: 'Redis has reached its memory limit and refuses to write; runs stand still until there is room',
    check: 'INFO memory: used_memory against maxmemory; raise maxmemory or move finished runs to the archive',
  },
  {
    pattern: /^MISCONF /,
    code: 'REDIS_CANNOT_PERSIST',
    message: 'Redis cannot write to its disk and refuses to write; runs stand still until it can',
    check: 'free space and rights of the folder that Redis writes to, and its log',
  },
  {
    pattern: /^NOREPLICAS /,
    code: 'REDIS_NO_REPLICAS',
    message: 'Redis refuses to write because too few replicas follow it (min-replicas-to-write)',
    check: 'INFO replication: connected_slaves and their lag',
  },
  {
    pattern: /WRONGPASS|NOAUTH|NOPERM|invalid username-password|invalid password/i,
    code: 'REDIS_LOGIN',
    message: 'Redis refuses our login or a command we need',
    check: 'user and password in REDIS_URL, and the ACL of that user',
  },
  {
    pattern:
      /enableOfflineQueue|Connection is closed|Command timed out|Socket timeout|max retries per request|ECONN|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND|All sentinels|slots cache|CLUSTERDOWN|LOADING/i,
    code: 'REDIS_UNREACHABLE',
    message: 'Redis does not answer at present; what was asked may or may not have been done',
    check: 'that Redis runs and can be reached (REDIS_URL); Keyturn goes on by itself when it is back',
  },
];

/** An error's text, wherever it was made: errors of another realm are no instances of our Error. Empty for anything else. */
export function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
}

/** The operator's form of whatever a Redis call threw; an error that we have no word for stays as it is. */
export function redisFailure(error: unknown): unknown {
  if (error instanceof KeyturnError) return error;
  const row = rows.find(({ pattern }) => pattern.test(textOf(error)));
  return row === undefined ? error : new KeyturnError(row.code, row.message, row.check, { cause: error });
}

/** It is about Redis, and so about everything that was to be asked of it. */
export function isRedisFailure(error: unknown): boolean {
  return error instanceof KeyturnError && rows.some(({ code }) => code === error.code);
}

/** Runs a call to Redis and turns its failure into the operator's form. */
export async function speaking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw redisFailure(error);
  }
}
