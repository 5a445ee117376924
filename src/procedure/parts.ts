/** The parts of a step that reach a host: scripts that its author wrote, and requests. */
import type { HttpPlace } from './http.ts';
import type { Spot } from './mistake.ts';
import type { HttpSource } from './pieces-schema.ts';
import { below, type PlacedCommand } from './place.ts';
import type { CommandSource } from './source-schema.ts';

/** `run` is the step itself; the others look: `until` after it, `unless` before anybody is asked, `requires` as somebody is. */
export type Part = 'run' | 'until' | 'unless' | 'requires';

/** The requests of what is required are counted from 1. */
export function requirementPlace(index: number): HttpPlace {
  return `REQUIRES_${index + 1}`;
}

type Look = { readonly run?: string | undefined; readonly http?: HttpSource | undefined };

export function scriptsOf(step: PlacedCommand): readonly { readonly part: Part; readonly script: string; readonly spot: Spot }[] {
  return partsOf(step).flatMap(({ part, look, at }) => (look.run === undefined ? [] : [{ part, script: look.run, spot: at('run') }]));
}

export function requestsOf(
  step: PlacedCommand,
): readonly { readonly part: Part; readonly place: HttpPlace; readonly http: HttpSource; readonly spot: Spot }[] {
  return partsOf(step).flatMap(({ part, place, look, at }) =>
    look.http === undefined ? [] : [{ part, place, http: look.http, spot: at('http') }],
  );
}

type Placing = { readonly part: Part; readonly place: HttpPlace; readonly look: Look; readonly at: (key: string) => Spot };

function partsOf(step: PlacedCommand): readonly Placing[] {
  const { until, unless, requires = [] } = step.source;
  const under =
    (...path: readonly [string, ...number[]]) =>
    (key: string): Spot =>
      below(step.placeOf(path[0]), ...path.slice(1), key);
  return [
    { part: 'run', place: 'REQUEST', look: step.source, at: step.placeOf },
    ...(until === undefined ? [] : [{ part: 'until', place: 'UNTIL', look: until, at: under('until') } as const]),
    ...(unless === undefined ? [] : [{ part: 'unless', place: 'UNLESS', look: unless, at: under('unless') } as const]),
    ...requires.map((look, index) => ({ part: 'requires', place: requirementPlace(index), look, at: under('requires', index) }) as const),
  ];
}

/** Whether a step does something on its hosts, rather than only wait. */
export function acts({ run, http, copy, edit }: Pick<CommandSource, 'run' | 'http' | 'copy' | 'edit'>): boolean {
  return run !== undefined || http !== undefined || copy !== undefined || edit !== undefined;
}
