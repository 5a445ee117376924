/** Names of other things: entries that exist, and roles that are known where they are spoken of. */
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import { below, type Placed, type PlacedManual, roleOf } from '../place.ts';
import { didYouMean, listed } from '../suggest.ts';
import { namesIn, placeIn, type Whole } from '../whole.ts';
import type { Rule, Standing } from './rule.ts';

export const named: Rule = ({ whole, step }) => {
  const { use, shell } = step.source;
  return [...missing(whole, 'shared', use, below(step.at, 'use')), ...missing(whole, 'shells', shell, step.placeOf('shell'))];
};

/** A name of an entry that is not there. */
export function missing(whole: Whole, section: 'shared' | 'shells', name: string | undefined, spot: Spot): readonly Mistake[] {
  if (name === undefined || whole.isOpen || placeIn(whole, section, name) !== undefined) return [];
  const entries = namesIn(whole, section);
  const message = `there is no "${name}" under ${section}${didYouMean(name, entries)}`;
  return [mistakeAt(spot, message, `entries under ${section}: ${listed(entries)}`)];
}

export const rechecked: Rule = ({ whole, step, before }) => {
  const earlier = boundIn(before);
  return (step.source.recheck ?? []).flatMap((role, index) => {
    if (whole.isOpen || earlier.includes(role)) return [];
    const message = `no earlier step finds the role ${role}${didYouMean(role, earlier)}`;
    return [mistakeAt(below(step.placeOf('recheck'), index), message, `roles that earlier steps bind: ${listed(earlier)}`)];
  });
};

export const target: Rule = (standing) => {
  const { step } = standing;
  const from = step.source.copy?.from;
  return [
    ...late(standing, roleOf(step.source.on), below(step.at, 'on')),
    ...(step.source.requires ?? []).flatMap(({ on }, index) =>
      on === undefined ? [] : late(standing, roleOf(on), below(step.placeOf('requires'), index, 'on')),
    ),
    ...(from === undefined ? [] : late(standing, from, below(step.placeOf('copy'), 'from'))),
  ];
};

export function exchanging({ source, at }: PlacedManual, around: Omit<Standing, 'step'>): readonly Mistake[] {
  return source.exchanges === undefined ? [] : late(around, source.exchanges, below(at, 'exchanges'));
}

function late({ whole, before, after }: Omit<Standing, 'step'>, role: string, spot: Spot): readonly Mistake[] {
  const earlier = [...Object.keys(whole.own.roles ?? {}), ...boundIn(before)];
  if (whole.isOpen || earlier.includes(role) || !boundIn(after).includes(role)) return [];
  return [mistakeAt(spot, `the role ${role} is not known yet: only a later step finds it`, 'the order of the steps, and `bind`')];
}

function boundIn(steps: readonly Placed[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'command' ? Object.keys(step.source.bind ?? {}) : []));
}
