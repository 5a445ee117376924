import { secondsOf } from '../duration.ts';
import { mistakeAt } from '../mistake.ts';
import { below } from '../place.ts';
import type { Rule } from './rule.ts';

/** A wait looks more than once, and its pauses grow rather than shrink. */
export const times: Rule = ({ step }) => {
  const { until } = step.source;
  if (until === undefined) return [];
  const spot = step.placeOf('until');
  const every = secondsOf(until.every ?? '5s');
  const said = until.every ?? '5s, the default';
  const shorter = (key: 'within' | 'growing_to', value: string | undefined) =>
    value === undefined || every <= secondsOf(value)
      ? []
      : [mistakeAt(below(spot, key), `\`${key}\` (${value}) is shorter than \`every\` (${said})`, 'both durations')];
  const within = typeof until.within === 'string' ? until.within : undefined;
  return [...shorter('within', within), ...shorter('growing_to', until.growing_to)];
};
