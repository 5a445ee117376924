/** `keyturn plan <procedure> <cluster> [name=value …]`: what a run would do, read from the live hosts; nothing is changed. */
import type { Planned } from '../slack/ports.ts';
import { planLines } from './plan-text.ts';
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
  for (const line of planLines(planned.plan)) world.say(line);
  if (planned.plan.problems.length > 0) world.complain('\nIt cannot be carried out as it stands:');
  for (const problem of planned.plan.problems) world.complain(`- ${problem}`);
  return planned.plan.problems.length === 0 ? EXIT.ok : EXIT.found;
}
