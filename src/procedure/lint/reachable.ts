import { serialize } from '@marcbachmann/cel-js';
import { conjunctsOf } from '../comparisons.ts';
import { compile, evaluator, syntaxOf } from '../expression.ts';
import type { Whole } from '../whole.ts';
import { alarm, type StepRule } from './alarm.ts';
import { paramOf, valuesOf } from './values.ts';

/**
 * A step whose conditions (its own, and those of the phase and groups around it) do not hold for any values of the parameters. Only what speaks
 * of parameters with few values is tried; the rest may hold.
 */
export const unreachable: StepRule = (whole, step) => {
  const { conditions } = step;
  const at = conditions.findIndex((_condition, index) =>
    neverHolds(
      whole,
      conditions.slice(0, index + 1).map(({ text }) => text),
    ),
  );
  const condition = conditions[at];
  if (condition === undefined) return [];
  const outer = conditions.slice(0, at).map(({ text }) => `\`${text}\``);
  const together = outer.length === 0 ? '' : ` together with ${outer.join(' and ')} around it`;
  return [
    alarm(
      'unreachable',
      condition.spot,
      `this never holds${together}: what it stands at can never run`,
      'the conditions; or leave the steps out',
    ),
  ];
};

/** Combinations that are tried at most. */
const most = 4_096;

function neverHolds(whole: Whole, texts: readonly string[]): boolean {
  const parts = texts.flatMap((text) => {
    const syntax = syntaxOf(text);
    return syntax === undefined ? [] : conjunctsOf(syntax).map(serialize);
  });
  const decidable = parts.filter((part) => paramsIn(part)?.every((name) => rangeOf(whole, name) !== undefined) === true);
  const names = [...new Set(decidable.flatMap((part) => paramsIn(part) ?? []))];
  const combinations = product(names.map((name) => ({ name, values: rangeOf(whole, name) ?? [] })));
  if (decidable.length === 0 || combinations === undefined) return false;
  const evaluate = evaluator(decidable.map((part) => `(${part})`).join(' && '));
  return combinations.every((params) => {
    const result = evaluate({ params });
    return result.kind === 'value' && result.value === false;
  });
}

/** The parameters of which it speaks; undefined where it speaks of anything else. */
function paramsIn(expression: string): readonly string[] | undefined {
  const compiled = compile(expression);
  if (compiled.kind === 'bad') return undefined;
  const names = compiled.references.map(({ root, member }) => (root === 'params' ? member : undefined));
  return names.includes(undefined) || /\b(known|host_named)\s*\(/.test(expression) ? undefined : names.flatMap((name) => name ?? []);
}

function rangeOf(whole: Whole, name: string): readonly (string | number)[] | undefined {
  const param = paramOf(whole, name);
  return param === undefined ? undefined : valuesOf(param);
}

type Range = { readonly name: string; readonly values: readonly (string | number)[] };

function product(ranges: readonly Range[]): readonly Readonly<Record<string, string | number>>[] | undefined {
  if (ranges.reduce((count, { values }) => count * values.length, 1) > most) return undefined;
  return ranges.reduce<readonly Readonly<Record<string, string | number>>[]>(
    (rows, { name, values }) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}
