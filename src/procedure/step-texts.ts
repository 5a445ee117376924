/** The expressions and the display texts of a step, for checks that look at all of them. */
import type { CommandStep, Step } from './model.ts';

export function expressionsOf(step: Step): readonly string[] {
  const when = step.when === undefined ? [] : [step.when];
  return step.kind === 'command' ? [...when, ...ofCommand(step)] : when;
}

function ofCommand(step: CommandStep): readonly string[] {
  const { copy, edit, until, unless, requires = [] } = step;
  return [
    ...Object.values(step.env),
    ...(step.answers ?? []).map(({ answer }) => answer),
    ...[...step.expect, ...step.warn].map(({ that }) => that),
    ...Object.values(step.bind),
    ...Object.values(step.capture).map(({ value }) => value),
    ...(copy === undefined ? [] : [copy.path, copy.to]),
    ...(edit === undefined ? [] : [edit.path, ...Object.values(edit.set), ...edit.replace.flatMap((each) => [each.text, each.with])]),
    ...(until === undefined ? [] : [until.expect, ...(typeof until.withinSeconds === 'string' ? [until.withinSeconds] : [])]),
    ...(unless === undefined ? [] : [unless.expect]),
    ...requires.map(({ expect }) => expect),
  ];
}

export function textsOf(step: Step): readonly string[] {
  if (step.kind === 'announce') return [step.title, step.text];
  if (step.kind === 'person') return [step.title, step.text, ...(step.second === undefined ? [] : [step.second])];
  const { safety, retry, until, unless, requires = [], undo, advice, says, unreachable } = step;
  const why = safety.kind === 'unsafe' ? [safety.why] : safety.kind === 'gated' ? [safety.ask] : [];
  const optional = [
    undo,
    advice,
    says,
    unreachable,
    until?.waiting,
    unless?.saying,
    retry.kind === 'forbidden' ? retry.instead : undefined,
  ];
  return [
    step.title,
    ...why,
    ...[...step.expect, ...step.warn].map(({ otherwise }) => otherwise),
    ...requires.map(({ says: checked }) => checked),
    ...optional.flatMap((text) => (text === undefined ? [] : [text])),
  ];
}
