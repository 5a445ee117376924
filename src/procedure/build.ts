/** The engine's form of a procedure whose every check has passed. */
import { digestOf } from '../canonical.ts';
import { secondsOf } from './duration.ts';
import { type HttpPlace, requestOf } from './http.ts';
import type { InputSource } from './inputs-schema.ts';
import type {
  AnnounceStep,
  Capture,
  CommandStep,
  Copy,
  Edit,
  Expectation,
  Input,
  PersonStep,
  Procedure,
  Safety,
  Selector,
  Step,
  Unless,
  Until,
  ValueType,
} from './model.ts';
import type { CaptureSource, ExpectationSource, LookSource, UnlessSource, UntilSource } from './pieces-schema.ts';
import { requestsOf } from './parts.ts';
import {
  type Placed,
  type PlacedAnnounce,
  type PlacedCommand,
  type PlacedConfirm,
  type PlacedManual,
  roleOf,
  variablesOf,
} from './place.ts';
import type { CommandSource } from './source-schema.ts';
import { merged, shellOf, type Whole } from './whole.ts';

const defaults = { approval: '30m', every: '5s', maxLength: 200 } as const;

export function buildProcedure(whole: Whole, placed: readonly Placed[]): Procedure {
  const source = whole.own;
  const procedure = {
    name: source.procedure,
    product: source.product,
    title: source.title,
    ...(source.source === undefined ? {} : { source: source.source }),
    params: buildInputs(source.params),
    variables: buildInputs(variablesOf(whole)),
    roles: source.roles ?? {},
    secrets: Object.fromEntries(Object.entries(merged(whole, (each) => each.secrets)).map(([name, { title }]) => [name, title])),
    readOnly: source.read_only ?? false,
    approvalSeconds: secondsOf(source.approval ?? defaults.approval),
    steps: placed.map((step) => buildStep(whole, step)),
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

function buildStep(whole: Whole, step: Placed): Step {
  switch (step.kind) {
    case 'announce':
      return buildAnnounce(step);
    case 'manual':
    case 'confirm':
      return buildPerson(step);
    case 'command':
      return buildCommand(whole, step);
  }
}

function commonOf(step: Placed, title: string) {
  const when = whenOf(step.conditions.map(({ text }) => text));
  return { id: step.id, title, ...(step.phase === undefined ? {} : { phase: step.phase }), ...(when === undefined ? {} : { when }) };
}

function whenOf([first, ...others]: readonly string[]): string | undefined {
  return others.length === 0 ? first : [first, ...others].map((each) => `(${each})`).join(' && ');
}

function buildAnnounce(step: PlacedAnnounce): AnnounceStep {
  return { kind: 'announce', ...commonOf(step, 'Announce'), text: step.source.announce };
}

function buildPerson(step: PlacedManual | PlacedConfirm): PersonStep {
  if (step.kind === 'manual') {
    const { manual, title, exchanges } = step.source;
    const common = commonOf(step, title ?? 'By hand');
    return { kind: 'person', ...common, about: 'manual', text: manual, ...(exchanges === undefined ? {} : { exchanges }) };
  }
  const { confirm, title, second } = step.source;
  const common = commonOf(step, title ?? 'Confirm');
  return { kind: 'person', ...common, about: 'confirm', text: confirm, ...(second === undefined ? {} : { second }) };
}

function buildCommand(whole: Whole, step: PlacedCommand): CommandStep {
  const { source } = step;
  const until = source.until === undefined ? undefined : buildUntil(source.until);
  const shell = source.shell === undefined ? undefined : shellOf(whole, source.shell);
  const run = scriptOf(source, 'REQUEST');
  return {
    kind: 'command',
    ...commonOf(step, source.title),
    on: selectorOf(source.on),
    safety: safetyOf(step),
    ...(run === undefined ? {} : { run }),
    ...(source.copy === undefined ? {} : { copy: copyOf(source.copy) }),
    ...(source.edit === undefined ? {} : { edit: editOf(source.edit) }),
    ...(source.shell === undefined || shell === undefined ? {} : { shell: { name: source.shell, run: shell.run } }),
    ...(source.become === undefined ? {} : { become: source.become }),
    env: { ...source.env, ...requestEnv(step) },
    ...(source.answers === undefined ? {} : { answers: source.answers }),
    timeoutSeconds: source.timeout === undefined ? waitOf(until) : secondsOf(source.timeout),
    statuses: source.statuses ?? [0],
    read: source.read ?? 'text',
    ...(source.pattern === undefined ? {} : { pattern: source.pattern }),
    expect: expectationsOf(source.expect),
    warn: (source.warn ?? []).map(expectationOf),
    capture: Object.fromEntries(Object.entries(source.capture ?? {}).map(([name, each]) => [name, captureOf(each)])),
    bind: source.bind ?? {},
    ...(source.says === undefined ? {} : { says: source.says }),
    ...(until === undefined ? {} : { until }),
    ...(source.unless === undefined ? {} : { unless: buildUnless(source.unless) }),
    ...(source.unreachable === undefined ? {} : { unreachable: source.unreachable }),
    recheck: source.recheck ?? [],
    readOnly: source.read_only === true || source.bind !== undefined,
    ...(source.undo === undefined ? {} : { undo: source.undo }),
    retry: typeof source.retry === 'object' ? { kind: 'forbidden', instead: source.retry.forbidden } : { kind: 'allowed' },
    ...(source.advice === undefined ? {} : { advice: source.advice }),
  };
}

function scriptOf(look: LookSource, place: HttpPlace): string | undefined {
  return look.http === undefined ? look.run : requestOf(look.http, place).run;
}

/** Values of the requests of a step, beside its own `env`. */
function requestEnv(step: PlacedCommand): Readonly<Record<string, string>> {
  return Object.fromEntries(requestsOf(step).flatMap(({ http, place }) => Object.entries(requestOf(http, place).env)));
}

function lookOf(source: UntilSource | UnlessSource, place: HttpPlace) {
  const { read = 'text', expect, pattern } = source;
  return { run: scriptOf(source, place) ?? ':', read, expect, ...(pattern === undefined ? {} : { pattern }) };
}

function buildUntil(until: UntilSource): Until {
  const { every = defaults.every, growing_to, within, waiting } = until;
  const growing = growing_to === undefined ? {} : { growingToSeconds: secondsOf(growing_to) };
  return {
    ...lookOf(until, 'UNTIL'),
    waiting,
    everySeconds: secondsOf(every),
    ...growing,
    withinSeconds: typeof within === 'string' ? secondsOf(within) : within.seconds,
  };
}

/** For a step that only waits. */
function waitOf(until: Until | undefined): number {
  return typeof until?.withinSeconds === 'number' ? until.withinSeconds : 1;
}

function buildUnless(unless: UnlessSource): Unless {
  return { ...lookOf(unless, 'UNLESS'), saying: unless.saying };
}

function copyOf({ from, path, to, owner, mode }: NonNullable<CommandSource['copy']>): Copy {
  return {
    from: from === 'bot' ? { kind: 'bot' } : { kind: 'role', role: from },
    path,
    to: to ?? path,
    ...(owner === undefined ? {} : { owner }),
    ...(mode === undefined ? {} : { mode: mode.padStart(4, '0') }),
  };
}

function editOf({ path, set, replace }: NonNullable<CommandSource['edit']>): Edit {
  return { path, set: set ?? {}, replace: replace ?? [] };
}

function captureOf(source: CaptureSource): Capture {
  return typeof source === 'string' ? { value: source } : source;
}

function selectorOf(on: string): Selector {
  const kind = (['each', 'all', 'any'] as const).find((word) => on.startsWith(`${word} `)) ?? 'one';
  return { kind, role: roleOf(on) };
}

/** Whether a step does something on its hosts, rather than only wait. */
export function acts({ run, http, copy, edit }: Pick<CommandSource, 'run' | 'http' | 'copy' | 'edit'>): boolean {
  return run !== undefined || http !== undefined || copy !== undefined || edit !== undefined;
}

function safetyOf(step: PlacedCommand): Safety {
  const { unsafe, gate } = step.source;
  if (unsafe !== undefined) return { kind: 'unsafe', why: unsafe };
  if (gate !== undefined) return { kind: 'gated', ask: gate };
  return step.phaseUnsafe !== undefined && acts(step.source) ? { kind: 'unsafe', why: step.phaseUnsafe.text } : { kind: 'safe' };
}

function expectationsOf(expect: CommandSource['expect']): Expectation[] {
  if (expect === undefined) return [];
  if (typeof expect === 'string') return [{ that: expect, otherwise: `This must hold and does not: ${expect}` }];
  return expect.map(expectationOf);
}

function expectationOf({ that, else: otherwise }: ExpectationSource): Expectation {
  return { that, otherwise };
}
