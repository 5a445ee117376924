/** What steps must be beyond their shape: each rule is a small function from a step to its mistakes. */
import { type Mistake, mistakeAt } from '../mistake.ts';
import { below, type Placed } from '../place.ts';
import type { Whole } from '../whole.ts';
import { readers } from './readers.ts';
import { exchanging, named, rechecked, target } from './roles.ts';
import type { Rule } from './rule.ts';
import { answering, finding, safety, unchanging } from './safety.ts';
import { scripts } from './scripts.ts';
import { times } from './times.ts';
import { work } from './work.ts';

const rules: readonly Rule[] = [named, work, readers, safety, finding, rechecked, target, times, scripts];

export function checkSteps(whole: Whole, steps: readonly Placed[]): readonly Mistake[] {
  return [
    ...uniqueIds(steps),
    ...unchanging(whole, steps),
    ...steps.flatMap((step, index) => {
      const around = { whole, before: steps.slice(0, index), after: steps.slice(index) };
      if (step.kind === 'manual') return exchanging(step, around);
      if (step.kind === 'confirm') return answering(step);
      return step.kind === 'command' ? rules.flatMap((rule) => rule({ ...around, step })) : [];
    }),
  ];
}

function uniqueIds(steps: readonly Placed[]): readonly Mistake[] {
  return steps.flatMap((step, index) => {
    if (steps.findIndex(({ id }) => id === step.id) === index) return [];
    const check = 'the ids; each stands once in a procedure, so a group can be used once';
    return [mistakeAt(below(step.at, 'id'), `the id ${step.id} stands for two steps`, check)];
  });
}
