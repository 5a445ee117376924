/** From the steps as written to a flat list: phases opened, `use` and the common `env` filled in, and where each piece stood. */
import type { Path } from './finding.ts';
import type { AnnounceSource, CommandSource, ProcedureSource } from './source-schema.ts';

export type PlacedCommand = {
  readonly kind: 'command';
  readonly id: string;
  /** The step's own keys over those of the shared entry it uses. */
  readonly source: CommandSource;
  readonly at: Path;
  readonly phase: string | undefined;
  /** The phase's reason, for a step that runs a script and says nothing itself. */
  readonly phaseUnsafe: string | undefined;
  /** Where a key of the merged step was written. */
  readonly placeOf: (key: string) => Path;
  readonly envPlaceOf: (name: string) => Path;
};
export type PlacedAnnounce = {
  readonly kind: 'announce';
  readonly id: string;
  readonly source: AnnounceSource;
  readonly at: Path;
  readonly phase: string | undefined;
};
export type Placed = PlacedCommand | PlacedAnnounce;

type Raw = {
  readonly source: AnnounceSource | CommandSource;
  readonly at: Path;
  readonly phase?: string;
  readonly phaseUnsafe?: string | undefined;
};

export function placeSteps(source: ProcedureSource): readonly Placed[] {
  const announced = { count: 0 };
  return flatten(source).map((raw) =>
    'announce' in raw.source ? placeAnnounce(raw, raw.source, announced) : placeCommand(source, raw, raw.source),
  );
}

function flatten(source: ProcedureSource): readonly Raw[] {
  return source.steps.flatMap((step, index): readonly Raw[] => {
    if (!('phase' in step)) return [{ source: step, at: ['steps', index] }];
    const { phase, unsafe } = step;
    return step.steps.map((inner, place) => ({ source: inner, at: ['steps', index, 'steps', place], phase, phaseUnsafe: unsafe }));
  });
}

function placeAnnounce(raw: Raw, source: AnnounceSource, announced: { count: number }): PlacedAnnounce {
  announced.count += 1;
  return { kind: 'announce', id: source.id ?? `announce-${announced.count}`, source, at: raw.at, phase: raw.phase };
}

function placeCommand(procedure: ProcedureSource, raw: Raw, own: CommandSource): PlacedCommand {
  const shared = sharedOf(procedure, own.use);
  const env = { ...procedure.env, ...shared?.env, ...own.env };
  return {
    kind: 'command',
    id: own.id,
    source: { ...shared, ...own, env },
    at: raw.at,
    phase: raw.phase,
    phaseUnsafe: raw.phaseUnsafe,
    placeOf: (key) => (has(own, key) || own.use === undefined || !has(shared, key) ? [...raw.at, key] : ['shared', own.use, key]),
    envPlaceOf: (name) => {
      if (has(own.env, name)) return [...raw.at, 'env', name];
      return own.use !== undefined && has(shared?.env, name) ? ['shared', own.use, 'env', name] : ['env', name];
    },
  };
}

function sharedOf(procedure: ProcedureSource, use: string | undefined) {
  return use !== undefined && has(procedure.shared, use) ? procedure.shared?.[use] : undefined;
}

function has(record: object | undefined, key: string): boolean {
  return record !== undefined && Object.hasOwn(record, key);
}
