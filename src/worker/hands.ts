/** What a worker needs of the world, handed in by `main.ts`. */

import type { Logger } from 'pino';
import type { Journal } from '../journal/journal.ts';
import type { Live } from '../journal/live.ts';
import type { OutputDigest } from '../record/output.ts';
import type { RunEvent } from '../run/events.ts';
import type { Attempts } from '../ssh/attempt.ts';
import type { Probe, ProbeAnswer } from '../ssh/probe.ts';
import type { Target } from '../ssh/target.ts';
import type { Login } from './target.ts';

export type Hands = {
  readonly journal: Journal<RunEvent>;
  readonly attempts: Attempts;
  readonly probe: (target: Target, probe: Probe) => Promise<ProbeAnswer>;
  readonly live: { set(live: Live): Promise<void> };
  /** The text of a kept output, at most `maxBytes` of it. */
  readonly outputText: (output: OutputDigest, maxBytes: number) => Promise<string>;
  readonly login: Login;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** An unguessable word. */
  readonly id: () => string;
  readonly log: Logger;
};

/** What the drive does after an act. */
export type Move =
  /** The journal has moved on: decide again. */
  | { readonly kind: 'again' }
  /** Nothing to do before this many milliseconds; `key` names the cause for the queue. */
  | { readonly kind: 'later'; readonly ms: number; readonly key: string }
  /** For people to decide. */
  | { readonly kind: 'rest' };

export const AGAIN: Move = { kind: 'again' };
