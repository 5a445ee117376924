/** The expressions and the display texts of a step, for checks that look at all of them. */
import type { Step } from './model.ts';

export function expressionsOf(step: Step): readonly string[] {
  const when = step.when === undefined ? [] : [step.when];
  if (step.kind === 'announce') return when;
  const expected = step.expect.map(({ that }) => that);
  return [
    ...when,
    ...Object.values(step.env),
    ...expected,
    ...Object.values(step.bind),
    ...(step.until === undefined ? [] : [step.until.expect]),
  ];
}

export function textsOf(step: Step): readonly string[] {
  if (step.kind === 'announce') return [step.title, step.text];
  const { safety, retry, until, undo, advice } = step;
  const why = safety.kind === 'unsafe' ? [safety.why] : safety.kind === 'gated' ? [safety.ask] : [];
  const optional = [undo, advice, until?.waiting, retry.kind === 'forbidden' ? retry.instead : undefined];
  return [
    step.title,
    ...why,
    ...step.expect.map(({ otherwise }) => otherwise),
    ...optional.flatMap((text) => (text === undefined ? [] : [text])),
  ];
}
