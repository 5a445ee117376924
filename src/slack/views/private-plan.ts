/** What a run would do, shown to the person who asked. Pure. */
import type { LastTime, Plan } from '../../run/plan.ts';
import { content, sayLines } from './compose.ts';
import { code } from './escape.ts';
import type { Content } from './message.ts';
import { quorums } from './people.ts';
import { headOf, placeOf, stepsShown } from './planned-step.ts';
import { duration, slackTime } from './times.ts';
import { name, roleLines, words } from './words.ts';

/** The plan, and its scripts in further messages where they do not fit into the first. */
export function planViews(plan: Plan): readonly Content[] {
  const first = `Plan of ${name(plan.title)} (${name(plan.procedure)}) on ${name(plan.cluster)}: nothing was started.`;
  const problems = plan.problems.slice(0, 10).map((problem) => `• ${words(problem, 300)}`);
  const roles = roleLines(plan.roles);
  const given = Object.entries(plan.params).map(([key, value]) => `${name(key)}=${words(value, 100)}`);
  const head = [
    ...(problems.length === 0 ? [] : ['It cannot be carried out as it stands:', ...problems]),
    ...(given.length === 0 ? [] : [`With ${given.slice(0, 15).join(', ')}${given.length > 15 ? ` and ${given.length - 15} more` : ''}`]),
    ...(roles === '' ? [] : ['Roles as found now:', roles]),
    `Who may approve: ${quorums(plan.approvers)}`,
    lastTime(plan.last),
    `Digest ${code(plan.digest.slice(0, 12))}: a run notes the same as long as nothing changes. Procedure ${code(plan.procedureHash.slice(0, 12))}, cluster ${code(plan.clusterHash.slice(0, 12))}`,
  ];
  const top = sayLines([`*${first}*`, ...head]);
  const shown = stepsShown(plan, top);
  const titleOf = (at: number): string => `Plan of ${name(plan.title)} on ${name(plan.cluster)}: scripts${placeOf(at, shown.pages.length)}`;
  return [
    content([first, ...head, `Digest ${name(plan.digest)}`, ...plan.steps.map(headOf)], [top, ...shown.first]),
    ...shown.pages.map(({ steps, parts }, at) => content([titleOf(at), ...steps.map(headOf)], [sayLines([`*${titleOf(at)}*`]), ...parts])),
  ];
}

function lastTime(last: LastTime | undefined): string {
  if (last === undefined) return 'How long it takes is not known: it has not succeeded here before.';
  return `Last time it took ${duration(last.ms)} (${name(last.run)}, ended ${slackTime(last.endedAt)}).`;
}
