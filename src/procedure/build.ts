/** The engine's form of a procedure whose every check has passed. */
import { digestOf } from '../canonical.ts';
import { secondsOf } from './duration.ts';
import type { InputSource } from './inputs-schema.ts';
import type { AnnounceStep, CommandStep, Expectation, Input, Procedure, Safety, Selector, Step, Until, ValueType } from './model.ts';
import type { Placed, PlacedAnnounce, PlacedCommand } from './place.ts';
import type { CommandSource, ProcedureSource, UntilSource } from './source-schema.ts';

const defaults = { approval: '30m', every: '5s', maxLength: 200 } as const;

export function buildProcedure(source: ProcedureSource, placed: readonly Placed[]): Procedure {
  const steps = placed.map(buildStep);
  const procedure = {
    name: source.procedure,
    product: source.product,
    title: source.title,
    ...(source.source === undefined ? {} : { source: source.source }),
    params: buildInputs(source.params),
    variables: buildInputs(source.variables),
    readOnly: source.read_only ?? false,
    approvalSeconds: secondsOf(source.approval ?? defaults.approval),
    steps,
  };
  return { ...procedure, hash: digestOf(procedure) };
}

function buildInputs(inputs: Readonly<Record<string, InputSource>> = {}): Record<string, Input> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, buildInput(name, input)]));
}

export function buildInput(name: string, input: InputSource): Input {
  return {
    value: valueType(input),
    title: input.title ?? name,
    ...(input.help === undefined ? {} : { help: input.help }),
    ...(input.default === undefined ? {} : { default: String(input.default) }),
    required: input.required ?? input.default === undefined,
  };
}

function valueType(input: InputSource): ValueType {
  switch (input.type) {
    case 'text':
      return {
        type: 'text',
        ...(input.pattern === undefined ? {} : { pattern: input.pattern }),
        maxLength: input.max_length ?? defaults.maxLength,
      };
    case 'enum':
      return { type: 'enum', values: input.values };
    case 'host':
      return { type: 'host', ...(input.role === undefined ? {} : { role: input.role }) };
    case 'version':
    case 'path':
      return { type: input.type };
    case 'integer':
      return {
        type: 'integer',
        ...(input.min === undefined ? {} : { min: input.min }),
        ...(input.max === undefined ? {} : { max: input.max }),
      };
  }
}

function buildStep(step: Placed): Step {
  return step.kind === 'announce' ? buildAnnounce(step) : buildCommand(step);
}

function commonOf(step: Placed, title: string) {
  const { when } = step.source;
  return { id: step.id, title, ...(step.phase === undefined ? {} : { phase: step.phase }), ...(when === undefined ? {} : { when }) };
}

function buildAnnounce(step: PlacedAnnounce): AnnounceStep {
  return { kind: 'announce', ...commonOf(step, 'Announce'), text: step.source.announce };
}

function buildCommand(step: PlacedCommand): CommandStep {
  const { source } = step;
  const until = source.until === undefined ? undefined : buildUntil(source.until);
  return {
    kind: 'command',
    ...commonOf(step, source.title),
    on: selectorOf(source.on),
    safety: safetyOf(step),
    ...(source.run === undefined ? {} : { run: source.run }),
    env: source.env ?? {},
    timeoutSeconds: source.timeout === undefined ? (until?.withinSeconds ?? 1) : secondsOf(source.timeout),
    read: source.read ?? 'text',
    expect: expectationsOf(source.expect),
    bind: source.bind ?? {},
    ...(until === undefined ? {} : { until }),
    recheck: source.recheck ?? [],
    ...(source.undo === undefined ? {} : { undo: source.undo }),
    retry: typeof source.retry === 'object' ? { kind: 'forbidden', instead: source.retry.forbidden } : { kind: 'allowed' },
    ...(source.advice === undefined ? {} : { advice: source.advice }),
  };
}

function buildUntil(until: UntilSource): Until {
  const { run, read = 'text', expect, every = defaults.every, within, waiting } = until;
  return { run, read, expect, waiting, everySeconds: secondsOf(every), withinSeconds: secondsOf(within) };
}

function selectorOf(on: string): Selector {
  const [first = '', second] = on.split(' ');
  if (second === undefined) return { kind: 'one', role: first };
  return { kind: first === 'each' ? 'each' : 'any', role: second };
}

function safetyOf(step: PlacedCommand): Safety {
  const { unsafe, gate, run } = step.source;
  if (unsafe !== undefined) return { kind: 'unsafe', why: unsafe };
  if (gate !== undefined) return { kind: 'gated', ask: gate };
  return step.phaseUnsafe !== undefined && run !== undefined ? { kind: 'unsafe', why: step.phaseUnsafe } : { kind: 'safe' };
}

function expectationsOf(expect: CommandSource['expect']): Expectation[] {
  if (expect === undefined) return [];
  if (typeof expect === 'string') return [{ that: expect, otherwise: `This must hold and does not: ${expect}` }];
  return expect.map((each) => ({ that: each.that, otherwise: each.else }));
}
