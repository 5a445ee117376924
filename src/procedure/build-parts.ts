/** The parts of a step in the engine's form: looks, files, what must hold, where. */
import { secondsOf } from './duration.ts';
import { type HttpPlace, requestOf } from './http.ts';
import type { Capture, Copy, Edit, Expectation, Requirement, Selector, Unless, Until } from './model.ts';
import { requirementPlace } from './parts.ts';
import type { CaptureSource, ExpectationSource, LookSource, RequirementSource, UnlessSource, UntilSource } from './pieces-schema.ts';
import { roleOf } from './place.ts';
import type { CommandSource } from './source-schema.ts';

const every = '5s';

export function scriptOf(look: LookSource, place: HttpPlace): string | undefined {
  return look.http === undefined ? look.run : requestOf(look.http, place).run;
}

function lookOf(source: UntilSource | UnlessSource | RequirementSource, place: HttpPlace) {
  const { read = 'text', expect, pattern } = source;
  return { run: scriptOf(source, place) ?? ':', read, expect, ...(pattern === undefined ? {} : { pattern }) };
}

export function buildUntil(until: UntilSource): Until {
  const { growing_to, within, waiting } = until;
  const growing = growing_to === undefined ? {} : { growingToSeconds: secondsOf(growing_to) };
  return {
    ...lookOf(until, 'UNTIL'),
    waiting,
    everySeconds: secondsOf(until.every ?? every),
    ...growing,
    withinSeconds: typeof within === 'string' ? secondsOf(within) : within.seconds,
  };
}

/** For a step that only waits. */
export function waitOf(until: Until | undefined): number {
  return typeof until?.withinSeconds === 'number' ? until.withinSeconds : 1;
}

export function buildUnless(unless: UnlessSource): Unless {
  return { ...lookOf(unless, 'UNLESS'), saying: unless.saying };
}

export function buildRequirement(source: RequirementSource, index: number): Requirement {
  const on = source.on === undefined ? {} : { on: selectorOf(source.on) };
  return { ...lookOf(source, requirementPlace(index)), says: source.says, ...on };
}

export function copyOf({ from, path, to, owner, mode }: NonNullable<CommandSource['copy']>): Copy {
  return {
    from: from === 'bot' ? { kind: 'bot' } : { kind: 'role', role: from },
    path,
    to: to ?? path,
    ...(owner === undefined ? {} : { owner }),
    ...(mode === undefined ? {} : { mode: mode.padStart(4, '0') }),
  };
}

export function editOf({ path, set, replace }: NonNullable<CommandSource['edit']>): Edit {
  return { path, set: set ?? {}, replace: replace ?? [] };
}

export function captureOf(source: CaptureSource): Capture {
  return typeof source === 'string' ? { value: source } : source;
}

export function selectorOf(on: string): Selector {
  const kind = (['each', 'all', 'any'] as const).find((word) => on.startsWith(`${word} `)) ?? 'one';
  return { kind, role: roleOf(on) };
}

export function expectationsOf(expect: CommandSource['expect']): Expectation[] {
  if (expect === undefined) return [];
  if (typeof expect === 'string') return [{ that: expect, otherwise: `This must hold and does not: ${expect}` }];
  return expect.map(expectationOf);
}

export function expectationOf({ that, else: otherwise }: ExpectationSource): Expectation {
  return { that, otherwise };
}
