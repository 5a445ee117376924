/** What a worker needs of the world, handed in by `keyturn.ts`. */

import type { Logger } from 'pino';
import type { Journal } from '../journal/journal.ts';
import type { Live } from '../journal/live.ts';
import type { OutputDigest } from '../record/output.ts';
import type { RunEvent } from '../run/events.ts';
import type { LastTime } from '../run/plan.ts';
import type { Attempts } from '../ssh/attempt.ts';
import type { Files } from '../ssh/files.ts';
import type { Probe, ProbeAnswer } from '../ssh/probe.ts';
import type { Target } from '../ssh/target.ts';
import type { Approvers } from './approvers.ts';
import type { FindLastSteps } from './last-step.ts';
import type { Emergencies } from './emergencies.ts';
import type { Listing } from './listing.ts';
import type { OwnFiles } from './own-files.ts';
import type { Secrets } from './secrets.ts';
import type { Stager } from './stage.ts';
import type { Talks } from './talk.ts';
import type { Login } from './target.ts';

export type Hands = {
  readonly journal: Journal<RunEvent>;
  readonly attempts: Attempts;
  readonly probe: (target: Target, probe: Probe) => Promise<ProbeAnswer>;
  readonly files: Pick<Files, 'describe' | 'read'>;
  readonly stager: Stager;
  readonly talks: Talks;
  readonly secrets: Secrets;
  readonly ownFile: OwnFiles;
  /** Whether those who approved may still do so. */
  readonly approvers: Approvers;
  /** A machine was exchanged: what is pooled for the old one is let go. */
  readonly forget: (target: Target) => void;
  /** What was done in an emergency, for review. */
  readonly emergencies: Emergencies;
  /** Has the list of runs say what the journals say. */
  readonly listing: Listing;
  /** How long the last run of the procedure on the cluster took that succeeded. */
  readonly lastTime: (procedure: string, cluster: string) => Promise<LastTime | undefined>;
  /** How steps of the procedure went on the cluster when each was last tried. */
  readonly lastSteps: FindLastSteps;
  readonly live: { set(live: Live): Promise<void> };
  /** The text of a kept output, at most `maxBytes` of it. */
  readonly outputText: (output: OutputDigest, maxBytes: number) => Promise<string>;
  readonly login: Login;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `then` after so many milliseconds of the same clock, unless what is returned calls it off first. */
  readonly after: (ms: number, then: () => void) => () => void;
  /** An unguessable word. */
  readonly id: () => string;
  readonly log: Logger;
};

/** What reading hosts needs; also a plan from a machine without Redis has it. */
export type Eyes = Pick<Hands, 'probe' | 'login' | 'secrets'>;

/** What the drive does after an act. */
export type Move =
  /** The journal has moved on: decide again. */
  | { readonly kind: 'again' }
  /** Nothing to do before this many milliseconds; `key` names the cause for the queue. */
  | { readonly kind: 'later'; readonly ms: number; readonly key: string }
  /** For people to decide. */
  | { readonly kind: 'rest' };

export const AGAIN: Move = { kind: 'again' };
