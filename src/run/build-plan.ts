/** The plan of a run on a cluster as it is now. Pure: what the read-only discovery saw comes in. */
import { resolve } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep, Step } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import { anyHost, fillFor, type Setting } from './context.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { environmentOf } from './subject.ts';

/** `setting.roles` holds the discovered roles; `problems` why the run would stop, from the discovery. */
export function buildPlan(setting: Setting, problems: readonly string[]): Plan {
  const { procedure, cluster } = setting;
  return {
    procedure: procedure.name,
    title: procedure.title,
    cluster: cluster.name,
    procedureHash: procedure.hash,
    clusterHash: cluster.hash,
    roles: setting.roles,
    steps: procedure.steps.map((step) => plannedStep(setting, step)),
    approvers: cluster.may.approve,
    problems,
  };
}

function plannedStep(setting: Setting, step: Step): PlannedStep {
  switch (step.kind) {
    case 'announce':
      return { ...blank(step), kind: 'announce', safety: 'safe', why: fillFor(setting, step.text) };
    case 'command':
      return plannedCommand(setting, step);
    default:
      return assertNever(step);
  }
}

function blank(step: Step): Omit<PlannedStep, 'kind' | 'safety' | 'why'> {
  return {
    id: step.id,
    title: step.title,
    phase: step.phase,
    hosts: [],
    skipped: undefined,
    script: undefined,
    values: [],
    check: undefined,
    until: undefined,
    undo: undefined,
    seconds: undefined,
  };
}

function plannedCommand(setting: Setting, step: CommandStep): PlannedStep {
  const found = resolve(step.on, setting.cluster, setting.roles);
  const hosts = found.kind === 'hosts' ? found.hosts : [];
  return {
    ...blank(step),
    kind: 'command',
    safety: step.safety.kind,
    why: whyOf(step),
    hosts: hosts.map((host) => host.name),
    skipped: found.kind === 'hosts' || isBound(setting, step.on.role) ? undefined : found.why,
    script: step.run,
    values: valuesOn(setting, step, hosts),
    check: step.until?.run,
    until: step.until === undefined ? undefined : fillFor(setting, step.until.waiting, hosts[0] ?? anyHost(setting.cluster)),
    undo: step.undo === undefined ? undefined : fillFor(setting, step.undo, hosts[0] ?? anyHost(setting.cluster)),
    seconds: step.timeoutSeconds,
  };
}

/** The role is found at run time: its host is not known yet, rather than missing. */
function isBound(setting: Setting, role: string): boolean {
  return setting.procedure.steps.some((step) => step.kind === 'command' && Object.hasOwn(step.bind, role));
}

function whyOf(step: CommandStep): string | undefined {
  switch (step.safety.kind) {
    case 'safe':
      return undefined;
    case 'gated':
      return step.safety.ask;
    case 'unsafe':
      return step.safety.why;
    default:
      return assertNever(step.safety);
  }
}

function valuesOn(setting: Setting, step: CommandStep, hosts: readonly Host[]): PlannedStep['values'] {
  return hosts.flatMap((host) => {
    const env = environmentOf(setting, step, host);
    return env.kind === 'resolved' ? [{ host: host.name, env: env.value }] : [];
  });
}
