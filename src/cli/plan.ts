/** `keyturn plan <procedure> <cluster> [name=value …]`: what a run would do, read from the live hosts; nothing is changed. */
import type { Planned } from '../slack/ports.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type Planner = NonNullable<CliWorld['plan']>;

export async function plan(world: CliWorld, planner: Planner, procedure: string, cluster: string, pairs: readonly string[]): Promise<Exit> {
  const params = new Map<string, string>();
  for (const pair of pairs) {
    const [, name, value] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      world.complain(`“${pair}” is not of the form name=value.`);
      return EXIT.usage;
    }
    params.set(name, value);
  }
  const planned = await planner(procedure, cluster, Object.fromEntries(params));
  return show(world, planned);
}

function show(world: CliWorld, planned: Planned): Exit {
  if (planned.kind === 'refused') {
    for (const sentence of planned.why) world.complain(sentence);
    return EXIT.found;
  }
  for (const line of world.showPlan?.(planned) ?? linesOf(planned)) world.say(line);
  for (const problem of planned.plan.problems) world.complain(`Problem: ${problem}`);
  return planned.plan.problems.length === 0 ? EXIT.ok : EXIT.found;
}

function linesOf({ plan: it }: Extract<Planned, { kind: 'planned' }>): readonly string[] {
  const roles = Object.entries(it.roles).map(([role, host]) => `${role} ${host}`);
  return [
    `${it.procedure} on ${it.cluster}: ${it.title}`,
    ...(roles.length === 0 ? [] : [`Roles now: ${roles.join(', ')}`]),
    ...it.steps.flatMap((step) => [
      `${step.id.padEnd(6)} ${step.safety.padEnd(7)} ${step.title}${step.hosts.length === 0 ? '' : ` — ${step.hosts.join(', ')}`}`,
      ...(step.skipped === undefined ? [] : [`       skipped: ${step.skipped}`]),
      ...(step.why === undefined ? [] : [`       ${step.why}`]),
      ...(step.script === undefined
        ? []
        : step.script
            .trimEnd()
            .split('\n')
            .map((line) => `       $ ${line}`)),
    ]),
  ];
}
