/** The plan of a run on a cluster as it is now. Pure: what the read-only discovery saw comes in. */
import { digestOf } from '../canonical.ts';
import { resolve } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import { evaluateTruth } from '../procedure/expression.ts';
import type { CommandStep, PersonStep, Selector, Step } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import { selectorWords } from './checks.ts';
import { anyHost, contextFor, fillFor, type Setting, surroundings } from './context.ts';
import { limitOf } from './limit.ts';
import { missingIn, rulesFor } from './policy.ts';
import type { LastTime, Plan, PlannedStep } from './plan.ts';
import { environmentOf, valueOn } from './subject.ts';

/** `setting` holds the discovered roles and values; `problems` why the run would stop, from the discovery. */
export function buildPlan(setting: Setting, problems: readonly string[], last?: LastTime): Plan {
  const { procedure, cluster, params } = setting;
  const steps = plannedSteps(setting);
  return {
    procedure: procedure.name,
    title: procedure.title,
    cluster: cluster.name,
    procedureHash: procedure.hash,
    clusterHash: cluster.hash,
    digest: digestFrom(setting, steps),
    params,
    roles: setting.roles,
    steps,
    approvers: missingIn(rulesFor(setting), []),
    problems,
    last,
  };
}

/** The digest of what would be done: the same for a plan and for a run whose cluster looks the same. */
export function planDigest(setting: Setting): string {
  return digestFrom(setting, plannedSteps(setting));
}

function digestFrom({ procedure, cluster, params, roles }: Setting, steps: readonly PlannedStep[]): string {
  return digestOf({ procedure: procedure.hash, cluster: cluster.hash, params, roles, steps });
}

function plannedSteps(setting: Setting): readonly PlannedStep[] {
  return setting.procedure.steps.map((step) => plannedStep(setting, step));
}

function plannedStep(setting: Setting, step: Step): PlannedStep {
  const skipped = whySkipped(setting, step);
  switch (step.kind) {
    case 'announce':
      return { ...blank(setting, step), skipped, why: shownFor(setting, step.text) };
    case 'person':
      return plannedPerson(setting, step, skipped);
    case 'command':
      return plannedCommand(setting, step, skipped);
    default:
      return assertNever(step);
  }
}

/** Text for people; a role that a later step finds is named by the step, rather than missing. */
function shownFor(setting: Setting, text: string, host?: Host): string {
  const later = setting.procedure.steps.flatMap((step) =>
    step.kind === 'command' ? Object.keys(step.bind).map((role) => [role, `(the ${role.replaceAll('_', ' ')}, found by ${step.id})`]) : [],
  );
  return fillFor({ ...setting, roles: { ...Object.fromEntries(later), ...setting.roles } }, text, host);
}

/** A condition that nothing can decide yet is decided when the step is due. */
function whySkipped(setting: Setting, step: Step): string | undefined {
  if (step.when === undefined) return undefined;
  const met = evaluateTruth(step.when, contextFor(setting, undefined), surroundings(setting));
  return met.kind === 'value' && !met.value ? `its condition does not hold here: ${step.when}` : undefined;
}

function blank(setting: Setting, step: Step): PlannedStep {
  return {
    id: step.id,
    title: shownFor(setting, step.title),
    phase: step.phase,
    kind: step.kind,
    safety: 'safe',
    asks: 'nobody',
    besides: step.kind === 'announce' || step.approve === undefined ? undefined : missingIn(rulesFor(setting, [step]).slice(-1), []),
    together: undefined,
    why: undefined,
    hosts: [],
    atOnce: false,
    skipped: undefined,
    script: undefined,
    within: undefined,
    values: [],
    files: undefined,
    answers: [],
    unless: undefined,
    requires: undefined,
    check: undefined,
    until: undefined,
    undo: undefined,
    seconds: undefined,
  };
}

function plannedPerson(setting: Setting, step: PersonStep, skipped: string | undefined): PlannedStep {
  const asks = step.second === undefined ? 'press' : 'second';
  return { ...blank(setting, step), skipped, asks, why: shownFor(setting, step.text) };
}

function plannedCommand(setting: Setting, step: CommandStep, condition: string | undefined): PlannedStep {
  const found = resolve(step.on, setting.cluster, setting.roles);
  const hosts = found.kind === 'hosts' && condition === undefined ? found.hosts : [];
  const one = hosts[0] ?? anyHost(setting.cluster);
  const spoken = hosts.length === 1 ? one : anyHost(setting.cluster);
  const words = (text: string | undefined): string | undefined => (text === undefined ? undefined : shownFor(setting, text, spoken));
  const missing = found.kind === 'hosts' || isBound(setting, step.on.role) ? undefined : found.why;
  return {
    ...blank(setting, step),
    safety: step.safety.kind,
    asks: step.safety.kind === 'safe' ? 'nobody' : step.safety.kind === 'gated' ? 'press' : 'second',
    together: step.together,
    why: whyOf(setting, step),
    hosts: hosts.map((host) => host.name),
    atOnce: step.on.kind === 'all',
    skipped: condition ?? missing,
    script: step.run,
    within: withinOf(step),
    values: valuesOn(setting, step, hosts),
    files: filesOf(setting, step, one),
    answers: step.answers ?? [],
    unless: words(step.unless?.saying),
    requires: step.requires?.map(({ says, on }) =>
      requiredWords(shownFor(setting, says, on === undefined ? spoken : anyHost(setting.cluster)), on),
    ),
    check: step.until?.run,
    until: words(step.until?.waiting),
    undo: words(step.undo),
    seconds: secondsOf(setting, step, one),
  };
}

function requiredWords(what: string, on: Selector | undefined): string {
  return on === undefined ? what : `${what} (on ${selectorWords(on)})`;
}

/** The limit of what it does; of the wait, where it only waits. */
function secondsOf(setting: Setting, step: CommandStep, one: Host | undefined): number | undefined {
  if (step.until === undefined || step.run !== undefined || step.copy !== undefined || step.edit !== undefined) return step.timeoutSeconds;
  const limit = limitOf(setting, step.until, one?.name ?? '');
  return limit.kind === 'resolved' ? limit.value : undefined;
}

/** The role is found at run time: its host is not known yet, rather than missing. */
function isBound(setting: Setting, role: string): boolean {
  return setting.procedure.steps.some((step) => step.kind === 'command' && Object.hasOwn(step.bind, role));
}

function whyOf(setting: Setting, step: CommandStep): string | undefined {
  switch (step.safety.kind) {
    case 'safe':
      return undefined;
    case 'gated':
      return shownFor(setting, step.safety.ask);
    case 'unsafe':
      return shownFor(setting, step.safety.why);
    default:
      return assertNever(step.safety);
  }
}

function withinOf({ shell, become }: CommandStep): string | undefined {
  const parts = [
    shell === undefined ? undefined : `in the shell ${shell.name} (${shell.run})`,
    become === undefined ? undefined : `as ${become}`,
  ];
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : said.join(', ');
}

function filesOf(setting: Setting, { copy, edit }: CommandStep, host: Host | undefined): string | undefined {
  const shown = (expression: string): string => {
    if (host === undefined) return expression;
    const value = valueOn(setting, expression, host);
    return value.kind === 'resolved' ? value.value : expression;
  };
  if (copy !== undefined) {
    const from = copy.from.kind === 'bot' ? 'the worker’s own files' : copy.from.role;
    return `copies ${shown(copy.path)} from ${from} to ${shown(copy.to)}`;
  }
  if (edit === undefined) return undefined;
  const set = Object.entries(edit.set).map(([name, value]) => `sets ${name} to ${shown(value)}`);
  const replace = edit.replace.map((each) => `replaces ${shown(each.text)} by ${shown(each.with)}`);
  return `edits ${shown(edit.path)}: ${[...set, ...replace].join('; ')}`;
}

function valuesOn(setting: Setting, step: CommandStep, hosts: readonly Host[]): PlannedStep['values'] {
  return hosts.flatMap((host) => {
    const env = environmentOf(setting, step, host);
    return env.kind === 'resolved' ? [{ host: host.name, env: env.value }] : [];
  });
}
