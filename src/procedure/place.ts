/** From the steps as written to a flat list: libraries joined, groups and phases opened, `use` and the common `env` filled in, and where each piece stood. */
import type { InputSource } from './inputs-schema.ts';
import type { Spot } from './mistake.ts';
import type { AnnounceSource, AnyStep, CommandSource, ConfirmSource, InnerStep, ManualSource } from './source-schema.ts';
import { groupOf, merged, type Piece, piecesOf, placeIn, type Whole } from './whole.ts';

/** A key of the step or of something around it, and where it stands. */
export type Written = { readonly text: string; readonly spot: Spot };

type Common<S> = {
  readonly id: string;
  readonly source: S;
  readonly at: Spot;
  readonly phase: string | undefined;
  /** The phase, where it says that its steps are asked for as one. */
  readonly together: Written | undefined;
  /** `when` of the phase and groups around it, and its own: all must hold. */
  readonly conditions: readonly Written[];
};

export type PlacedCommand = Common<CommandSource> & {
  readonly kind: 'command';
  /** `source`: the step's own keys over those of the shared entries it uses. The phase's reason, for a step that does something and says nothing itself: */
  readonly phaseUnsafe: Written | undefined;
  /** Every shared entry that it uses is there. */
  readonly isWhole: boolean;
  /** Where a key of the merged step was written. */
  readonly placeOf: (key: string) => Spot;
  readonly envPlaceOf: (name: string) => Spot;
};
export type PlacedAnnounce = Common<AnnounceSource> & { readonly kind: 'announce' };
export type PlacedManual = Common<ManualSource> & { readonly kind: 'manual' };
export type PlacedConfirm = Common<ConfirmSource> & { readonly kind: 'confirm' };
export type Placed = PlacedCommand | PlacedAnnounce | PlacedManual | PlacedConfirm;

type Around = {
  readonly phase: string | undefined;
  readonly together: Written | undefined;
  readonly unsafe: Written | undefined;
  readonly conditions: readonly Written[];
};
type Raw = { readonly source: Exclude<InnerStep, { group: string }>; readonly at: Spot; readonly around: Around };

const outside: Around = { phase: undefined, together: undefined, unsafe: undefined, conditions: [] };

export function placeSteps(whole: Whole): readonly Placed[] {
  const count = { announce: 0, manual: 0, confirm: 0 };
  const numbered = (kind: keyof typeof count): string => {
    count[kind] += 1;
    return `${kind}-${count[kind]}`;
  };
  return flatten(whole, whole.own.steps, { path: ['steps'] }, outside, []).map((raw) => {
    const { source, at, around } = raw;
    const common = { at, phase: around.phase, together: around.together, conditions: around.conditions };
    if ('announce' in source) return { kind: 'announce', id: source.id ?? numbered('announce'), source, ...common };
    if ('manual' in source) return { kind: 'manual', id: source.id ?? numbered('manual'), source, ...common };
    if ('confirm' in source) return { kind: 'confirm', id: source.id ?? numbered('confirm'), source, ...common };
    return placeCommand(whole, raw, source);
  });
}

/** A group that is not there or stands in itself is left out here, and told by the checks. */
function flatten(whole: Whole, steps: readonly AnyStep[], at: Spot, around: Around, open: readonly string[]): readonly Raw[] {
  return steps.flatMap((step, index): readonly Raw[] => {
    const here = below(at, index);
    const conditions = [...around.conditions, ...(step.when === undefined ? [] : [{ text: step.when, spot: below(here, 'when') }])];
    if ('phase' in step) {
      const unsafe = step.unsafe === undefined ? undefined : { text: step.unsafe, spot: below(here, 'unsafe') };
      const together = step.approval === undefined ? undefined : { text: step.phase, spot: below(here, 'approval') };
      return flatten(whole, step.steps, below(here, 'steps'), { phase: step.phase, together, unsafe, conditions }, open);
    }
    if ('group' in step) {
      const found = groupOf(whole, step.group);
      if (found === undefined || open.includes(step.group)) return [];
      return flatten(whole, found.steps, found.at, { ...around, conditions }, [...open, step.group]);
    }
    return [{ source: step, at: here, around: { ...around, conditions } }];
  });
}

function placeCommand(whole: Whole, { at, around }: Raw, own: CommandSource): PlacedCommand {
  const pieces = piecesOf(whole, own.use);
  const layers: readonly { readonly entry: Omit<CommandSource, 'id' | 'title' | 'on'>; readonly at: Spot }[] = [
    { entry: own, at },
    ...pieces,
  ];
  const farthestFirst = layers.toReversed();
  const env = Object.fromEntries(farthestFirst.flatMap(({ entry }) => Object.entries(entry.env ?? {})));
  return {
    kind: 'command',
    id: own.id,
    source: { ...overlaid(pieces), ...own, env: { ...merged(whole, ({ env: common }) => common), ...env } },
    at,
    phase: around.phase,
    together: around.together,
    conditions: around.conditions,
    phaseUnsafe: around.unsafe,
    isWhole: layers.every(({ entry }) => entry.use === undefined || placeIn(whole, 'shared', entry.use) !== undefined),
    placeOf: (key) => below(layers.find(({ entry }) => has(entry, key))?.at ?? at, key),
    envPlaceOf: (name) => {
      const layer = layers.find(({ entry }) => has(entry.env, name));
      return layer === undefined ? (placeIn(whole, 'env', name) ?? { path: ['env', name] }) : below(layer.at, 'env', name);
    },
  };
}

/** The keys of a shared entry over those of the entry that it uses. */
function overlaid([piece, ...farther]: readonly Piece[]): Partial<CommandSource> {
  return piece === undefined ? {} : { ...overlaid(farther), ...piece.entry };
}

export function below(at: Spot, ...parts: readonly (string | number)[]): Spot {
  return { ...at, path: [...at.path, ...parts] };
}

/** The role of `each engine`, `any engine`, `all engine` or `engine`. */
export function roleOf(on: string): string {
  return on.split(' ').at(-1) ?? '';
}

/** A step made up around a shared entry, to look at the entry by itself: what is not there may come from the step that uses it. */
export function isPiece(whole: Whole, step: PlacedCommand): boolean {
  return whole.isOpen === true && step.at.library === undefined;
}

/** The declared inputs, the libraries' with the procedure's own. */
export function variablesOf(whole: Whole): Readonly<Record<string, InputSource>> {
  return merged(whole, ({ variables }) => variables);
}

function has(record: object | undefined, key: string): boolean {
  return record !== undefined && Object.hasOwn(record, key);
}
