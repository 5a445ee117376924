import type { CommandStep } from '../procedure/model.ts';
import type { Start } from '../run/start.ts';
import type { Prepared } from './prepare.ts';

/** One job stays with an attempt for this long at most; then the next job goes on. */
export const FOLLOW_MS = 5_000;

/** An attempt that is to be carried out. `prepared`: as it was intended just now; absent when another worker may have intended it. */
export type Work = {
  readonly step: CommandStep;
  readonly due: Start;
  readonly since: number;
  readonly prepared: Prepared | undefined;
};
