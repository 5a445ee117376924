/** What a run would do, shown to the person who asked. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { Plan, PlannedStep } from '../../run/plan.ts';
import { content, type Part, say, sayLines, show } from './compose.ts';
import { code } from './escape.ts';
import type { Content } from './message.ts';
import { people } from './people.ts';
import { duration } from './times.ts';
import { listed, name, roleLines, words } from './words.ts';

/** A step takes up to three blocks. */
const WITH_SCRIPTS = 14;
const LINES = 40;

export function planView(plan: Plan): Content {
  const first = `Plan of ${name(plan.title)} (${name(plan.procedure)}) on ${name(plan.cluster)}: nothing was started.`;
  const problems = plan.problems.slice(0, 10).map((problem) => `• ${words(problem, 300)}`);
  const roles = roleLines(plan.roles);
  const head = [
    ...(problems.length === 0 ? [] : ['It cannot be carried out as it stands:', ...problems]),
    ...(roles === '' ? [] : ['Roles as found now:', roles]),
    `Who may approve: ${people({ users: [...plan.approvers.users], groups: [...plan.approvers.groups] })}`,
    `Procedure ${code(plan.procedureHash.slice(0, 12))}, cluster ${code(plan.clusterHash.slice(0, 12))}`,
  ];
  const steps = plan.steps.length <= WITH_SCRIPTS ? plan.steps.flatMap(stepParts) : inLines(plan.steps);
  return content([first, ...head, ...plan.steps.map(headOf)], [sayLines([`*${first}*`, ...head]), ...steps]);
}

function headOf(step: PlannedStep): string {
  const where = step.skipped === undefined ? whereOf(step) : `skipped: ${words(step.skipped, 200)}`;
  if (step.kind === 'announce') return `*${name(step.id)}* ${name(step.title)}: says “${words(step.why ?? '', 300)}”`;
  return `*${name(step.id)}* ${name(step.title)}: ${riskOf(step)}; ${where}`;
}

function whereOf(step: PlannedStep): string {
  return step.hosts.length === 0 ? 'hosts known later' : `on ${listed(step.hosts.map(name), 10)}`;
}

function riskOf(step: PlannedStep): string {
  const why = step.why === undefined ? '' : `: ${words(step.why, 300)}`;
  switch (step.safety) {
    case 'safe':
      return `safe${why}`;
    case 'gated':
      return `gate${why}`;
    case 'unsafe':
      return `UNSAFE${why}`;
    default:
      return assertNever(step.safety);
  }
}

function stepParts(step: PlannedStep): readonly Part[] {
  const lines = [
    headOf(step),
    step.until === undefined ? undefined : `Then waits for: ${words(step.until, 200)}`,
    step.safety === 'unsafe' && step.undo === undefined ? 'No undo.' : undefined,
    step.undo === undefined ? undefined : `Undo: ${words(step.undo, 200)}`,
    step.seconds === undefined ? undefined : `At most ${duration(step.seconds * 1000)}`,
  ];
  const shown = [
    step.script,
    step.check === undefined ? undefined : `${step.script === undefined ? '# until it holds' : '# then, until it holds'}:\n${step.check}`,
    ...valueLines(step),
  ];
  const scripts = shown.flatMap((text) => (text === undefined ? [] : [text.replace(/\n$/, '')]));
  return [sayLines(lines), ...(scripts.length === 0 ? [] : [show(scripts.join('\n'))])];
}

/** Values as comments under the scripts; once where every host gets the same. */
function valueLines(step: PlannedStep): readonly string[] {
  const lines = step.values.map(({ host, env }) => ({
    host,
    text: Object.entries(env)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  }));
  if (lines.every(({ text }) => text === '')) return [];
  const [first] = lines;
  if (first !== undefined && lines.every(({ text }) => text === first.text)) return [`# with ${first.text}`];
  return lines.map(({ host, text }) => `# on ${host} with ${text}`);
}

function inLines(steps: readonly PlannedStep[]): readonly Part[] {
  const shown = steps.slice(0, LINES).map((step) => say(headOf(step)));
  const rest = steps.length - shown.length;
  return [...shown, say(`${rest > 0 ? `… ${rest} more steps. ` : ''}The scripts are left out here: too many steps for one message.`)];
}
