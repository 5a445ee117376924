/** The parts of a step that reach a host: scripts that its author wrote, and requests. */
import type { HttpPlace } from './http.ts';
import type { Spot } from './mistake.ts';
import type { HttpSource } from './pieces-schema.ts';
import { below, type PlacedCommand } from './place.ts';
import type { CommandSource } from './source-schema.ts';

/** `run` is the step itself; the others look: `until` after it, `unless` before anybody is asked. */
export type Part = 'run' | 'until' | 'unless';

const httpPlaces: Readonly<Record<Part, HttpPlace>> = { run: 'REQUEST', until: 'UNTIL', unless: 'UNLESS' };

type Look = { readonly run?: string | undefined; readonly http?: HttpSource | undefined };

export function scriptsOf(step: PlacedCommand): readonly { readonly part: Part; readonly script: string; readonly spot: Spot }[] {
  return partsOf(step).flatMap(({ part, look, at }) => (look.run === undefined ? [] : [{ part, script: look.run, spot: at('run') }]));
}

export function requestsOf(
  step: PlacedCommand,
): readonly { readonly part: Part; readonly place: HttpPlace; readonly http: HttpSource; readonly spot: Spot }[] {
  return partsOf(step).flatMap(({ part, look, at }) =>
    look.http === undefined ? [] : [{ part, place: httpPlaces[part], http: look.http, spot: at('http') }],
  );
}

function partsOf(step: PlacedCommand): readonly { readonly part: Part; readonly look: Look; readonly at: (key: string) => Spot }[] {
  const { until, unless } = step.source;
  return [
    { part: 'run', look: step.source, at: step.placeOf },
    ...(until === undefined ? [] : [{ part: 'until' as const, look: until, at: (key: string) => below(step.placeOf('until'), key) }]),
    ...(unless === undefined ? [] : [{ part: 'unless' as const, look: unless, at: (key: string) => below(step.placeOf('unless'), key) }]),
  ];
}

/** Whether a step does something on its hosts, rather than only wait. */
export function acts({ run, http, copy, edit }: Pick<CommandSource, 'run' | 'http' | 'copy' | 'edit'>): boolean {
  return run !== undefined || http !== undefined || copy !== undefined || edit !== undefined;
}
