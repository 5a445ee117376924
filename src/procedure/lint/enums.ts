import { comparisonsOf } from '../comparisons.ts';
import { placeholders, syntaxOf } from '../expression.ts';
import { didYouMean, listed } from '../suggest.ts';
import type { Use } from '../uses.ts';
import type { Whole } from '../whole.ts';
import { type Alarm, alarm } from './alarm.ts';
import { paramOf, valuesOf } from './values.ts';

/** A comparison with a value that the parameter never has: misspelt, as a rule. */
export function unknownValues(whole: Whole, { spot, text, is }: Use): readonly Alarm[] {
  const expressions = is.kind === 'text' ? placeholders(text).expressions : [text];
  return expressions.flatMap((expression) => {
    const syntax = syntaxOf(expression);
    return syntax === undefined
      ? []
      : comparisonsOf(syntax).flatMap(({ root, member, values }) => {
          const param = root === 'params' ? paramOf(whole, member) : undefined;
          const known = param?.type === 'enum' ? (valuesOf(param) ?? []).map(String) : undefined;
          if (known === undefined) return [];
          return values
            .filter((value) => !known.includes(value))
            .map((value) =>
              alarm('unknown-value', spot, `${member} is never "${value}"${didYouMean(value, known)}`, `its values: ${listed(known)}`),
            );
        });
  });
}
