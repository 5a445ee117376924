import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import type { Placed } from '../place.ts';
import type { Whole } from '../whole.ts';
import type { LintRule } from './rules.ts';

/** What a rule found, before its place in the file is looked up. */
export type Alarm = Mistake & { readonly rule: LintRule };

export type StepRule = (whole: Whole, step: Placed) => readonly Alarm[];

export function alarm(rule: LintRule, spot: Spot, message: string, check: string): Alarm {
  return { ...mistakeAt(spot, message, check), rule };
}
