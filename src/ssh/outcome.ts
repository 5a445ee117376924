/** How a command ended. "The connection broke" is never read as "the command failed": that is `lost`, or not an ending at all. */
export type Outcome =
  /** It ran to its end. `signal` is the name behind a status above 128; a command that itself exits with such a status looks the same. */
  | { readonly kind: 'finished'; readonly status: number; readonly signal?: string }
  /** It never began, and will not under this attempt. */
  | { readonly kind: 'refused'; readonly why: HostProblem }
  /** The host ended it at its time limit. `remaining` (proof: empty) lists what could not be ended, `detached` what had left its session. */
  | { readonly kind: 'timedOut'; readonly remaining: readonly string[]; readonly detached: readonly string[] }
  /** The host ended it because someone asked. Fields as above. */
  | { readonly kind: 'cancelled'; readonly remaining: readonly string[]; readonly detached: readonly string[] }
  /** It began, or may have begun, and how it ended cannot be known. */
  | { readonly kind: 'lost'; readonly why: string };

export type HostProblemCode =
  | 'UNREACHABLE'
  | 'HOST_KEY_UNKNOWN'
  | 'HOST_KEY_CHANGED'
  | 'KNOWN_HOSTS_UNREADABLE'
  | 'AUTH_REFUSED'
  | 'IDENTITY_UNREADABLE'
  | 'NO_COMMON_ALGORITHM'
  | 'TOO_MANY_SESSIONS'
  | 'NO_SHELL'
  | 'STORE_UNWRITABLE'
  | 'STORE_CHANGED'
  | 'FENCED'
  | 'NOT_INTERACTIVE'
  | 'CLOSED';

/** Why nothing was begun on a host: what happened, with the place, and what to check. */
export type HostProblem = { readonly code: HostProblemCode; readonly message: string; readonly check: string };

const signals: Readonly<Record<number, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  4: 'ILL',
  6: 'ABRT',
  7: 'BUS',
  8: 'FPE',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  14: 'ALRM',
  15: 'TERM',
};

/** A command that ended by itself, from the status its shell gave. */
export function finished(status: number): Outcome {
  const signal = signals[status - 128];
  return signal === undefined ? { kind: 'finished', status } : { kind: 'finished', status, signal };
}
