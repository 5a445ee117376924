/** A plan as plain text for a terminal. Pure. */
import type { Plan, PlannedStep } from '../run/plan.ts';

const INDENT = ' '.repeat(10);

export function planLines(plan: Plan): readonly string[] {
  const roles = Object.entries(plan.roles).map(([role, host]) => `${role} ${host}`);
  const approvers = [...plan.approvers.users, ...plan.approvers.groups];
  return [
    `Plan of ${plan.procedure} (${plan.title}) on ${plan.cluster}: nothing was started.`,
    ...(roles.length === 0 ? [] : [`Roles as found now: ${roles.join(', ')}`]),
    `Who may approve (Slack ids): ${approvers.join(', ') || 'nobody'}`,
    ...plan.steps.flatMap((step) => ['', ...stepLines(step, plan.problems.length === 0)]),
  ];
}

/** Where the discovery failed, hosts are missing because nobody knows them yet, not because the step would be skipped. */
function stepLines(step: PlannedStep, discovered: boolean): readonly string[] {
  const said = [
    step.why,
    step.skipped === undefined ? undefined : discovered ? `skipped: ${step.skipped}` : 'its host is not known yet',
    ...scriptLines(step.script),
    ...step.values.map(({ host, env }) => `on ${host}: ${pairs(env)}`),
    step.until === undefined || step.skipped !== undefined ? undefined : `then waits for: ${step.until}`,
    step.undo === undefined ? undefined : `undo: ${step.undo}`,
    step.seconds === undefined ? undefined : `at most ${step.seconds} s`,
  ];
  return [headOf(step), ...said.flatMap((line) => (line === undefined ? [] : [INDENT + line]))];
}

function headOf(step: PlannedStep): string {
  const where = step.hosts.length === 0 ? '' : ` (on ${step.hosts.join(', ')})`;
  if (step.kind === 'announce') return `${'-'.padEnd(INDENT.length)}announce`;
  return `${step.id.padEnd(INDENT.length)}${riskOf(step.safety).padEnd(8)}  ${step.title}${where}`;
}

function riskOf(safety: PlannedStep['safety']): string {
  return safety === 'unsafe' ? 'UNSAFE' : safety;
}

function scriptLines(script: string | undefined): readonly string[] {
  return (script ?? '')
    .trimEnd()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [`$ ${line}`]));
}

function pairs(env: Readonly<Record<string, string>>): string {
  const all = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return all.join('  ') || 'no values';
}
