import type { Mistake } from '../mistake.ts';
import type { Placed, PlacedCommand } from '../place.ts';
import type { Whole } from '../whole.ts';

/** A step in its place: rules about order look at the steps before and after it. */
export type Standing = {
  readonly whole: Whole;
  readonly step: PlacedCommand;
  readonly before: readonly Placed[];
  readonly after: readonly Placed[];
};

export type Rule = (standing: Standing) => readonly Mistake[];
