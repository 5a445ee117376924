/** The engine's form of a procedure whose every check has passed. */
import { digestOf } from '../canonical.ts';
import { buildInputs } from './build-inputs.ts';
import {
  buildUnless,
  buildUntil,
  captureOf,
  copyOf,
  editOf,
  expectationOf,
  expectationsOf,
  scriptOf,
  selectorOf,
  waitOf,
} from './build-parts.ts';
import { secondsOf } from './duration.ts';
import { requestOf } from './http.ts';
import type { AnnounceStep, CommandStep, PersonStep, Procedure, Safety, Step } from './model.ts';
import { acts, requestsOf } from './parts.ts';
import { rightsOf, ruleOf } from './policy-source.ts';
import { type Placed, type PlacedAnnounce, type PlacedCommand, type PlacedConfirm, type PlacedManual, variablesOf } from './place.ts';
import { merged, shellOf, type Whole } from './whole.ts';

/** How long a request for approval stays open. */
const approval = '30m';

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
    ...(source.may === undefined ? {} : { may: rightsOf(source.may) }),
    approvalSeconds: secondsOf(source.approval ?? approval),
    steps: placed.map((step) => buildStep(whole, step)),
  };
  return { ...procedure, hash: digestOf(procedure) };
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
  const { confirm, title, second, approve } = step.source;
  const common = commonOf(step, title ?? 'Confirm');
  const who = { ...(second === undefined ? {} : { second }), ...(approve === undefined ? {} : { approve: ruleOf(approve) }) };
  return { kind: 'person', ...common, about: 'confirm', text: confirm, ...who };
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
    ...(source.approve === undefined ? {} : { approve: ruleOf(source.approve) }),
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

/** Values of the requests of a step, beside its own `env`. */
function requestEnv(step: PlacedCommand): Readonly<Record<string, string>> {
  return Object.fromEntries(requestsOf(step).flatMap(({ http, place }) => Object.entries(requestOf(http, place).env)));
}

function safetyOf(step: PlacedCommand): Safety {
  const { unsafe, gate } = step.source;
  if (unsafe !== undefined) return { kind: 'unsafe', why: unsafe };
  if (gate !== undefined) return { kind: 'gated', ask: gate };
  return step.phaseUnsafe !== undefined && acts(step.source) ? { kind: 'unsafe', why: step.phaseUnsafe.text } : { kind: 'safe' };
}
