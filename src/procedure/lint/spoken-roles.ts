/** The roles that a cluster file must have: those that are spoken of, and found by no step and no `roles:`. */
import type { Spot } from '../mistake.ts';
import { below, type Placed, roleOf } from '../place.ts';
import type { Whole } from '../whole.ts';

export type SpokenRole = { readonly role: string; readonly spot: Spot };

export function spokenRoles(whole: Whole, steps: readonly Placed[]): readonly SpokenRole[] {
  const found = new Set([
    ...Object.keys(whole.own.roles ?? {}),
    ...steps.flatMap((step) => (step.kind === 'command' ? Object.keys(step.source.bind ?? {}) : [])),
  ]);
  const isAccepted = 'unknown-role' in (whole.own.accept ?? {});
  const ofParams = Object.entries(whole.own.params ?? {}).flatMap(([name, param]) =>
    param.type === 'host' && param.role !== undefined ? [{ role: param.role, spot: { path: ['params', name, 'role'] } }] : [],
  );
  return [...(isAccepted ? [] : ofParams), ...steps.flatMap(ofStep)].filter(({ role }) => !found.has(role));
}

function ofStep(step: Placed): readonly SpokenRole[] {
  if (step.kind === 'manual') {
    const { exchanges } = step.source;
    return exchanges === undefined ? [] : [{ role: exchanges, spot: below(step.at, 'exchanges') }];
  }
  if (step.kind !== 'command' || step.source.accept?.['unknown-role'] !== undefined) return [];
  const { on, copy, requires = [] } = step.source;
  return [
    { role: roleOf(on), spot: below(step.at, 'on') },
    ...requires.flatMap(({ on: where }, index) =>
      where === undefined ? [] : [{ role: roleOf(where), spot: below(step.placeOf('requires'), index, 'on') }],
    ),
    ...(copy === undefined || copy.from === 'bot' ? [] : [{ role: copy.from, spot: below(step.placeOf('copy'), 'from') }]),
  ];
}
